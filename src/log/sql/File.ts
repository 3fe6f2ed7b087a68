/**
 * A SQLite file made ready: WAL, `synchronous=FULL`, the newest schema, and the projection's tables as described.
 *
 * Only here may a connection wait by blocking, for whoever else opens, migrates or closes the same file; afterwards it
 * waits for nobody. A file that is not ours, or is from a newer grantlog, is left as it was found.
 */
import { StoreFault, type Rebuilt } from "../EventLog.ts"
import { countDifferingRows, foldedTables } from "../Rebuild.ts"
import type { InlineProjection } from "../Rows.ts"
import { prunedTable } from "../Tables.ts"
import { within } from "./Commit.ts"
import { createTable } from "./Definition.ts"
import type { SqliteDriver } from "./Driver.ts"
import { entriesOver } from "./Entries.ts"
import { migrate, requireOurs } from "./Migrations.ts"
import { sqliteRows } from "./SqliteRows.ts"

const OPEN_WAIT_MILLIS = 5000

export const prepareFile = (driver: SqliteDriver, projection: InlineProjection): void => {
  driver.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MILLIS}`)
  driver.exec("PRAGMA trusted_schema = OFF")
  requireOurs(driver)
  const mode = driver.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"]
  if (mode !== "wal" && mode !== "memory") {
    const message = "the file system has no shared memory, which the log needs: put the database on a local disk"
    throw new StoreFault({ reason: "other", message })
  }
  driver.exec("PRAGMA synchronous = FULL")
  // What is deleted is overwritten where it stood, also in pages that are free from then on.
  driver.exec("PRAGMA secure_delete = ON")
  migrate(driver)
  if (!isDescribed(driver, projection)) within(driver, () => describeAnew(driver, projection))
  driver.exec("PRAGMA busy_timeout = 0")
}

const definitionsIn = (driver: SqliteDriver) =>
  new Map(
    driver
      .prepare("SELECT name, definition FROM projections")
      .all()
      .map((row) => [String(row["name"]), row["definition"]]),
  )

const isDescribed = (driver: SqliteDriver, projection: InlineProjection): boolean => {
  const known = definitionsIn(driver)
  return projection.tables.every((table) => known.get(table.name) === createTable(table))
}

/** Tables whose description changed are folded anew; somebody else may just have done it. */
const describeAnew = (driver: SqliteDriver, projection: InlineProjection): void => {
  if (isDescribed(driver, projection)) return
  for (const name of definitionsIn(driver).keys()) driver.exec(`DROP TABLE ${name}`)
  driver.exec("DELETE FROM projections")
  for (const table of projection.tables) {
    const definition = createTable(table)
    driver.exec(definition)
    driver.prepare("INSERT INTO projections (name, definition) VALUES (?, ?)").run(table.name, definition)
  }
  rebuildWithin(driver, projection)
}

/** Folds the log beside what is served and puts that in its place if it differs; within a transaction of the caller. */
export const rebuildWithin = (
  driver: SqliteDriver,
  projection: InlineProjection,
  onProgress?: (entryCount: number) => void,
): Rebuilt => {
  const tables = foldedTables(projection)
  for (const table of tables) driver.exec(createTable({ ...table, name: REBUILT + table.name }))
  const rebuilt = foldAgain(driver, projection, "", onProgress)
  for (const { name } of tables) {
    if (rebuilt.differingRowCount > 0) {
      driver.exec(`DELETE FROM ${name}; INSERT INTO ${name} SELECT * FROM ${REBUILT}${name}`)
    }
    driver.exec(`DROP TABLE ${REBUILT}${name}`)
  }
  return rebuilt
}

/** The same comparison on temporary copies, as of one moment, while others write. */
export const compareBeside = (
  driver: SqliteDriver,
  projection: InlineProjection,
  onProgress?: (entryCount: number) => void,
): Rebuilt => {
  const tables = foldedTables(projection)
  driver.exec("BEGIN")
  try {
    for (const table of tables) {
      for (const prefix of [REBUILT, COMPARED]) {
        driver.exec(createTable({ ...table, name: prefix + table.name }, "TEMP TABLE"))
      }
      driver.exec(`INSERT INTO ${COMPARED}${table.name} SELECT * FROM main.${table.name}`)
    }
    driver.exec(`CREATE TEMP VIEW ${COMPARED}${prunedTable.name} AS SELECT * FROM main.${prunedTable.name}`)
    return foldAgain(driver, projection, COMPARED, onProgress)
  } finally {
    driver.exec("ROLLBACK")
  }
}

const REBUILT = "rebuilt_"
const COMPARED = "compared_"

const foldAgain = (
  driver: SqliteDriver,
  projection: InlineProjection,
  servedPrefix: string,
  onProgress?: (entryCount: number) => void,
): Rebuilt => {
  const { page, leafAt } = entriesOver(driver)
  const served = sqliteRows(driver, servedPrefix)
  return countDifferingRows({ projection, served, rebuilt: sqliteRows(driver, REBUILT), page, leafAt, onProgress })
}
