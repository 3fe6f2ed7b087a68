/**
 * Taking over what another log holds, entry by entry as it is stored. Positions, bytes and hashes stay, and with them
 * roots, proofs and everything that is alive.
 *
 * It moves a log from one store to another and is used by one command only; it is not a member of a store. With the
 * first entry the rows are marked as those of no projection: nothing is appended to a log that was taken over in part,
 * and whoever opens it folds it first.
 */
import * as Result from "effect/Result"
import type * as Effect from "effect/Effect"
import { isArchived } from "./Retired.ts"
import { StoreFault } from "./EventLog.ts"
import { fromStored, type StoredEntry } from "./Recorded.ts"
import type { Row, RowWriter, Table } from "./Rows.ts"
import { describedTable, PROJECTION } from "./sql/Described.ts"
import type { Transaction } from "./Transaction.ts"

export interface Importer {
  /** Appends the entries that come next, in one transaction. Refuses any other entry, and one that is damaged. */
  readonly entries: (stored: ReadonlyArray<StoredEntry>) => Effect.Effect<void, StoreFault>
  /** Replaces all rows of a side table by these. */
  readonly side: (table: Table, rows: ReadonlyArray<Row>) => Effect.Effect<void, StoreFault>
  readonly close: Effect.Effect<void>
}

const refuse = (message: string): never => {
  throw new StoreFault({ reason: "corrupt", message })
}

/** Within a transaction of the caller, who holds the head. */
export const importWithin = (tx: Transaction, stored: ReadonlyArray<StoredEntry>): void => {
  tx.rows.delete(describedTable, [PROJECTION])
  for (const entry of stored) {
    const { size, recordedAt: newestAt } = tx.head()
    if (isArchived(entry)) {
      if (entry.position !== size) refuse(`entry ${entry.position} is not the one that comes next, which is ${size}`)
      tx.insert(entry)
      continue
    }
    const { position, stream, version, recordedAt } = Result.getOrThrowWith(fromStored(entry), (what) =>
      refuse(`${what}: it is not taken over`),
    )
    if (position !== size) refuse(`entry ${position} is not the one that comes next, which is ${size}`)
    if (version !== tx.versionOf(stream) + 1 || recordedAt < newestAt) {
      refuse(
        `entry ${position} does not follow on what is in its stream, or was recorded before the one in front of it`,
      )
    }
    tx.insert(entry)
  }
}

/** Within a transaction of the caller. */
export const replaceWithin = (rows: RowWriter, table: Table, after: ReadonlyArray<Row>): void => {
  for (const row of rows.list(table, {})) {
    rows.delete(
      table,
      table.key.map((column) => row[column]!),
    )
  }
  for (const row of after) rows.put(table, row)
}
