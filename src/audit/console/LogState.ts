/**
 * How a log stands against the last checkpoint that was kept of it: its size, its root, and whether they agree.
 *
 * The roots are compared, the entries are not read again: that is what `grantlog verify` is for. Signs nothing.
 */
import * as Effect from "effect/Effect"
import { rootOf, type EventLog, type StoreFault, type VerifierKey } from "../../log/index.ts"
import { keptHeads, type CheckpointFault, type CheckpointStorage, type SignedHead } from "../proof/Checkpoints.ts"

/** Where checkpoints of the log are kept, and the key that they are signed with. */
export interface KeptCheckpoints {
  readonly storage: CheckpointStorage
  readonly key: VerifierKey
}

export interface LogState {
  /** How many entries there are. */
  readonly size: number
  readonly root: string
  /** The largest checkpoint that is kept; `undefined` where there is none. */
  readonly head: SignedHead | undefined
  readonly verification: "none" | "unreadable" | "consistent" | "inconsistent"
  /** Entries after the checkpoint. No checkpoint covers them. */
  readonly uncoveredCount: number
}

const readHeads = (kept: KeptCheckpoints | undefined): Effect.Effect<ReadonlyArray<SignedHead>, CheckpointFault> =>
  kept === undefined ? Effect.succeed([]) : keptHeads(kept.storage, kept.key)

export const logState = Effect.fnUntraced(function* (
  log: EventLog,
  kept: KeptCheckpoints | undefined,
): Effect.fn.Return<LogState, StoreFault> {
  const heads = yield* Effect.catch(readHeads(kept), () => Effect.succeed(undefined))
  return yield* log.readTree(({ size, hashOf }): LogState => {
    const root = rootOf(hashOf, size)
    const head = heads?.at(-1)
    if (heads === undefined || head === undefined) {
      const verification = heads === undefined ? "unreadable" : "none"
      return { size, root, head: undefined, verification, uncoveredCount: size }
    }
    const isConsistent = heads.every((one) => one.size <= size && rootOf(hashOf, one.size) === one.root)
    return {
      size,
      root,
      head,
      verification: isConsistent ? "consistent" : "inconsistent",
      uncoveredCount: isConsistent ? size - head.size : size,
    }
  })
})
