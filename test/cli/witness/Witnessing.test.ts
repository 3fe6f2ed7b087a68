/** What a server makes of its witnesses' answers: when it does not serve, and what it tells while it does. */
import { Effect, Exit, Option, Result, Scope } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { checkpointTable, checkpointsIn } from "../../../src/audit/proof/CheckpointRows.ts"
import type { Cosignature } from "../../../src/log/index.ts"
import type { Refusal, WitnessReply, Witnesses } from "../../../src/audit/index.ts"
import {
  contradictedByWitnesses,
  keepWitnessed,
  objectionTo,
  refusalText,
  type Witnessing,
} from "../../../src/cli/witness/Witnessing.ts"
import { memoryPlace, parseWitnessKey, StoreFault } from "../../../src/log/index.ts"
import { liveRandomness, memoryStore } from "../../../src/provider/index.ts"
import { serverOver } from "../../support/TestServer.ts"
import { cosigner } from "../../support/Witness.ts"

const run = Effect.runPromise
const ISSUER = "https://id.example.com"
const witness = cosigner("w.example", "ed25519")

const cosigned = (request: string): WitnessReply => {
  const checkpoint = request.slice(request.indexOf("\n\n") + 2)
  return Result.succeed({ status: 200, body: witness.sign(checkpoint.slice(0, checkpoint.lastIndexOf("\n\n") + 1)) })
}
const refused = (status: number, body = "") => Result.succeed({ status, body })
/** It has seen more of the log than there is. */
const ahead = () => refused(409, "7\n")

/** A log of two entries, and who is asked about it. */
const witnessing = async (answer: (request: string) => WitnessReply, count = 1) => {
  const log = memoryStore()
  const { native } = await serverOver({ store: log })
  const add = Effect.asVoid(native.addClient({ metadata: { redirect_uris: ["http://127.0.0.1/"] } }))
  await run(add)
  const place = checkpointsIn(memoryPlace(checkpointTable), "there", [])
  const asked: Array<string> = []
  const ask: Witnesses["ask"] = (_, body) =>
    Effect.sync(() => {
      asked.push(body.split("\n")[0]!)
      return answer(body)
    })
  const quorum = { keys: [parseWitnessKey(witness.vkey)!], count }
  const witnesses = { prefixes: ["https://w.example"], quorum, ask }
  return { asked, add, about: { log, place, witnesses, issuer: ISSUER } satisfies Witnessing }
}

describe("an objection to a checkpoint", () => {
  const refusal = (witness: string, reason: Refusal["reason"]): Refusal => ({
    witness,
    reason,
    message: `says ${reason}`,
  })
  const by = (name: string) => ({ name, line: name }) as unknown as Cosignature
  it.each<[string, ReadonlyArray<Cosignature>, ReadonlyArray<Refusal>, number, string | undefined]>([
    ["none where enough cosigned", [by("a")], [refusal("b", "unusable")], 1, undefined],
    ["none where nobody has to", [], [refusal("b", "unusable"), refusal("c", "unknown")], 0, undefined],
    [
      "who is missing and why",
      [by("a")],
      [refusal("b", "unusable"), refusal("c", "unknown")],
      2,
      "1 witnesses cosigned, and 2 have to: `b` says unusable; `c` says unknown",
    ],
    [
      "a contradiction, whoever cosigned",
      [by("a")],
      [refusal("b", "contradicted"), refusal("c", "unknown")],
      1,
      "`b` says contradicted; `c` says unknown",
    ],
    ["a contradiction where nobody has to", [], [refusal("b", "contradicted")], 0, "`b` says contradicted"],
  ])("is %s", (_, cosignatures, refusals, count, objection) => {
    const witnessed = { head: {}, cosignatures, refusals, isWitnessed: false } as never
    expect(objectionTo(witnessed, { quorum: { keys: [], count } } as never)).toBe(objection)
  })

  it("names a witness by its address", () => {
    expect(refusalText(refusal("https://w", "unknown"))).toBe("`https://w` says unknown")
  })
})

describe("before it serves, a server", () => {
  const contradicted = "`https://w.example` has seen 7 entries of this log, which has 2: it was cut or restored"

  it("asks nobody where it demands no witness", async () => {
    const { about, asked } = await witnessing(ahead, 0)
    expect(await run(contradictedByWitnesses(undefined, false))).toEqual(Option.none())
    expect(await run(contradictedByWitnesses(about, false))).toEqual(Option.none())
    expect(asked).toEqual([])
  })

  it("goes on where they cosign", async () => {
    const { about, asked } = await witnessing(cosigned)
    expect(await run(contradictedByWitnesses(about, false))).toEqual(Option.none())
    expect(asked).toEqual(["old 0"])
    expect((await run(about.place.readKey)).name).toBe("id.example.com")
  })

  it("does not where too few do, also where another log is accepted", async () => {
    const { about } = await witnessing(() => refused(500))
    const message =
      "0 witnesses cosigned, and 1 have to: `https://w.example` answered with 500: try again later; leave out --witness-quorum to serve without them"
    for (const isAccepted of [false, true])
      expect(await run(Effect.flip(contradictedByWitnesses(about, isAccepted)))).toMatchObject({
        _tag: "CommandFault",
        message,
      })
  })

  it("does not where one has seen another log, unless that is accepted", async () => {
    const { about } = await witnessing(ahead)
    expect(await run(Effect.flip(contradictedByWitnesses(about, false)))).toMatchObject({
      _tag: "CommandFault",
      message: `${contradicted}; to serve it as it is, and to end every grant that was opened in it, start with --accept-rollback`,
    })
    expect(await run(contradictedByWitnesses(about, true))).toEqual(Option.some(2))
  })
})

describe("while it serves, a server", () => {
  /** Asks for so many minutes, and gives what is told in each. */
  const kept = async (
    answer: (request: string) => WitnessReply,
    minutes: ReadonlyArray<Effect.Effect<unknown, unknown>>,
    more: Partial<Witnessing> = {},
  ) => {
    const world = await witnessing(answer)
    const key = await run(world.about.place.openKey(ISSUER, liveRandomness))
    const told: Array<string> = []
    const rounds: Array<ReadonlyArray<string>> = []
    const scope = Scope.makeUnsafe()
    const keeping = Effect.gen(function* () {
      yield* Scope.provide(
        keepWitnessed(
          { ...world.about, ...more },
          { key, everySeconds: 60, onFault: (sentence) => void told.push(sentence) },
        ),
        scope,
      )
      for (const between of minutes) {
        yield* TestClock.adjust("1 minute")
        rounds.push([...world.asked.splice(0), ...told.splice(0)])
        yield* between
      }
      yield* TestClock.adjust("1 minute")
      rounds.push([...world.asked.splice(0), ...told.splice(0)])
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 hour")
      expect(world.asked).toEqual([])
    })
    await run(Effect.provide(keeping, TestClock.layer()))
    return { ...world, rounds }
  }

  it("asks as the log grows, and not again about what they cosigned", async () => {
    const log = memoryStore()
    const { native } = await serverOver({ store: log })
    const grow = native.addClient({ metadata: { redirect_uris: ["http://127.0.0.1/"] } })
    await run(grow)
    const { rounds } = await kept(cosigned, [Effect.void, grow, Effect.void], { log })
    expect(rounds).toEqual([["old 0"], [], ["old 2"], []])
  })

  it("tells what they refuse once, and again once it is another thing", async () => {
    const answers = [refused(500), refused(500), refused(404), refused(500)]
    const { rounds } = await kept(() => answers.shift() ?? refused(500), [Effect.void, Effect.void])
    const later = "`https://w.example` answered with 500: try again later"
    const [first, second, third] = rounds
    // At its start, and a minute later.
    expect(first).toEqual(["old 0", "old 0", later])
    expect(second?.[0]).toBe("old 0")
    expect(second?.[1]).toContain("does not know this log (404)")
    expect(third).toEqual(["old 0", later])
  })

  it("asks again as long as one of them refuses, and tells of each that does", async () => {
    const askedLast: Array<string> = []
    const ask: Witnesses["ask"] = (prefix, body) =>
      Effect.sync(() => {
        if (prefix === "https://v.example") askedLast.push(body.split("\n")[0]!)
        return prefix === "https://w.example" ? cosigned(body) : refused(500)
      })
    const prefixes = ["https://w.example", "https://u.example", "https://v.example"]
    const quorum = { keys: [parseWitnessKey(witness.vkey)!], count: 1 }
    const { rounds } = await kept(cosigned, [Effect.void], { witnesses: { prefixes, quorum, ask } })
    const later = "answered with 500: try again later"
    expect(rounds).toEqual([[`\`https://u.example\` ${later}; \`https://v.example\` ${later}`], []])
    expect(askedLast).toEqual(["old 0", "old 2", "old 2"])
  })

  it("tells once that it cannot read its own log, and goes on", async () => {
    let isBroken = true
    const sound = memoryStore()
    await serverOver({ store: sound })
    const fault = new StoreFault({ reason: "busy", message: "the store is busy" })
    const head = Effect.suspend(() => (isBroken ? Effect.fail(fault) : sound.head))
    const mend = Effect.sync(() => {
      isBroken = false
    })
    const { rounds } = await kept(cosigned, [mend, Effect.void], { log: { ...sound, head } })
    expect(rounds).toEqual([["the store is busy"], ["old 0"], []])
  })
})
