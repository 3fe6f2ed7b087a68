/**
 * SQLite files for tests: a folder that goes away with the test, and drivers that can be looked into or made to fail.
 *
 * A hook stands around every call of a driver, so that a disk can fill up or a connection be cut at a chosen moment.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { makeSqliteLog, type OpenSqlite } from "../../src/log/index.ts"
import type { SqliteDriver } from "../../src/log/sql/Driver.ts"
import { tally, type TestStore } from "./Samples.ts"
import type { OpenOptions } from "./LogSuite.ts"
import { rowsByHand } from "./RowsByHand.ts"

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const temporaryFile = (): string => join(temporaryFolder(), "log.sqlite")

/** Runs around each call: `sql` is what is executed, `go` does it. */
export type Hook = (sql: string, go: () => unknown) => unknown

export const hooked =
  (open: OpenSqlite, hook: Hook): OpenSqlite =>
  (file) => {
    const driver = open(file)
    return {
      ...driver,
      exec: (sql) => void hook(sql, () => driver.exec(sql)),
      prepare: (sql) => {
        const { get, all, run } = driver.prepare(sql)
        return {
          get: (...values) => hook(sql, () => get(...values)) as ReturnType<typeof get>,
          all: (...values) => hook(sql, () => all(...values)) as ReturnType<typeof all>,
          run: (...values) => void hook(sql, () => run(...values)),
        }
      },
      prepareValue: (sql) => {
        const value = driver.prepareValue(sql)
        return () => hook(sql, value) as ReturnType<typeof value>
      },
    }
  }

/** A log on a file, and the very connection that it writes on. */
export interface Opened {
  readonly log: TestStore
  readonly connection: SqliteDriver
}

export const openOn = (file: string, open: OpenSqlite, options: OpenOptions = {}): Opened => {
  let connection: SqliteDriver | undefined
  const log = makeSqliteLog(file, {
    projection: tally,
    side: rowsByHand,
    open: (path) => (connection = open(path)),
    ...options,
  })
  return { log, connection: connection! }
}

/** Works on a file from outside, on a connection of its own. */
export const onFile = <A>(file: string, open: OpenSqlite, body: (driver: SqliteDriver) => A): A => {
  const driver = open(file)
  try {
    return body(driver)
  } finally {
    driver.close()
  }
}
