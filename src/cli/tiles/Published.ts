/** Which checkpoint of a log is published with its tiles: the newest that is kept, of those that enough witnesses cosigned. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { keptHeads, type CheckpointFault, type CheckpointStorage, type SignedHead } from "../../audit/index.ts"
import { requireQuorum, type Quorum, type VerifierKey } from "../../log/index.ts"

/** None while none is kept, or none that was cosigned where that is demanded. Where it is only asked for, any comes first that was. */
export const publishedHead = (
  storage: CheckpointStorage,
  key: VerifierKey,
  quorum: Quorum | undefined,
): Effect.Effect<Option.Option<SignedHead>, CheckpointFault> =>
  Effect.map(keptHeads(storage, key), (heads) => {
    if (quorum === undefined) return Option.fromUndefinedOr(heads.at(-1))
    const enough = { ...quorum, count: Math.max(1, quorum.count) }
    const cosigned = heads.findLast(({ checkpoint }) => Result.isSuccess(requireQuorum(checkpoint, enough)))
    return Option.fromUndefinedOr(cosigned ?? (quorum.count === 0 ? heads.at(-1) : undefined))
  })
