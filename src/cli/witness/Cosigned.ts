/** Which of the checkpoints that are kept count for whoever demands witnesses. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { SignedHead } from "../../audit/index.ts"
import { requireQuorum, type Quorum } from "../../log/index.ts"
import { CommandFault } from "../Failure.ts"

/** Those that enough witnesses cosigned, all where none is demanded; fails where that leaves none. */
export const cosignedAmong = (
  heads: ReadonlyArray<SignedHead>,
  quorum: Quorum | undefined,
): Effect.Effect<ReadonlyArray<SignedHead>, CommandFault> => {
  if (quorum === undefined) return Effect.succeed(heads)
  const judged = heads.map((head) => ({ head, found: requireQuorum(head.checkpoint, quorum) }))
  const good = judged.filter(({ found }) => Result.isSuccess(found)).map(({ head }) => head)
  if (good.length > 0) return Effect.succeed(good)
  const why = judged.map(({ found }) => (Result.isFailure(found) ? `: ${found.failure}` : "")).at(-1) ?? ""
  const message = `no checkpoint is kept that enough witnesses cosigned${why}; run grantlog checkpoint --witness`
  return Effect.fail(new CommandFault({ message }))
}
