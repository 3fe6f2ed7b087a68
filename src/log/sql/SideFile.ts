/**
 * A small SQLite file of its own beside the log: one table of what must not be in copies of the log.
 *
 * Its rollback journal is removed after each commit, and deleted content is overwritten in the file, so that destroying a
 * row really destroys it.
 */
import { ensureFile } from "../../files/SmallFile.ts"
import { StoreFault } from "../EventLog.ts"
import { asFault } from "../GroupCommit.ts"
import { placeOver, type Place } from "../Place.ts"
import type { RowWriter, Table } from "../Rows.ts"
import { within } from "./Commit.ts"
import { createTable } from "./Definition.ts"
import type { OpenSqlite, SqliteDriver } from "./Driver.ts"
import { openNodeSqlite } from "./NodeSqlite.ts"
import { sqliteRows } from "./SqliteRows.ts"

export interface SideFile {
  /** What the file holds, in the plural, for messages. */
  readonly holds: string
  readonly table: Table
  /** Marks the SQLite file as one of these. */
  readonly applicationId: number
}

const OPEN_WAIT_MILLIS = 5000

export interface OpenedSide {
  readonly driver: SqliteDriver
  readonly rows: RowWriter
  /** Changes when another connection has written, and not by writes of this one. */
  readonly version: () => unknown
}

/** Opens `file` and makes it with mode 0600 if there is none; throws a {@link StoreFault}. */
export const openSideFile = (file: string, side: SideFile, open: OpenSqlite): OpenedSide => {
  makePrivate(file, side)
  const driver = open(file)
  try {
    prepare(driver, file, side)
    return { driver, rows: sqliteRows(driver), version: driver.prepareValue("PRAGMA data_version") }
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
}

/** Opens `file` as a place, until it is closed; throws a {@link StoreFault}. */
export const placeInFile = (file: string, side: SideFile, open: OpenSqlite = openNodeSqlite): Place => {
  const { driver, rows, version } = openSideFile(file, side, open)
  const { close } = driver
  return placeOver(side.table, {
    present: () => rows,
    within: (body) => within(driver, () => body(rows)),
    version,
    close,
  })
}

const makePrivate = (file: string, { holds }: SideFile): void => {
  try {
    ensureFile(file)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const message = `the ${holds} \`${file}\` cannot be opened (${code}): give this user write permission on them and their folder`
    throw new StoreFault({ reason: "read-only", message, cause })
  }
}

const prepare = (driver: SqliteDriver, file: string, { holds, table, applicationId }: SideFile): void => {
  driver.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MILLIS}`)
  driver.exec("PRAGMA trusted_schema = OFF; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA")
  driver.exec("PRAGMA secure_delete = ON")
  within(driver, () => {
    const id = driver.prepare("PRAGMA application_id").get()?.["application_id"]
    if (id === applicationId) return
    if (driver.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined) {
      throw new StoreFault({ reason: "not-a-log", message: `\`${file}\` holds no ${holds}: check its path` })
    }
    driver.exec(createTable(table))
    driver.exec(`PRAGMA application_id = ${applicationId}`)
  })
  driver.exec("PRAGMA busy_timeout = 0")
}
