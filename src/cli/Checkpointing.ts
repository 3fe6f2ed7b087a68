/**
 * The log held against its last checkpoint before anybody is served.
 *
 * A log that the last checkpoint contradicts is an old copy that was put back, or was rewritten: what was revoked since
 * would be alive again. It is served only for who says so, and then nothing that was opened in it before is alive.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { contradictionNow, keptHeads, type CheckpointFault, type CheckpointPlace } from "../audit/proof/Checkpoints.ts"
import type { EventLog, StoreFault } from "../log/index.ts"
import { CommandFault } from "./Failure.ts"

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
