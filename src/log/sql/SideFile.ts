/**
 * A small SQLite file of its own beside the log: one table of what must not be in copies of the log.
 *
 * It has a rollback journal that is gone for certain after each commit, and nothing of what was deleted is left in the
 * file, so that what is destroyed in it is destroyed.
 */
import { closeSync, openSync } from "node:fs"
import { StoreFault } from "../EventLog.ts"
import { asFault } from "../GroupCommit.ts"
import type { Table } from "../Rows.ts"
import { within } from "./Commit.ts"
import { createTable } from "./Definition.ts"
import type { OpenSqlite, SqliteDriver } from "./Driver.ts"

export interface SideFile {
  /** What it holds, in the plural: for sentences. */
  readonly holds: string
  readonly table: Table
  /** Marks the SQLite file as one of these. */
  readonly applicationId: number
}

const OPEN_WAIT_MILLIS = 5000

/** Opens `file` (`:memory:` for none), made with mode 0600 if it is not there; throws a {@link StoreFault}. */
export const openSideFile = (file: string, side: SideFile, open: OpenSqlite): SqliteDriver => {
  if (file !== ":memory:") makePrivate(file, side)
  const driver = open(file)
  try {
    prepare(driver, file, side)
    return driver
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
}

const makePrivate = (file: string, { holds }: SideFile): void => {
  try {
    closeSync(openSync(file, "a", 0o600))
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
