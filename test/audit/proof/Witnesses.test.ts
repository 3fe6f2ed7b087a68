/** Asking witnesses: what they answer while others show them the same log, and while they make no sense. */
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { checkpointTable, checkpointsIn } from "../../../src/audit/proof/CheckpointRows.ts"
import { cosignNow, type WitnessReply } from "../../../src/audit/proof/Witnesses.ts"
import { formatVerifierKey, memoryPlace, parseWitnessKey } from "../../../src/log/index.ts"
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
const asked = async (
  answer: (n: number, add: () => Promise<void>, request: string) => Promise<WitnessReply>,
  { prefixes = [PREFIX], count = 1, isEmpty = false } = {},
) => {
  const log = memoryStore()
  const { native } = await serverOver({ store: isEmpty ? memoryStore() : log })
  const metadata = { redirect_uris: ["http://127.0.0.1/"] }
  const add = async () => void (await run(native.addClient({ metadata })))
  await add()
  const place = checkpointsIn(memoryPlace(checkpointTable), "there", [])
  const key = await run(place.openKey("https://id.example.com", liveRandomness))
  const requests: Array<string> = []
  const quorum = { keys, count }
  const ask = (prefix: string, body: string) =>
    Effect.promise(() => {
      expect(prefixes).toContain(prefix)
      requests.push(body.split("\n")[0]!)
      return answer(requests.length - 1, add, body)
    })
  const cosign = () => run(cosignNow(log, key, place, { prefixes, quorum, ask }))
  const witnessed = await cosign()
  return {
    witnessed,
    key,
    add,
    cosign,
    requests,
    kept: await run(place.readWitnessed),
    size: (await run(log.head)).size,
  }
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
    const { witnessed, kept, requests } = await asked(async (_, add) => {
      await add()
      return reply(409, `${++sizeBefore}\n`)
    })
    expect(witnessed).toMatchObject({ isWitnessed: false, cosignatures: [] })
    expect(witnessed.refusals).toEqual([
      { witness: PREFIX, reason: "unusable", message: "is shown newer checkpoints: try again" },
    ])
    expect([kept, requests]).toEqual([[], ["old 0", "old 0", "old 0"]])
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

  it("that names a smaller size after the very size is asked from there", async () => {
    const { witnessed, requests } = await asked(async (n, _, request) =>
      n < 2 ? reply(409, n === 0 ? `${SIZE}\n` : "1\n") : cosigned(request),
    )
    expect(requests).toEqual(["old 0", `old ${SIZE}`, "old 1"])
    expect(witnessed).toMatchObject({ isWitnessed: true, refusals: [] })
  })

  it("that names the size that it was told of, or none, says nothing about the log", async () => {
    for (const again of ["1\n", ""]) {
      const { witnessed, requests } = await asked(async (n) => reply(409, n === 0 ? "1\n" : again))
      expect(requests).toEqual(["old 0", "old 1"])
      expect(witnessed.refusals).toEqual([
        {
          witness: PREFIX,
          reason: "unusable",
          message: "answered with 409 and without the size that it knows",
        },
      ])
    }
    const { witnessed, size } = await asked(async () => reply(409, "0\n"), { isEmpty: true })
    expect([size, witnessed.refusals]).toMatchObject([0, [{ reason: "unusable" }]])
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

  it.each<[string, WitnessReply, string, string]>([
    [
      "404",
      reply(404, ""),
      "unknown",
      "does not know this log (404): whoever runs it has to add the log `id.example.com`",
    ],
    ["403", reply(403, ""), "unknown", "does not take this log's key (403): whoever runs it has to add the log"],
    ["422", reply(422, ""), "contradicted", "has seen another history of this log (422): its first 0 entries are not"],
    ["300", reply(300, ""), "unusable", "sends on to another address (300), which is not followed: name that one"],
    ["399", reply(399, ""), "unusable", "sends on to another address (399), which is not followed: name that one"],
    ["299", reply(299, ""), "unusable", "answered with 299: try again later"],
    ["400", reply(400, ""), "unusable", "says that it was asked wrongly (400)"],
    ["500", reply(500, ""), "unusable", "answered with 500: try again later"],
    ["nothing", Result.fail("cannot be reached"), "unusable", "cannot be reached"],
    [
      "no cosignature",
      reply(200, "fine\n"),
      "unusable",
      "it answered with a line that is no signature: look at --witness-key",
    ],
    ["no size", reply(409, "many\n"), "unusable", "answered with 409 and without the size that it knows"],
    [
      "a size with a zero in front",
      reply(409, "01\n"),
      "unusable",
      "answered with 409 and without the size that it knows",
    ],
    ["a size on two lines", reply(409, "1\n\n"), "unusable", "answered with 409 and without the size that it knows"],
    ["words before a size", reply(409, "size 1"), "unusable", "answered with 409 and without the size that it knows"],
    ["too large a size", reply(409, "9007199254740993"), "unusable", "answered with 409 and without the size that"],
    ["the size it was told", reply(409, "0\n"), "unusable", "answered with 409 and without the size that it knows"],
  ])(
    "that answers with %s does not cosign, is asked no more, and it is said why",
    async (_, answer, reason, message) => {
      const { witnessed, requests, key, kept } = await asked(async () => answer)
      expect(requests).toEqual(["old 0"])
      expect(witnessed).toMatchObject({ isWitnessed: false, cosignatures: [] })
      expect(witnessed.refusals).toEqual([{ witness: PREFIX, reason, message: expect.stringContaining(message) }])
      if (reason === "unknown") expect(witnessed.refusals[0]!.message).toContain(formatVerifierKey(key))
      expect(witnessed.head.checkpoint).not.toContain("w.example")
      expect(kept).toEqual([])
    },
  )

  it("that has seen more than there is, and as much as there is, are told apart", async () => {
    const { witnessed } = await asked(async () => reply(409, "7\n"))
    expect(witnessed.refusals).toEqual([
      {
        witness: PREFIX,
        reason: "contradicted",
        message: expect.stringMatching(/^has seen 7 entries of this log, which has 2: it was cut/),
      },
    ])
  })
})

it("what a witness cosigned before is where the next proof begins: nothing is asked twice", async () => {
  const { requests, add, cosign, kept } = await asked(async (_n, _add, request) => cosigned(request))
  await add()
  const { head, isWitnessed } = await cosign()
  expect([isWitnessed, head.size]).toEqual([true, SIZE + 1])
  expect(head.checkpoint).not.toBe(kept[0])
  expect(requests).toEqual(["old 0", `old ${SIZE}`])
  expect((await cosign()).isWitnessed).toBe(true)
  expect(requests.at(-1)).toBe(`old ${SIZE + 1}`)
})

describe("of several witnesses", () => {
  const prefixes = [PREFIX, "https://other.example"]

  it("all are asked before one has answered", async () => {
    const order: Array<string> = []
    await asked(
      async (n, _add, request) => {
        order.push(`asked ${n}`)
        await new Promise(setImmediate)
        order.push(`answered ${n}`)
        return cosigned(request)
      },
      { prefixes },
    )
    expect(order).toEqual(["asked 0", "asked 1", "answered 0", "answered 1"])
  })

  it("all are asked about a newer checkpoint where one was shown more", async () => {
    const { witnessed, requests } = await asked(
      async (n, add, request) => {
        if (n > 0) return cosigned(request)
        await add()
        return reply(409, "3\n")
      },
      { prefixes },
    )
    expect([requests.length, witnessed.isWitnessed, witnessed.refusals]).toEqual([4, true, []])
  })

  it("one that cosigned twice counts once, and too few keep nothing", async () => {
    const { witnessed, kept } = await asked(async (_n, _add, request) => cosigned(request), { prefixes, count: 2 })
    expect(witnessed.cosignatures).toHaveLength(1)
    expect(witnessed).toMatchObject({ isWitnessed: false, refusals: [] })
    expect(witnessed.head.checkpoint.split("— w.example ")).toHaveLength(2)
    expect(kept).toEqual([])
  })

  it("one that refuses takes nothing from the other's word, also where none is demanded", async () => {
    const once = (n: number, request: string) => (n === 0 ? cosigned(request) : reply(500, ""))
    for (const count of [0, 1]) {
      const { witnessed, kept } = await asked(async (n, _add, request) => once(n, request), { prefixes, count })
      expect(witnessed).toMatchObject({ isWitnessed: true, refusals: [{ reason: "unusable" }] })
      expect(kept).toEqual([witnessed.head.checkpoint])
    }
    const { witnessed, kept } = await asked(async () => reply(500, ""), { prefixes, count: 0 })
    expect([witnessed.isWitnessed, kept]).toEqual([false, []])
  })
})
