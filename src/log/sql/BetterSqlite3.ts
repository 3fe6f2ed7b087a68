/** The driver over better-sqlite3, an optional peer, for programs that have it already or want its version of SQLite. */
import { createRequire } from "node:module"
import type BetterSqlite3 from "better-sqlite3"
import { StoreFault } from "../EventLog.ts"
import type { Row, Value } from "../Rows.ts"
import { sqliteFault, type OpenSqlite } from "./Driver.ts"

const CANNOT_OPEN = 14

/** better-sqlite3 names result codes, extended ones by a suffix. */
const codes: ReadonlyArray<readonly [string, number]> = [
  ["SQLITE_BUSY", 5],
  ["SQLITE_LOCKED", 6],
  ["SQLITE_READONLY", 8],
  ["SQLITE_IOERR", 10],
  ["SQLITE_CORRUPT", 11],
  ["SQLITE_FULL", 13],
  ["SQLITE_CANTOPEN", CANNOT_OPEN],
  ["SQLITE_NOTADB", 26],
]

const attempt = <A>(body: () => A): A => {
  try {
    return body()
  } catch (cause) {
    const name = (cause as { readonly code?: string }).code ?? ""
    // The package checks the folder itself, and its error for a missing one has no code.
    if (cause instanceof TypeError && cause.message.includes("directory")) throw sqliteFault(CANNOT_OPEN, cause)
    throw sqliteFault(codes.find(([prefix]) => name.startsWith(prefix))?.[1], cause)
  }
}

const load = (): typeof BetterSqlite3 => {
  try {
    return createRequire(import.meta.url)("better-sqlite3") as typeof BetterSqlite3
  } catch (cause) {
    const message = "better-sqlite3 is not installed: run npm install better-sqlite3, or use the built-in driver"
    throw new StoreFault({ reason: "other", message, cause })
  }
}

/** Opens a file with better-sqlite3, an optional peer: `sqliteStore(file, { open: openBetterSqlite3 })`. */
export const openBetterSqlite3: OpenSqlite = (file) => {
  const Database = load()
  const database = attempt(() => new Database(file, { timeout: 0 }))
  return {
    exec: (sql) => attempt(() => void database.exec(sql)),
    prepare: (sql) => {
      const statement = attempt(() => database.prepare(sql))
      return {
        get: (...values) => attempt(() => statement.get(...values) as Row | undefined),
        all: (...values) => attempt(() => statement.all(...values) as ReadonlyArray<Row>),
        run: (...values) => attempt(() => void statement.run(...values)),
      }
    },
    prepareValue: (sql) => {
      const statement = attempt(() => database.prepare(sql).pluck())
      return () => attempt(() => statement.get() as Value)
    },
    isInTransaction: () => database.inTransaction,
    close: () => attempt(() => void database.close()),
  }
}
