/**
 * The one store that all instances share: the log in memory, whose commits happen when the bag says so and may fail.
 *
 * A failing commit takes all appends of its batch with it; on a full disk every commit fails until there is room again.
 */
import { Effect } from "effect"
import { StoreFault, type Head } from "../../src/log/EventLog.ts"
import { makeMemoryLog } from "../../src/log/MemoryLog.ts"
import type { InlineProjection } from "../../src/log/Rows.ts"
import type { RowQueries } from "../../src/projection/Queries.ts"
import type { sideTables } from "../../src/provider/SideTables.ts"
import type { Bag } from "./Bag.ts"
import type { Faults } from "./Faults.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

export interface SharedStore {
  readonly log: ServerStore
  readonly head: () => Head
  readonly setFull: (isFull: boolean) => void
}

/** What is kept beside the log, and what it can be asked. */
export interface Tables {
  readonly projection: InlineProjection<RowQueries>
  readonly side: typeof sideTables
}

export const makeSharedStore = ({ projection, side }: Tables, bag: Bag, faults: Faults): SharedStore => {
  let isFull = false
  let isFailing = false
  const log = makeMemoryLog({
    projection,
    onCommitting: () => {
      if (isFull) throw new StoreFault({ reason: "full", message: "the disk is full: make room" })
      if (isFailing) throw new StoreFault({ reason: "disk", message: "the commit failed: look after the disk" })
    },
    side,
    schedule: (flush) =>
      bag.add(() => {
        isFailing = faults.happens("failed commit")
        flush()
        isFailing = false
      }),
  })
  return {
    log,
    head: () => Effect.runSync(log.head),
    setFull: (full) => {
      isFull = full
    },
  }
}
