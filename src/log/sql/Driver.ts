/**
 * A SQLite driver, reduced to what the log needs. Two packages implement it, and both are synchronous.
 *
 * Failures come out as a {@link StoreFault} with a sentence that says what to do, whichever package threw them.
 */
import { StoreFault } from "../EventLog.ts"
import type { Row, Value } from "../Rows.ts"

export interface Statement {
  readonly get: (...values: ReadonlyArray<Value>) => Row | undefined
  readonly all: (...values: ReadonlyArray<Value>) => ReadonlyArray<Row>
  readonly run: (...values: ReadonlyArray<Value>) => void
}

/** The little that a store needs of a SQLite driver; every member answers at once or throws. */
export interface SqliteDriver {
  /** Runs statements that give nothing. */
  readonly exec: (sql: string) => void
  /** Prepares a statement, which can be run any number of times. */
  readonly prepare: (sql: string) => Statement
  /** Prepares a statement without parameters that gives one value; no object is made for the row. */
  readonly prepareValue: (sql: string) => () => Value
  /** Whether a transaction is open. */
  readonly isInTransaction: () => boolean
  /** Closes the file. */
  readonly close: () => void
}

/** Opens a database file, or `:memory:`. Never waits for a lock: throws a {@link StoreFault} `busy` instead. */
export type OpenSqlite = (file: string) => SqliteDriver

/** SQLite's primary result codes, by number (https://sqlite.org/rescode.html). */
const faults: Readonly<Record<number, readonly [StoreFault["reason"], string]>> = {
  5: ["busy", "another process has been writing to the database for too long: try again"],
  6: ["busy", "another connection has been writing to the database for too long: try again"],
  8: ["read-only", "the database file cannot be written: give this user write permission on it and its folder"],
  10: ["disk", "the disk failed under the database: check it, and restore from a backup if it is damaged"],
  11: ["corrupt", "the database file is damaged: stop, keep a copy, and restore from a backup"],
  13: ["full", "the disk is full, nothing was written: make room, then try again"],
  14: ["read-only", "the database file cannot be opened: check its path and the permissions of its folder"],
  26: ["not-a-log", "the file is not a database: check its path"],
}

/** What a driver threw, as a fault. `code` is SQLite's (extended) result code. */
export const sqliteFault = (code: number | undefined, cause: unknown): StoreFault => {
  const [reason, message] = faults[(code ?? 0) & 0xff] ?? [
    "other",
    "the database refused, nothing was written: please report it",
  ]
  return new StoreFault({ reason, message, cause })
}
