/** Checkpoints kept in memory, for tests that look at what is kept. */
import { Effect } from "effect"
import type { CheckpointStorage } from "../../../src/audit/proof/Checkpoints.ts"

export const memoryCheckpoints = (...kept: Array<string>): CheckpointStorage & { readonly kept: Array<string> } => ({
  kept,
  read: Effect.sync(() => [...kept]),
  readWitnessed: Effect.succeed([]),
  replace: (before, after) =>
    Effect.sync(() => {
      const isAsRead = before.length === kept.length && before.every((text, index) => text === kept[index])
      if (isAsRead) kept.splice(0, kept.length, after)
      return isAsRead
    }),
})
