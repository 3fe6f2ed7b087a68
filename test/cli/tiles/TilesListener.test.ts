/** What is answered about a log's tree and its checkpoint, to anybody, and what where the log cannot be read. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Option } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { tilesListener, type TiledLog } from "../../../src/cli/tiles/TilesListener.ts"
import { publishTiles } from "../../../src/cli/tiles/Publish.ts"
import { emptyRoot, signCheckpoint, signingKey, StoreFault, type EventLog } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"
import { memoryCheckpoints } from "../../audit/proof/MemoryCheckpoints.ts"

const serving = async (tiled: TiledLog): Promise<string> => {
  const http = createServer(tilesListener(tiled))
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

it("a log that cannot be read is answered with 503, and nothing of why", async () => {
  const told: Array<string> = []
  const fault = Effect.fail(new StoreFault({ reason: "corrupt", message: "the disk is gone" }))
  const log = { ...memoryStore(), readTree: () => fault }
  const url = await serving({ log, checkpoint: fault, onFault: (sentence) => told.push(sentence) })
  for (const path of ["checkpoint", "tile/0/000.p/1"]) {
    const answer = await fetch(`${url}/${path}`)
    const { status, headers } = answer
    expect([status, headers.get("retry-after"), headers.get("cache-control")]).toEqual([503, "1", "no-store"])
    expect(await answer.text()).toBe("the log cannot be read\n")
  }
  expect(told).toEqual(["the disk is gone", "the disk is gone"])
})

it("a log without entries has no tile, and a log without a checkpoint says so", async () => {
  const url = await serving({ log: memoryStore(), checkpoint: Effect.succeed(Option.none()), onFault: () => {} })
  const texts = await Promise.all(
    ["checkpoint", "tile/0/000.p/1"].map(async (path) => {
      const answer = await fetch(`${url}/${path}`)
      return [answer.status, await answer.text()]
    }),
  )
  expect(texts).toEqual([
    [404, "there is no checkpoint yet\n"],
    [404, "the log has no such tile\n"],
  ])
})

describe("a request", () => {
  const NOTE = "a signed note\n"
  /** A log of two entries, whose hashes say where they stand. */
  const hashOf = (level: number, index: number) => Buffer.alloc(32, `${level}${index}`).toString("base64url")
  const log = {
    ...memoryStore(),
    readTree: (body: (tree: object) => unknown) => Effect.sync(() => body({ size: 2, hashOf })),
  } as unknown as EventLog
  const published: TiledLog = { log, checkpoint: Effect.succeed(Option.some(NOTE)), onFault: expect.fail }

  const asked = (request: { readonly method?: string; readonly url?: string }, tiled = published) =>
    new Promise((resolve) => {
      const reply: { status?: number; headers?: object } = {}
      const response = {
        writeHead: (status: number, headers: object) => void Object.assign(reply, { status, headers }),
        end: (body?: string | Uint8Array) =>
          resolve({ ...reply, body: body === undefined ? undefined : Buffer.from(body).toString() }),
        destroy: () => resolve("destroyed"),
      }
      tilesListener(tiled)(request as IncomingMessage, response as unknown as ServerResponse)
    })

  const answered = (status: number, body: string, more: Readonly<Record<string, string>> = {}) => ({
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
      ...more,
    },
    body,
  })
  const tile = answered(200, "00".repeat(16) + "01".repeat(16), {
    "content-type": "application/octet-stream",
    "cache-control": "public, max-age=31536000, immutable",
  })
  const head = answered(200, NOTE, { "cache-control": "public, max-age=5" })
  const entries =
    "entries are not published: they carry digests and subjects' ids; grantlog prove and grantlog export give them out\n"

  it.each([
    ["the checkpoint", { method: "GET", url: "/checkpoint" }, head],
    ["the checkpoint with a query", { method: "GET", url: "/checkpoint?a=b" }, head],
    ["the head of it", { method: "HEAD", url: "/checkpoint" }, { ...head, body: undefined }],
    ["a tile", { method: "GET", url: "/tile/0/000.p/2" }, tile],
    ["the head of a tile", { method: "HEAD", url: "/tile/0/000.p/2" }, { ...tile, body: undefined }],
    [
      "a tile that is not there yet",
      { method: "GET", url: "/tile/0/000" },
      answered(404, "the log has no such tile\n"),
    ],
    ["entries", { method: "GET", url: "/tile/entries/000.p/2" }, answered(404, entries)],
    ["something else", { method: "GET", url: "/tiles/entries/000" }, answered(404, "not found\n")],
    ["nothing", { method: "GET" }, answered(404, "not found\n")],
    [
      "something to be changed",
      { method: "POST", url: "/checkpoint" },
      answered(405, "this takes GET and HEAD\n", { allow: "GET, HEAD" }),
    ],
  ])("for %s is answered as whoever keeps answers may rely on", async (_, request, reply) => {
    expect(await asked(request)).toEqual(reply)
  })

  it("is answered by nothing where the program is at fault", async () => {
    const defect = { ...published, checkpoint: Effect.die(new Error("planted")) }
    expect(await asked({ method: "GET", url: "/checkpoint" }, defect)).toBe("destroyed")
  })
})

describe("a server", () => {
  const key = signingKey("id.example.com", Buffer.alloc(32, 1))
  const note = signCheckpoint(0, emptyRoot, key)
  const kept = { storage: memoryCheckpoints(note), key }
  const publishing = (port: number | undefined, host: string, checkpoints?: typeof kept) => {
    const flags = { tilesPort: Option.fromUndefinedOr(port), tilesHost: Option.some(host) }
    return publishTiles(flags, memoryStore(), checkpoints, undefined, expect.fail)
  }

  it("publishes where it was told to, and nowhere where it was not, or keeps no checkpoint", async () => {
    const nowhere = Effect.all([publishing(undefined, "127.0.0.1", kept), publishing(0, "127.0.0.1")])
    expect(await Effect.runPromise(Effect.scoped(nowhere))).toEqual([undefined, undefined])
    const somewhere = Effect.gen(function* () {
      const port = yield* publishing(0, "127.0.0.1", kept)
      return yield* Effect.promise(async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/checkpoint`, { headers: { connection: "close" } })
        return [answer.status, await answer.text()]
      })
    })
    expect(await Effect.runPromise(Effect.scoped(somewhere))).toEqual([200, note])
  })

  it("says by which flag another address is given", async () => {
    const fault = await Effect.runPromise(Effect.flip(Effect.scoped(publishing(0, "192.0.2.1", kept))))
    expect(fault.message).toBe(
      "--tiles-host `192.0.2.1` is no address of this machine: give one, or none for both loopbacks",
    )
  })
})
