/**
 * A lock that one process holds: an exclusive transaction on a SQLite file of its own.
 *
 * The operating system gives it back when the process ends, however that ends, so nobody has to judge whether a holder
 * is dead. Nothing is written to the file, and it stays behind: removing it could take a lock from under somebody.
 */
import { openNodeSqlite } from "./NodeSqlite.ts"

/** Takes the lock that `file` is, or throws a `StoreFault`, `busy` where somebody holds it; gives what gives it back. */
export const takeLock = (file: string): (() => void) => {
  const lock = openNodeSqlite(file)
  try {
    lock.exec("BEGIN EXCLUSIVE")
    return lock.close
  } catch (cause) {
    lock.close()
    throw cause
  }
}
