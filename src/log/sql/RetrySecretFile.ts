/**
 * Retry secrets in a file of their own beside the database, so that copies of the database and its journal have none.
 *
 * The file is made with the first secret. It may be removed at any time: then its secrets are lost, and the next one makes
 * a new file.
 */
import { statSync } from "node:fs"
import { StoreFault } from "../EventLog.ts"
import { placeOver, type Place } from "../Place.ts"
import { retrySecretTable } from "../RetrySecrets.ts"
import { within } from "./Commit.ts"
import type { OpenSqlite } from "./Driver.ts"
import { openSideFile, type OpenedSide, type SideFile } from "./SideFile.ts"

export const retrySecretFileOf = (file: string): string => `${file}.retry-secrets`

/** "glrs" */
const retrySecretFile: SideFile = { holds: "retry secrets", table: retrySecretTable, applicationId: 0x676c7273 }

interface Opened extends OpenedSide {
  readonly inode: number | undefined
}

export const retrySecretPlace = (path: string, open: OpenSqlite): Place => {
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
    const side = openSideFile(path, retrySecretFile, open)
    return (opened = { ...side, inode: inodeNow() })
  }
  const at = (inode: number | undefined): Opened =>
    opened !== undefined && opened.inode === inode ? opened : openAnew()

  const present = () =>
    sayWhatToDo(() => {
      const inode = inodeNow()
      return inode === undefined ? undefined : at(inode)
    })
  return placeOver(retrySecretTable, {
    present: () => present()?.rows,
    within: (body) =>
      sayWhatToDo(() => {
        const { driver, rows } = at(inodeNow())
        return within(driver, () => body(rows))
      }),
    version: () => {
      const found = present()
      return found && `${found.inode} ${String(found.version())}`
    },
    close,
  })
}
