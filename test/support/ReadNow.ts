/** Rows of the projection as they are at this moment, for tests that look at them between two steps. */
import { Effect } from "effect"
import { memoryRows } from "../../src/log/MemoryRows.ts"
import type { RowReader, Store } from "../../src/log/index.ts"
import { inlineProjection } from "../../src/projection/index.ts"

export const readNow = <A>(log: Pick<Store, "dump">, body: (rows: RowReader) => A): A => {
  const rows = memoryRows(new Map())
  for (const table of inlineProjection.tables) {
    for (const row of Effect.runSync(log.dump(table))) rows.put(table, row)
  }
  return body(rows)
}
