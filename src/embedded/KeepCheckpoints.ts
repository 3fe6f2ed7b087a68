/**
 * Checkpoints while a program has the log open: signed as the log grows, and a last time before it is closed.
 *
 * What keeps one from being signed is told once and ends nothing else. Never reads or writes while nothing is appended.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { checkpointNow, type CheckpointFault, type CheckpointPlace } from "../audit/proof/Checkpoints.ts"
import type { EventLog, SigningKey } from "../log/index.ts"
import { liveRandomness } from "../provider/index.ts"

export interface Checkpointing {
  readonly place: CheckpointPlace
  readonly issuer: string
  readonly everySeconds: number
  /** Told once what keeps checkpoints from being signed, as long as it is the same. */
  readonly onFault: (sentence: string) => void
  /** Run after each checkpoint that was signed, with how many entries it has. */
  readonly onSigned?: (size: number) => Effect.Effect<void>
}

/** Signs a checkpoint now, again and again, and a last time before the log is closed. A fault ends no service. */
export const keepCheckpoints = Effect.fnUntraced(function* (
  log: EventLog,
  { place, issuer, everySeconds, onFault, onSigned = () => Effect.void }: Checkpointing,
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
    yield* onSigned(signedSize)
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
