/**
 * Checkpoints while a server serves: signed as the log grows, and held against it before anybody is served.
 *
 * A log that the last checkpoint contradicts is an old copy that was put back, or was rewritten: what was revoked since
 * would be alive again. It is served only for who says so, and then nothing that was opened in it before is alive.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import {
  checkpointNow,
  contradictionNow,
  keptHeads,
  type CheckpointFault,
  type CheckpointPlace,
} from "../audit/proof/Checkpoints.ts"
import type { EventLog, SigningKey, StoreFault } from "../log/index.ts"
import { liveRandomness } from "../provider/index.ts"
import { CommandFault } from "./Failure.ts"

export interface Checkpointing {
  readonly place: CheckpointPlace
  readonly issuer: string
  readonly everySeconds: number
  /** Told once what keeps checkpoints from being signed, as long as it is the same. */
  readonly onFault: (sentence: string) => void
}

/** How many entries the last checkpoint has that the log contradicts, where that is accepted; fails where it is not. */
export const rollbackOf = Effect.fnUntraced(function* (
  log: EventLog,
  place: CheckpointPlace,
  isAccepted: boolean,
): Effect.fn.Return<Option.Option<number>, CommandFault | CheckpointFault | StoreFault> {
  const agreed = yield* Effect.result(contradictionNow(log, place.readKey, place))
  // What else keeps checkpoints from being signed is told by who signs them.
  const isRolledBack =
    Result.isFailure(agreed) && agreed.failure._tag === "CheckpointFault" && agreed.failure.reason === "inconsistent"
  if (!isRolledBack) return Option.none()
  if (!isAccepted) {
    const message = `${agreed.failure.message}; to serve it as it is, and to end every grant that was opened in it, start with --accept-rollback`
    return yield* new CommandFault({ message })
  }
  const heads = yield* keptHeads(place, yield* place.readKey)
  return Option.map(Option.fromUndefinedOr(heads.at(-1)), ({ size }) => size)
})

/** Signs a checkpoint now, again and again, and a last time before the log is closed. A fault ends no service. */
export const keepCheckpoints = Effect.fnUntraced(function* (
  log: EventLog,
  { place, issuer, everySeconds, onFault }: Checkpointing,
): Effect.fn.Return<SigningKey, CheckpointFault, Scope.Scope> {
  const key = yield* place.openKey(issuer, liveRandomness)
  let told = ""
  let signedSize = -1
  const sign = Effect.gen(function* () {
    // Nothing is read or written while nothing is appended.
    const { size } = yield* log.head
    if (size === signedSize) return
    signedSize = (yield* checkpointNow(log, key, place)).size
    told = ""
  }).pipe(
    Effect.catch(({ message }) =>
      Effect.sync(() => {
        if (message !== told) onFault(message)
        told = message
      }),
    ),
  )
  yield* Effect.addFinalizer(() => sign)
  yield* Effect.forkScoped(Effect.repeat(sign, Schedule.spaced(everySeconds * 1000)))
  return key
})
