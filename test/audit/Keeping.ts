/** A keeper of checkpoints in memory, for tests that look at what is kept. */
import { Effect } from "effect"
import type { CheckpointKeeper } from "../../src/audit/Checkpoints.ts"

export const keeping = (...kept: Array<string>): CheckpointKeeper & { readonly kept: Array<string> } => ({
  kept,
  read: Effect.sync(() => [...kept]),
  replace: (before, after) =>
    Effect.sync(() => {
      const isAsRead = before.length === kept.length && before.every((text, index) => text === kept[index])
      if (isAsRead) kept.splice(0, kept.length, after)
      return isAsRead
    }),
})
