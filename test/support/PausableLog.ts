/** A log whose next append can be held back, after it was decided and before it is judged: for races made on purpose. */
import { Effect, Latch } from "effect"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

export interface PausableLog {
  readonly store: ServerStore
  /** Holds back whatever is appended from now on. */
  readonly hold: () => {
    /** Settles when an append has come to the gate. */
    readonly reached: Promise<void>
    readonly release: () => void
  }
}

export const pausableLog = (log: ServerStore): PausableLog => {
  let gate: { readonly open: Latch.Latch; readonly onReached: () => void } | undefined
  return {
    store: {
      ...log,
      append: (append) =>
        Effect.suspend(() => {
          if (gate === undefined) return log.append(append)
          gate.onReached()
          return Effect.andThen(gate.open.await, log.append(append))
        }),
    },
    hold: () => {
      const open = Latch.makeUnsafe()
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = { open, onReached: resolve }
      return {
        reached: promise,
        release: () => {
          gate = undefined
          open.openUnsafe()
        },
      }
    },
  }
}
