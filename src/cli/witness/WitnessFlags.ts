/** Who the witnesses are, and how many have to have cosigned: the flags, and what they mean together. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Flag from "effect/cli/Flag"
import type { Witnesses } from "../../audit/index.ts"
import { parseWitnessKey, type Quorum } from "../../log/index.ts"
import { UsageFault } from "../Failure.ts"
import { count, text, words } from "../Flags.ts"
import { askWitness } from "./AskWitness.ts"

/** For whoever verifies. */
export const witnessKeyFlags = {
  witnessKey: text(
    "witness-key",
    "the verifier keys of the witnesses that count, space-separated: NAME+ID+KEY, as each of them gives it",
  ).pipe(Flag.optional),
  witnessQuorum: count(
    "witness-quorum",
    "how many of those witnesses have to have cosigned; by default all of them where something is verified, none where it is signed",
  ).pipe(Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))), Flag.optional),
}

/** For whoever signs. */
export const witnessFlags = {
  witness: text(
    "witness",
    "the addresses of witnesses that are asked to cosign checkpoints (C2SP tlog-witness), space-separated",
  ).pipe(Flag.optional),
  ...witnessKeyFlags,
}

export interface WitnessKeyFlags {
  readonly witnessKey: Option.Option<string>
  readonly witnessQuorum: Option.Option<number>
}

export interface WitnessFlags extends WitnessKeyFlags {
  readonly witness: Option.Option<string>
}

const wrong = (message: string) => Effect.fail(new UsageFault({ message }))

/** Whose cosignatures count, and how many there have to be where nothing was said: `byDefault` of so many witnesses. */
const quorumBy = Effect.fnUntraced(function* (
  { witnessKey, witnessQuorum }: WitnessKeyFlags,
  byDefault: (witnessCount: number) => number,
): Effect.fn.Return<Quorum | undefined, UsageFault> {
  const given = Option.match(witnessKey, { onNone: () => [], onSome: words })
  if (given.length === 0) {
    return Option.isNone(witnessQuorum)
      ? undefined
      : yield* wrong("--witness-quorum needs --witness-key: the keys of the witnesses that count")
  }
  const keys = yield* Effect.forEach(given, (one) => {
    const key = parseWitnessKey(one)
    return key === undefined
      ? wrong(`--witness-key \`${one}\` is no verifier key of a witness: NAME+ID+KEY (Ed25519 or ML-DSA-44)`)
      : Effect.succeed(key)
  })
  const witnessCount = new Set(keys.map(({ name }) => name)).size
  const demanded = Option.getOrElse(witnessQuorum, () => byDefault(witnessCount))
  if (demanded <= witnessCount) return { keys, count: demanded }
  return yield* wrong(`--witness-quorum ${demanded} is more than there are witnesses in --witness-key: ${witnessCount}`)
})

/** How many witnesses have to have cosigned what is verified; `undefined` where nobody asked for any. */
export const demandedBy = (given: WitnessKeyFlags): Effect.Effect<Quorum | undefined, UsageFault> =>
  quorumBy(given, (witnessCount) => witnessCount)

const prefixOf = (given: string): Effect.Effect<string, UsageFault> => {
  const url = URL.parse(given)
  const isAddress = url !== null && ["http:", "https:"].includes(url.protocol) && url.search === "" && url.hash === ""
  return isAddress
    ? Effect.succeed(given)
    : wrong(`--witness \`${given}\` is no address of a witness, such as https://witness.example`)
}

/** Who is asked to cosign, and how many have to; `undefined` where nobody is. */
export const witnessesOf = Effect.fnUntraced(function* (
  given: WitnessFlags,
): Effect.fn.Return<Witnesses | undefined, UsageFault> {
  const prefixes = yield* Effect.forEach(Option.match(given.witness, { onNone: () => [], onSome: words }), prefixOf)
  const quorum = yield* quorumBy(given, () => 0)
  if (prefixes.length === 0) return undefined
  if (quorum === undefined)
    return yield* wrong("--witness needs --witness-key: the verifier key that whoever runs the witness gives")
  return { prefixes, quorum, ask: askWitness }
})
