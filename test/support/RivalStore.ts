/** A log before whose next write to accounts and sessions somebody else is quicker: for races made on purpose. */
import { Effect } from "effect"
import { eachAnswer } from "../../properties/simulate/EachAnswer.ts"
import { sideTables } from "../../src/provider/SideTables.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

export const rivalStore = (log: ServerStore) => {
  let rival: Effect.Effect<unknown> | undefined
  const store: ServerStore = {
    ...log,
    side: eachAnswer(log.side, (answer, name) =>
      Effect.suspend(() => {
        if (!Object.hasOwn(sideTables.operations, name)) return answer()
        const due = rival ?? Effect.void
        rival = undefined
        return Effect.andThen(due, answer())
      }),
    ),
  }
  return { store, beforeNextWrite: (due: Effect.Effect<unknown, unknown>) => void (rival = Effect.orDie(due)) }
}
