/** A log before whose next write to accounts and sessions somebody else is quicker: for races made on purpose. */
import { Effect } from "effect"
import type { EventLog } from "../../src/log/index.ts"

export const rivalStore = (log: EventLog) => {
  let rival: Effect.Effect<unknown> | undefined
  const store: EventLog = {
    ...log,
    write: (body) =>
      Effect.suspend(() => {
        const due = rival ?? Effect.void
        rival = undefined
        return Effect.andThen(due, log.write(body))
      }),
  }
  return { store, beforeNextWrite: (due: Effect.Effect<unknown, unknown>) => void (rival = Effect.orDie(due)) }
}
