/** Asking witnesses: what they answer while others show them the same log, and while they make no sense. */
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { checkpointTable, checkpointsIn } from "../../../src/audit/proof/CheckpointRows.ts"
import { cosignNow, type WitnessReply } from "../../../src/audit/proof/Witnesses.ts"
import { memoryPlace, parseWitnessKey } from "../../../src/log/index.ts"
import { liveRandomness, memoryStore } from "../../../src/provider/index.ts"
import { serverOver } from "../../support/TestServer.ts"
import { cosigner } from "../../support/Witness.ts"

const run = Effect.runPromise
const PREFIX = "https://w.example"
const witness = cosigner("w.example", "ed25519")
const keys = [parseWitnessKey(witness.vkey)!]

/** Entries of the log that is asked about. */
const SIZE = 2

const reply = (status: number, body: string): WitnessReply => Result.succeed({ status, body })
const cosigned = (request: string): WitnessReply => {
  const checkpoint = request.slice(request.indexOf("\n\n") + 2)
  return reply(200, witness.sign(checkpoint.slice(0, checkpoint.lastIndexOf("\n\n") + 1)))
}

/** A log, and what becomes of it where a witness answers the n-th request, from 0 on, so. */
const asked = async (answer: (n: number, add: () => Promise<void>, request: string) => Promise<WitnessReply>) => {
  const log = memoryStore()
  const { native } = await serverOver({ store: log })
  const metadata = { redirect_uris: ["http://127.0.0.1/"] }
  const add = async () => void (await run(native.addClient({ metadata })))
  await add()
  const place = checkpointsIn(memoryPlace(checkpointTable), "there", [])
  const key = await run(place.openKey("https://id.example.com", liveRandomness))
  const requests: Array<string> = []
  const quorum = { keys, count: 1 }
  const ask = (prefix: string, body: string) =>
    Effect.promise(() => {
      expect(prefix).toBe(PREFIX)
      requests.push(body.split("\n")[0]!)
      return answer(requests.length - 1, add, body)
    })
  const witnessed = await run(cosignNow(log, key, place, { prefixes: [PREFIX], quorum, ask }))
  return { witnessed, requests, kept: await run(place.readWitnessed), size: (await run(log.head)).size }
}

describe("a witness", () => {
  it("that another instance has shown more is asked about a newer checkpoint", async () => {
    const { witnessed, requests, kept, size } = await asked(async (n, add, request) => {
      if (n === 0) {
        await add()
        return reply(409, "3\n")
      }
      return n === 1 ? reply(409, "3\n") : cosigned(request)
    })
    expect(witnessed).toMatchObject({ isWitnessed: true, refusals: [], head: { size } })
    expect(kept).toEqual([witnessed.head.checkpoint])
    expect(requests).toEqual(["old 0", "old 0"].concat(size === 3 ? ["old 3"] : []))
  })

  it("that is ahead of every checkpoint contradicts nothing, as long as the log has what it saw", async () => {
    let sizeBefore = 2
    const { witnessed, kept } = await asked(async (_, add) => {
      await add()
      return reply(409, `${++sizeBefore}\n`)
    })
    expect(witnessed).toMatchObject({ isWitnessed: false, cosignatures: [] })
    expect(witnessed.refusals).toEqual([
      { witness: PREFIX, reason: "unusable", message: "is shown newer checkpoints: try again" },
    ])
    expect(kept).toEqual([])
  })

  it("that has seen more than there is contradicts the log", async () => {
    const { witnessed, requests } = await asked(async () => reply(409, "7\n"))
    expect(witnessed.refusals).toMatchObject([{ reason: "contradicted" }])
    expect(requests).toEqual(["old 0"])
  })

  it.each([
    ["says it", `${SIZE}\n`],
    ["says nothing", ""],
  ])("that has another root for the very size contradicts the log, where it %s again", async (_, again) => {
    const { witnessed, requests, size } = await asked(async (n) => reply(409, n === 0 ? `${SIZE}\n` : again))
    expect(size).toBe(SIZE)
    expect(requests).toEqual(["old 0", `old ${SIZE}`])
    expect(witnessed).toMatchObject({ isWitnessed: false, refusals: [{ witness: PREFIX, reason: "contradicted" }] })
    expect(witnessed.refusals[0]!.message).toContain(`its first ${SIZE} entries are not those`)
  })

  it("that names another size each time is asked three times", async () => {
    const { witnessed, requests } = await asked(async (n) => reply(409, `${n % 2 === 0 ? 1 : 0}`))
    expect(requests).toEqual(["old 0", "old 1", "old 0"])
    expect(witnessed.refusals).toMatchObject([
      { reason: "unusable", message: "names another size whenever it is asked: try again later" },
    ])
  })

  it("is told where the proof begins again, and sent no proof from nothing", async () => {
    const bodies: Array<string> = []
    const { witnessed } = await asked(async (n, _, request) => {
      bodies.push(request)
      return n === 0 ? reply(409, "1\n") : cosigned(request)
    })
    expect(witnessed.isWitnessed).toBe(true)
    const proofs = bodies.map((body) => body.slice(0, body.indexOf("\n\n")).split("\n").slice(1))
    expect(proofs).toEqual([[], [expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/)]])
  })
})
