/** What the admin API answers where the store, its settings or the program fail: every operation, over places that do. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { adminEndpoints } from "../../../src/cli/admin/AdminEndpoints.ts"
import { documentOf } from "../../../src/cli/admin/Document.ts"
import { namesInPath, type AnyOperation } from "../../../src/cli/admin/Operation.ts"
import { operations } from "../../../src/cli/admin/operations/index.ts"
import type { OperationFault, Place } from "../../../src/cli/admin/Place.ts"
import { StoreFault } from "../../../src/log/index.ts"
import { ConfigFault, RateLimited, Unavailable } from "../../../src/provider/index.ts"

const CREDENTIAL = "c".repeat(43)

/** What has to be in a body for an operation to get as far as its place. */
const bodies: Readonly<Record<string, object>> = {
  addClient: { metadata: {} },
  addAccount: { name: "eve" },
  setPassword: { password: "long enough" },
  explain: { about: "x" },
  blastRadius: { about: "x" },
  revokeBlastRadius: { about: "x" },
}

const placeThat = (failing: Effect.Effect<never, OperationFault>): Place => ({
  workplace: failing,
  examined: failing,
  withArchives: () => failing,
  signingKeys: failing,
  requestOrigins: failing,
  onProgress: () => {},
})

const askAll = async (failing: Effect.Effect<never, OperationFault>) => {
  const defects: Array<unknown> = []
  const told: Array<string> = []
  const endpoints = adminEndpoints({
    place: placeThat(failing),
    operations,
    credential: CREDENTIAL,
    document: () => "{}",
    host: "admin.example",
    onDefect: (defect) => defects.push(defect),
    onFault: (sentence) => told.push(sentence),
  })
  const ask = (one: AnyOperation) =>
    Effect.runPromise(
      endpoints(
        {
          method: one.method,
          path: namesInPath(one.path).reduce((path, name) => path.replace(`{${name}}`, "x"), one.path as string),
          query: "",
          headers: {
            host: "ADMIN.example:4001",
            authorization: `Bearer ${CREDENTIAL}`,
            "content-type": "application/json",
          },
          body: bodies[one.name] === undefined ? "" : JSON.stringify(bodies[one.name]),
          source: "192.0.2.1",
        },
        "request",
      ),
    )
  const answers = await Promise.all(operations.map(ask))
  return { defects, told, answers }
}

const documented = JSON.parse(documentOf(operations)) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>
}

const isDocumented = (one: AnyOperation, status: number): boolean =>
  String(status) in documented.paths[one.path]![one.method.toLowerCase()]!.responses

describe("the admin API", () => {
  const faults: ReadonlyArray<readonly [OperationFault, number, string, string | undefined]> = [
    [new StoreFault({ reason: "busy", message: "the store is busy" }), 503, "temporarily_unavailable", "1"],
    [new Unavailable({ message: "the clock is behind", retryAfterSeconds: 2.5 }), 503, "temporarily_unavailable", "3"],
    [new RateLimited({ message: "too often", retryAfterSeconds: 7 }), 429, "too_many_requests", "7"],
    [new ConfigFault({ message: "the key ring is gone" }), 500, "server_error", undefined],
    [new StoreFault({ reason: "corrupt", message: "the file is damaged" }), 500, "server_error", undefined],
    [new StoreFault({ reason: "newer", message: "a later version has it" }), 500, "server_error", undefined],
  ]

  it.each(faults)(
    "answers %s with a status that the document names, its sentence, and when coming again may help; the operator is told what the server lacks",
    async (...one) => {
      const [fault, status, error, retryAfter] = one
      const { answers, defects, told } = await askAll(Effect.fail(fault))
      expect(defects).toEqual([])
      expect(told).toEqual(status === 429 ? [] : operations.map(() => fault.message))
      for (const [index, answer] of answers.entries()) {
        expect(
          [answer.status, answer.headers["retry-after"], JSON.parse(answer.body)],
          operations[index]!.name,
        ).toEqual([...[status, retryAfter, { error, error_description: fault.message }]])
        expect(isDocumented(operations[index]!, status)).toBe(true)
      }
    },
  )

  it("answers a defect with nothing of it, and tells the operator", async () => {
    const defect = new Error("planted: at line 7 of some file")
    const { answers, defects } = await askAll(Effect.die(defect))
    expect(defects).toEqual(operations.map(() => defect))
    for (const { status, body } of answers) {
      expect(status).toBe(500)
      expect(body).not.toContain("planted")
    }
  })
})
