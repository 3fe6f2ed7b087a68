/**
 * Leaving nothing behind: what was deleted or replaced is in no page of the file and in no journal beside it.
 *
 * `secure_delete` overwrites what is deleted where it stands. Copies that a page was left with when rows moved to another,
 * and those from before it was on, go when the table is written anew.
 */
import { StoreFault } from "../EventLog.ts"
import type { RowWriter, Table } from "../Rows.ts"
import type { SqliteDriver } from "./Driver.ts"

/** Within a transaction of the caller, on a connection that has `secure_delete` on. */
export const rewriteTable = (driver: SqliteDriver, rows: RowWriter, table: Table): void => {
  const kept = rows.list(table, {})
  driver.exec(`DELETE FROM ${table.name}`)
  for (const row of kept) rows.put(table, row)
}

/** Brings the write-ahead log into the file and cuts it to nothing; a {@link StoreFault} `busy` while somebody reads. */
export const truncateJournal = (driver: SqliteDriver): void => {
  const isBusy = driver.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 1
  if (isBusy)
    throw new StoreFault({ reason: "busy", message: "another process reads the database for too long: try again" })
}
