/** Who the witnesses are by the flags, how many have to have cosigned, and which of the kept checkpoints count then. */
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { askWitness } from "../../../src/cli/witness/AskWitness.ts"
import { cosignedAmong } from "../../../src/cli/witness/Cosigned.ts"
import { demandedBy, witnessesOf } from "../../../src/cli/witness/WitnessFlags.ts"
import { emptyRoot, parseWitnessKey, signCheckpoint, signingKey, type Quorum } from "../../../src/log/index.ts"
import { cosigner } from "../../support/Witness.ts"

const one = cosigner("w1.example", "ed25519")
const again = cosigner("w1.example", "ml-dsa-44")
const two = cosigner("w2.example", "ed25519")
const keysOf = (...of: ReadonlyArray<{ readonly vkey: string }>) => of.map(({ vkey }) => parseWitnessKey(vkey)!)

const flags = (witness?: string, keys: ReadonlyArray<{ readonly vkey: string }> = [], quorum?: number) => ({
  witness: Option.fromUndefinedOr(witness),
  witnessKey: keys.length === 0 ? Option.none() : Option.some(keys.map(({ vkey }) => vkey).join("  ")),
  witnessQuorum: Option.fromUndefinedOr(quorum),
})

const usage = (effect: Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>) => {
  const { _tag, message } = Effect.runSync(Effect.flip(effect))
  return [_tag, message]
}

describe("who verifies", () => {
  it.each<[string, ReturnType<typeof flags>, Quorum | undefined]>([
    ["nobody, where none is named", flags(), undefined],
    ["all that are named", flags(undefined, [one, two]), { keys: keysOf(one, two), count: 2 }],
    ["as many as was said", flags(undefined, [one, two], 1), { keys: keysOf(one, two), count: 1 }],
    ["one that has two keys, once", flags(undefined, [one, again]), { keys: keysOf(one, again), count: 1 }],
  ])("demands %s", (_, given, quorum) => {
    expect(Effect.runSync(demandedBy(given))).toEqual(quorum)
  })

  it.each<[string, ReturnType<typeof flags>, string]>([
    [
      "how many without whom",
      flags(undefined, [], 1),
      "--witness-quorum needs --witness-key: the keys of the witnesses that count",
    ],
    [
      "what is no key",
      flags(undefined, [{ vkey: "w+key" }]),
      "--witness-key `w+key` is no verifier key of a witness: NAME+ID+KEY (Ed25519 or ML-DSA-44)",
    ],
    [
      "more than there are",
      flags(undefined, [one, again, two], 3),
      "--witness-quorum 3 is more than there are witnesses in --witness-key: 2",
    ],
  ])("cannot demand %s", (_, given, message) => {
    expect(usage(demandedBy(given))).toEqual(["UsageFault", message])
  })
})

describe("who signs", () => {
  it("asks those whose addresses are named, and demands none of them unless that is said", () => {
    expect(Effect.runSync(witnessesOf(flags()))).toBe(undefined)
    expect(Effect.runSync(witnessesOf(flags(undefined, [one])))).toBe(undefined)
    const prefixes = ["https://w1.example", "http://w2.example:81/sub/"]
    expect(Effect.runSync(witnessesOf(flags(prefixes.join(" "), [one, two])))).toEqual({
      ...{ prefixes, quorum: { keys: keysOf(one, two), count: 0 }, ask: askWitness },
    })
    expect(Effect.runSync(witnessesOf(flags(prefixes[0], [one], 1)))?.quorum.count).toBe(1)
  })

  it("has to say whose cosignatures count", () => {
    expect(usage(witnessesOf(flags("https://w1.example")))).toEqual([
      "UsageFault",
      "--witness needs --witness-key: the verifier key that whoever runs the witness gives",
    ])
    expect(usage(witnessesOf(flags(undefined, [], 1)))[1]).toContain("--witness-quorum needs --witness-key")
  })

  it.each(["w.example", "ftp://w.example", "https://w.example/?a=b", "https://w.example/#a", "file:///w"])(
    "cannot ask %s",
    (address) => {
      const message = `--witness \`${address}\` is no address of a witness, such as https://witness.example`
      expect(usage(witnessesOf(flags(address, [one])))).toEqual(["UsageFault", message])
    },
  )
})

describe("of the checkpoints that are kept", () => {
  const key = signingKey("id.example.com", Buffer.alloc(32, 1))
  const head = (size: number, ...by: ReadonlyArray<typeof one>) => {
    const note = signCheckpoint(size, emptyRoot, key)
    const body = note.slice(0, note.lastIndexOf("\n\n") + 1)
    return { origin: key.name, size, root: emptyRoot, checkpoint: note + by.map((own) => own.sign(body)).join("") }
  }
  const [plain, byOne, byBoth] = [head(1), head(2, one), head(3, one, two)]
  const quorum = (count: number) => ({ keys: keysOf(one, two), count })

  it.each<[string, Quorum | undefined, ReadonlyArray<unknown>]>([
    ["all", undefined, [plain, byOne, byBoth]],
    ["those that one witness cosigned", quorum(1), [byOne, byBoth]],
    ["those that both witnesses cosigned", quorum(2), [byBoth]],
  ])("%s count", (_, demanded, counted) => {
    expect(Effect.runSync(cosignedAmong([plain, byOne, byBoth], demanded))).toEqual(counted)
  })

  it("none counts where too few cosigned, and it is said who did not", () => {
    expect(usage(cosignedAmong([plain, plain, byOne], quorum(2)))).toEqual([
      "CommandFault",
      "no checkpoint is kept that enough witnesses cosigned: the checkpoint was cosigned by 1 witnesses, and has to be by 2: not by `w2.example`; run grantlog checkpoint --witness",
    ])
    expect(usage(cosignedAmong([], quorum(1)))).toEqual([
      "CommandFault",
      "no checkpoint is kept that enough witnesses cosigned; run grantlog checkpoint --witness",
    ])
  })
})
