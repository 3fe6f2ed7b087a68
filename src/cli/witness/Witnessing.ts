/** Checkpoints that witnesses are asked to cosign: what is told of their answers, by the command and while it serves. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import {
  cosignNow,
  type CheckpointFault,
  type CheckpointPlace,
  type Refusal,
  type Witnessed,
  type Witnesses,
} from "../../audit/index.ts"
import { witnessCount, type EventLog, type SigningKey, type StoreFault } from "../../log/index.ts"
import { liveRandomness } from "../../provider/index.ts"
import { CommandFault } from "../Failure.ts"

/** A refusal as a sentence. */
export const refusalText = ({ witness, message }: Refusal): string => `\`${witness}\` ${message}`

const isContradicted = ({ refusals }: Witnessed): boolean => refusals.some(({ reason }) => reason === "contradicted")

/** Why a checkpoint is not good enough for who demands witnesses, or is contradicted by one; `undefined` if it is. */
export const objectionTo = (witnessed: Witnessed, { quorum }: Witnesses): string | undefined => {
  const { cosignatures, refusals } = witnessed
  const cosignedCount = witnessCount(cosignatures)
  if (!isContradicted(witnessed) && cosignedCount >= quorum.count) return undefined
  const why = refusals.map(refusalText).join("; ")
  if (isContradicted(witnessed)) return why
  return `${cosignedCount} witnesses cosigned, and ${quorum.count} have to: ${why}`
}

/** Whom a server asks about which log. */
export interface Witnessing {
  readonly log: EventLog
  readonly place: CheckpointPlace
  readonly witnesses: Witnesses
  readonly issuer: string
}

/**
 * Where a server demands witnesses, before it serves: how many entries the last checkpoint has, if a witness contradicts
 * the log and that is accepted. Fails where it is not, or where fewer witnesses cosign than have to.
 */
export const contradictedByWitnesses = Effect.fnUntraced(function* (
  witnessing: Witnessing | undefined,
  isAccepted: boolean,
): Effect.fn.Return<Option.Option<number>, CommandFault | CheckpointFault | StoreFault> {
  if (witnessing === undefined || witnessing.witnesses.quorum.count === 0) return Option.none()
  const { log, place, witnesses, issuer } = witnessing
  const key = yield* place.openKey(issuer, liveRandomness)
  const witnessed = yield* cosignNow(log, key, place, witnesses)
  const objection = objectionTo(witnessed, witnesses)
  if (objection === undefined) return Option.none()
  if (!isContradicted(witnessed)) {
    return yield* new CommandFault({ message: `${objection}; leave out --witness-quorum to serve without them` })
  }
  if (isAccepted) return Option.some(witnessed.head.size)
  const message = `${objection}; to serve it as it is, and to end every grant that was opened in it, start with --accept-rollback`
  return yield* new CommandFault({ message })
})

export interface KeepWitnessedOptions {
  readonly key: SigningKey
  readonly everySeconds: number
  /** Told once what witnesses refuse, as long as it is the same. */
  readonly onFault: (sentence: string) => void
}

/** Asks the witnesses again and again as the log grows. What they refuse ends no service. */
export const keepWitnessed = (
  { log, place, witnesses }: Witnessing,
  { key, everySeconds, onFault }: KeepWitnessedOptions,
): Effect.Effect<void, never, Scope.Scope> => {
  let told = ""
  let cosignedSize = -1
  const say = (sentence: string) =>
    Effect.sync(() => {
      if (sentence !== told && sentence !== "") onFault(sentence)
      told = sentence
    })
  const round = Effect.gen(function* () {
    if ((yield* log.head).size === cosignedSize) return
    const { head, isWitnessed, refusals } = yield* cosignNow(log, key, place, witnesses)
    if (isWitnessed && refusals.length === 0) cosignedSize = head.size
    yield* say(refusals.map(refusalText).join("; "))
  }).pipe(Effect.catch(({ message }) => say(message)))
  return Effect.asVoid(Effect.forkScoped(Effect.repeat(round, Schedule.spaced(everySeconds * 1000))))
}
