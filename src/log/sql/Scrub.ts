/**
 * Leaves no trace of deleted or replaced rows, neither in the pages of the file nor in a journal beside it.
 *
 * `secure_delete` overwrites deleted content in place. It does not reach copies that stayed in a page when rows moved to
 * another one, nor content from before it was on; these disappear when the table is written anew.
 */
import { StoreFault } from "../EventLog.ts"
import type { RowWriter, Table } from "../Rows.ts"
import type { SqliteDriver } from "./Driver.ts"

/** Runs within a transaction of the caller, on a connection that has `secure_delete` on. */
export const rewriteTable = (driver: SqliteDriver, rows: RowWriter, table: Table): void => {
  const kept = rows.list(table, {})
  driver.exec(`DELETE FROM ${table.name}`)
  for (const row of kept) rows.put(table, row)
}

/** Moves the write-ahead log into the file and truncates it; throws a {@link StoreFault} `busy` while somebody reads. */
export const truncateJournal = (driver: SqliteDriver): void => {
  const isBusy = driver.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 1
  if (isBusy)
    throw new StoreFault({ reason: "busy", message: "another process reads the database for too long: try again" })
}
