/**
 * A lock that one process holds: an exclusive transaction on a SQLite file of its own.
 *
 * The operating system releases it when the process ends, however that happens, so nobody has to judge whether the holder
 * is dead. Nothing is written to the file, and it is never removed: removing it could break a lock that somebody holds.
 */
import { openNodeSqlite } from "./NodeSqlite.ts"

/** Takes the lock of `file` and gives a function that releases it; throws a `StoreFault`, `busy` if somebody holds it. */
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
