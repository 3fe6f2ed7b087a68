/**
 * The serve lock: of several servers on one file, one serves.
 *
 * It is an exclusive transaction on a file of its own beside the database, so that it ends with the process, however
 * that ends. Commands that only append do not take it.
 */
import { StoreFault, openNodeSqlite } from "../log/index.ts"

/** Takes the lock for a database file; gives back how to release it. */
export const takeServeLock = (file: string): (() => void) => {
  const lock = openNodeSqlite(`${file}.serve-lock`)
  try {
    lock.exec("BEGIN EXCLUSIVE")
  } catch (cause) {
    lock.close()
    if (cause instanceof StoreFault && cause.reason === "busy") {
      const message = `another grantlog serves \`${file}\`: stop it, or use another --store`
      throw new StoreFault({ reason: "locked", message, cause })
    }
    throw cause
  }
  return lock.close
}
