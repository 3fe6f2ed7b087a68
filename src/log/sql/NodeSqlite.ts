/**
 * The driver over node:sqlite: the default.
 *
 * The module is loaded when a file is opened. A program that opens none needs no SQLite, and gets no warning from versions
 * of Node in which it is experimental.
 */
import type { DatabaseSync } from "node:sqlite"
import { StoreFault } from "../EventLog.ts"
import type { Row, Value } from "../Rows.ts"
import { sqliteFault, type OpenSqlite, type SqliteDriver } from "./Driver.ts"

const CORRUPT = 11

/** The same, its failures as faults. */
const attempting =
  <Input extends ReadonlyArray<unknown>, A>(body: (...input: Input) => A) =>
  (...input: Input): A => {
    try {
      return body(...input)
    } catch (cause) {
      const { errcode, code } = cause as { readonly errcode?: number; readonly code?: string }
      // The module refuses to round integers. Those that grantlog writes need no rounding.
      throw sqliteFault(code === "ERR_OUT_OF_RANGE" ? CORRUPT : errcode, cause)
    }
  }

const load = (): typeof DatabaseSync => {
  const sqlite = process.getBuiltinModule("node:sqlite")
  if (sqlite !== undefined && "setReturnArrays" in sqlite.StatementSync.prototype) return sqlite.DatabaseSync
  const message = `a file is opened by the SQLite of Node 22.16 or newer, and this is ${process.versions.node}: run it on a newer one, or use openBetterSqlite3`
  throw new StoreFault({ reason: "other", message })
}

const open = attempting((Database: typeof DatabaseSync, file: string): SqliteDriver => {
  const database = new Database(file, { timeout: 0 })
  return {
    exec: attempting((sql) => database.exec(sql)),
    prepare: attempting((sql) => {
      const statement = database.prepare(sql)
      return {
        get: attempting((...values) => statement.get(...values) as Row | undefined),
        all: attempting((...values) => statement.all(...values) as ReadonlyArray<Row>),
        run: attempting((...values) => void statement.run(...values)),
      }
    }),
    prepareValue: attempting((sql) => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      return attempting(() => (statement.get() as unknown as readonly [Value])[0])
    }),
    isInTransaction: () => database.isTransaction,
    close: attempting(() => database.close()),
  }
})

/** Opens a file with node:sqlite, which is the default. */
export const openNodeSqlite: OpenSqlite = (file) => open(load(), file)
