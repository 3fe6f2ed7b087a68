/**
 * The file of an audit index: separate from the log, mode 0600, disposable, and with the tables of this version or
 * none.
 *
 * A file of another program is left as it is. A file of another version is emptied, because everything can be read from
 * the log again.
 */
import { chmodSync } from "node:fs"
import { ensureFile } from "../../files/SmallFile.ts"
import {
  createTable,
  indexesOf,
  openNodeSqlite,
  StoreFault,
  within,
  type OpenSqlite,
  type SqliteDriver,
} from "../../log/index.ts"
import { auditTables } from "./AuditTables.ts"

/** Marks a SQLite file as an audit index ("gaud"). */
const APPLICATION_ID = 0x67617564
/** How long opening a file may wait for other processes that open it. */
const OPEN_WAIT_MILLIS = 5000
/** Raised when entries become rows in another way, which the table definitions do not show. */
const FOLD_VERSION = 3

/** Pages of the journal that are moved into the file together: each of them is written there once, however often it changed. */
const JOURNAL_PAGES = 16_384

const IN_MEMORY = ":memory:"

const definitions = auditTables.map((table) => createTable(table)).join("\n")
const schemaName = `${FOLD_VERSION} ${definitions}`

const valueOf = (driver: SqliteDriver, sql: string): unknown => Object.values(driver.prepare(sql).get() ?? {})[0]

/** Empties the index, so that it is like a new file. Runs within a transaction of the caller. */
export const emptyFile = (driver: SqliteDriver): void => {
  const tables = driver.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  for (const { name } of tables) driver.exec(`DROP TABLE "${name}"`)
  driver.exec("CREATE TABLE audit_schema (definition TEXT NOT NULL) STRICT")
  driver.prepare("INSERT INTO audit_schema (definition) VALUES (?)").run(schemaName)
  driver.exec(definitions)
  driver.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
}

const indexes = auditTables.flatMap(indexesOf)

/** Drops the indexes beside the tables; within a transaction of the caller. */
export const dropIndexes = (driver: SqliteDriver): void => {
  for (const { name } of indexes) driver.exec(`DROP INDEX IF EXISTS ${name}`)
}

/** Makes the indexes that are missing, each by one pass over its table. */
export const makeIndexes = (driver: SqliteDriver): void => {
  const there = driver.prepare("SELECT name FROM sqlite_schema WHERE type = 'index'").all()
  const names = new Set(there.map(({ name }) => name))
  for (const { name, statement } of indexes) if (!names.has(name)) driver.exec(statement)
}

const isCurrent = (driver: SqliteDriver): boolean =>
  valueOf(driver, "PRAGMA application_id") === APPLICATION_ID &&
  valueOf(driver, "SELECT definition FROM audit_schema") === schemaName

const requireOurs = (driver: SqliteDriver): void => {
  const isEmpty = driver.prepare("SELECT 1 FROM sqlite_schema").get() === undefined
  if (isEmpty || valueOf(driver, "PRAGMA application_id") === APPLICATION_ID) return
  const message = "the file of the audit index is a database of another program: move it out of the way"
  throw new StoreFault({ reason: "not-a-log", message })
}

/** Opens the index in `file`, made if it is not there; throws a {@link StoreFault}. */
export const openAuditFile = (file: string | undefined, open: OpenSqlite = openNodeSqlite): SqliteDriver => {
  if (file !== undefined) makeFile(file)
  const driver = open(file ?? IN_MEMORY)
  try {
    driver.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MILLIS}`)
    driver.exec("PRAGMA trusted_schema = OFF")
    requireOurs(driver)
    driver.exec("PRAGMA journal_mode = WAL")
    // What a power cut removes is folded from the log again. Nothing here is the only copy.
    driver.exec("PRAGMA synchronous = NORMAL")
    driver.exec("PRAGMA cache_size = -65536")
    driver.exec(`PRAGMA wal_autocheckpoint = ${JOURNAL_PAGES}`)
    within(driver, () => {
      requireOurs(driver)
      if (!isCurrent(driver)) emptyFile(driver)
    })
    driver.exec("PRAGMA busy_timeout = 0")
    return driver
  } catch (cause) {
    driver.close()
    throw cause
  }
}

/** SQLite gives the files beside it the mode of the first. */
const makeFile = (file: string): void => {
  try {
    ensureFile(file)
    chmodSync(file, 0o600)
  } catch (cause) {
    const message = `the audit index \`${file}\` cannot be written: its folder must be writable`
    throw new StoreFault({ reason: "read-only", message, cause })
  }
}
