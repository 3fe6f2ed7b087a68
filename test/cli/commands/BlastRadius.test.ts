/** `grantlog blast-radius`: what lives, what would end and what ended, in lines and as JSON; and what it refuses. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import type { BlastRadius } from "../../../src/audit/index.ts"
import { grantlogHere } from "../../live/support/InProcess.ts"
import { APP, namedStore, type NamedStore } from "../../live/support/NamedStore.ts"

const COUNTS = "1 grant of 1 client and 1 subject; alive: 1 refresh token, 1 access token, 0 codes"

let store: NamedStore

beforeAll(async () => {
  store = await namedStore()
  await store.ask("blast-radius", "--nothing")
  return () => store[Symbol.dispose]()
})

const radiusNow = () => store.json<BlastRadius>("blast-radius", APP.id)

const refused = async (code: number, sentence: string, ...args: ReadonlyArray<string>) =>
  expect(await store.ask("blast-radius", ...args)).toEqual({ code, stdout: "", stderr: `grantlog: ${sentence}\n` })

describe("a question that cannot be meant", () => {
  it("is refused in a sentence", async () => {
    await refused(2, "name a grant, client, subject, account or digest, or give --since")
    await refused(2, "--yes goes with --revoke", APP.id, "--yes")
    await refused(
      2,
      "--limit is `-1`: give a value between 0 and 100000 (try grantlog blast-radius --help)",
      ...[APP.id, "--limit", "-1"],
    )
    await refused(
      2,
      "--limit is `100001`: give a value between 0 and 100000 (try grantlog blast-radius --help)",
      ...[APP.id, "--limit", "100001"],
    )
  })
})

describe("what is alive", () => {
  it("is of something, or of everything that was approved since", async () => {
    const radius = await radiusNow()
    expect(radius).toMatchObject({ root: `client ${APP.id}`, counts: { grants: 1 }, grants: [{ clientId: APP.id }] })
    expect(radius).not.toHaveProperty("isDryRun")
    const recent = await store.json<BlastRadius>("blast-radius", "--since", "2h", "--limit", "0")
    expect(recent).toMatchObject({ root: "everything", counts: { grants: 1 }, grants: [] })
    const { stdout } = await store.ask("blast-radius", "--since", "1s")
    expect(stdout).toBe(
      "everything  0 grants of 0 clients and 0 subjects; alive: 0 refresh tokens, 0 access tokens, 0 codes\n",
    )
  })

  it("is told by a tree, which alone ends nothing and says no more", async () => {
    const { code, stdout, stderr } = await store.ask("blast-radius", APP.id)
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout.split("\n")[0]).toBe(`client ${APP.id} ("${APP.name}")  ${COUNTS}`)
    expect(stdout).not.toContain("nothing was changed")
  })
})

describe("ending it", () => {
  it("is only said without --yes: in the last line, or by the ids", async () => {
    const radius = await radiusNow()
    const { code, stdout } = await store.ask("blast-radius", APP.id, "--revoke")
    const lines = stdout.split("\n")
    expect([code, lines[0], lines.at(-2)]).toEqual([
      0,
      `client ${APP.id} ("${APP.name}")  ${COUNTS}`,
      "nothing was changed: 1 grants would end; give --yes to end them",
    ])
    expect(await store.json("blast-radius", APP.id, "--revoke")).toEqual({
      ...radius,
      asOf: expect.objectContaining({ size: radius.asOf.size }),
      isDryRun: true,
      grantIds: [store.grants.open],
    })
  })

  it("is done with --yes, and what is left is told", async () => {
    const ended = await store.ask("blast-radius", APP.id, "--revoke", "--yes")
    expect(ended).toEqual({ code: 0, stdout: "1 grants ended; left: 0\n", stderr: "" })
    expect(await store.json("blast-radius", APP.id, "--revoke", "--yes")).toMatchObject({
      revokedGrantIds: [],
      left: { root: `client ${APP.id}`, counts: { grants: 0 } },
    })
  })

  it("is not done where more was approved meanwhile, and says so with exit code 1", async () => {
    const radius = await radiusNow()
    const counts = { ...radius.counts, grants: 1 }
    const left = JSON.stringify({ revokedGrantIds: ["one", "two"], left: { ...radius, counts } })
    const server = createServer((_, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(left),
    ).listen(0, "localhost")
    await new Promise((resolve) => server.once("listening", resolve))
    onTestFinished(() => void server.close())
    const admin = ["--admin", `http://localhost:${(server.address() as AddressInfo).port}`]
    const env = { GRANTLOG_ADMIN_CREDENTIAL: "x".repeat(43) }
    const ran = await grantlogHere(["blast-radius", APP.id, "--revoke", "--yes", ...admin], { env })
    expect(ran).toEqual({
      code: 1,
      stdout: "2 grants ended; left: 1\n",
      stderr: "grantlog: more was approved in the meantime: disable the client, or run this again\n",
    })
  })
})
