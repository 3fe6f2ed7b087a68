/**
 * Retry secrets in a file of their own beside the database: what copies the database, or its journal, has none of them.
 *
 * The file is made when the first one is kept. It may be removed at any time: what it held is lost, and the next one is
 * kept in a new file.
 */
import { statSync } from "node:fs"
import { StoreFault } from "../EventLog.ts"
import { retrySecretTable, type SecretRows } from "../RetrySecrets.ts"
import type { RowWriter } from "../Rows.ts"
import { within } from "./Commit.ts"
import type { OpenSqlite, SqliteDriver } from "./Driver.ts"
import { openSideFile, type SideFile } from "./SideFile.ts"
import { sqliteRows } from "./SqliteRows.ts"

export const retrySecretFileOf = (file: string): string => `${file}.retry-secrets`

/** "glrs" */
const retrySecretFile: SideFile = { holds: "retry secrets", table: retrySecretTable, applicationId: 0x676c7273 }

interface Opened {
  readonly driver: SqliteDriver
  readonly rows: RowWriter
  readonly inode: number | undefined
}

export const secretRowsIn = (path: string, open: OpenSqlite): SecretRows => {
  const inodeNow = () => statSync(path, { throwIfNoEntry: false })?.ino
  let opened: Opened | undefined

  const close = () => {
    opened?.driver.close()
    opened = undefined
  }
  const isDamage = (cause: unknown): cause is StoreFault =>
    cause instanceof StoreFault && (cause.reason === "corrupt" || cause.reason === "not-a-log")
  const sayWhatToDo = <A>(body: () => A): A => {
    try {
      return body()
    } catch (cause) {
      if (!isDamage(cause)) throw cause
      const message = `the retry secrets \`${path}\` are damaged: remove the file, no session is lost with it`
      throw new StoreFault({ reason: "corrupt", message, cause })
    }
  }
  const openAnew = (): Opened => {
    close()
    const driver = openSideFile(path, retrySecretFile, open)
    return (opened = { driver, rows: sqliteRows(driver), inode: inodeNow() })
  }
  const at = (inode: number | undefined): Opened =>
    opened !== undefined && opened.inode === inode ? opened : openAnew()

  return {
    present: () =>
      sayWhatToDo(() => {
        const inode = inodeNow()
        return inode === undefined ? undefined : at(inode).rows
      }),
    within: (body) =>
      sayWhatToDo(() => {
        const { driver, rows } = at(inodeNow())
        return within(driver, () => body(rows))
      }),
    close,
  }
}
