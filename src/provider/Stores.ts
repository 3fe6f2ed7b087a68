/** The stores that a server is made over, with the rows and side tables that it needs of them. */
import {
  makeMemoryLog,
  makePostgresStore,
  makeSqliteLog,
  type PostgresSettings,
  type SqliteSettings,
} from "../log/index.ts"
import { inlineProjection } from "../projection/index.ts"
import type { ServerStore } from "./ServerStore.ts"
import { sideTables } from "./SideTables.ts"

/**
 * A store in memory: for tests and trials. `onCommit` is told after each commit how many appends it held.
 *
 * @example
 * import { memoryStore } from "grantlog"
 *
 * const store = memoryStore()
 */
export const memoryStore = (options: { readonly onCommit?: (appendCount: number) => void } = {}): ServerStore =>
  makeMemoryLog({ projection: inlineProjection, side: sideTables, ...options })

/**
 * A store in a SQLite file; `open` chooses the driver, default node:sqlite.
 *
 * @example
 * import { sqliteStore } from "grantlog"
 *
 * const store = sqliteStore("grantlog.db")
 */
export const sqliteStore = (file: string, options: SqliteSettings = {}): ServerStore =>
  makeSqliteLog(file, { projection: inlineProjection, side: sideTables, ...options })

/**
 * A store in a PostgreSQL database, which any number of instances share: `postgres://USER:PASSWORD@HOST/DATABASE`. Nothing
 * is opened before something is asked of it. Keys are to be given (`keys`): none are kept beside it. What a lost refresh is
 * answered from lies in the same database, and in every backup of it, unless `retrySecrets` is a place elsewhere.
 *
 * @example
 * import { postgresStore } from "grantlog"
 *
 * const store = postgresStore("postgres://grantlog:secret@db.example.com/grantlog", { readerCount: 8 })
 */
export const postgresStore = (url: string, options: PostgresSettings = {}): ServerStore =>
  makePostgresStore(url, { projection: inlineProjection, side: sideTables, ...options })
