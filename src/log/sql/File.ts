/**
 * Makes a SQLite file ready: WAL, `synchronous=FULL`, the newest schema, and the projection's tables as described.
 *
 * Only here may a connection block while somebody else opens, migrates or closes the same file; afterwards it never waits.
 * A file that is not ours, or is from a newer version of grantlog, is left unchanged.
 */
import * as Effect from "effect/Effect"
import { StoreFault } from "../EventLog.ts"
import { judgeRows, nothingJudged } from "../Rebuild.ts"
import type { InlineProjection, Table } from "../Rows.ts"
import type { Judging, Rebuilt } from "../Store.ts"
import { shown, tellSchema, type Schema } from "../Schema.ts"
import { prunedTable } from "../Tables.ts"
import { rollBack, within } from "./Commit.ts"
import { compareTable } from "./CompareTable.ts"
import { createTable } from "./Definition.ts"
import { describe, describedTable, descriptionsOf, disposableOf, isDescribed, judgedTables } from "./Described.ts"
import type { SqliteDriver } from "./Driver.ts"
import { entriesOver } from "./Entries.ts"
import { migrate, requireOurs } from "./Migrations.ts"
import { repairSchema, schemaOf } from "./Schema.ts"
import { sqliteRows } from "./SqliteRows.ts"

const OPEN_WAIT_MILLIS = 5000

export const prepareFile = (
  driver: SqliteDriver,
  projection: InlineProjection,
  beside: ReadonlyArray<string>,
): void => {
  driver.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MILLIS}`)
  driver.exec("PRAGMA trusted_schema = OFF")
  requireOurs(driver)
  const mode = driver.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"]
  if (mode !== "wal" && mode !== "memory") {
    const message = "the file system has no shared memory, which the log needs: put the database on a local disk"
    throw new StoreFault({ reason: "other", message })
  }
  driver.exec("PRAGMA synchronous = FULL")
  // Deleted content is overwritten in place, also in pages that become free.
  driver.exec("PRAGMA secure_delete = ON")
  migrate(driver)
  requireTables(driver, ["entries", "archives", "archived_streams", ...beside])
  // It is checked again under the lock, because another process may just have done it.
  if (!isDescribed(driver, projection)) {
    within(driver, () => {
      if (isDescribed(driver, projection)) return
      describe(driver, projection)
      foldAnew(driver, projection, {})
    })
  }
  driver.exec("PRAGMA busy_timeout = 0")
}

/** Requires the tables whose content cannot be made again: without one of them the log cannot be opened. */
const requireTables = (driver: SqliteDriver, names: ReadonlyArray<string>): void => {
  const isThere = driver.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
  const missing = names.find((name) => isThere.get(name) === undefined)
  if (missing === undefined) return
  const message = `the table \`${missing}\` is missing: stop, keep a copy, and restore from a backup`
  throw new StoreFault({ reason: "corrupt", message })
}

/** Repairs what differs, the schema first; runs within a transaction of the caller. */
export const rebuildWithin = (
  driver: SqliteDriver,
  projection: InlineProjection,
  wanted: Schema,
  judging: Judging,
): Rebuilt => {
  const disposable = disposableOf(projection)
  const schemaFaults = tellSchema("file", schemaOf(driver), wanted, disposable)
  const damage = damageOf(driver)
  repairSchema(driver, wanted, disposable)
  if (damage.length > 0) driver.exec("REINDEX")
  const rebuilt = foldAnew(driver, projection, judging)
  return { ...rebuilt, faults: [...schemaFaults, ...damage, ...rebuilt.faults] }
}

/** Folds the log into tables of its own, and replaces the served rows if they differ. */
const foldAnew = (driver: SqliteDriver, projection: InlineProjection, judging: Judging): Rebuilt => {
  const tables = judgedTables(projection)
  const rebuilt = Effect.runSync(foldAgain(driver, projection, { judging, turn: Effect.void, isSound: true }))
  for (const { name } of tables) {
    if (rebuilt.differingRowCount > 0 || rebuilt.faults.length > 0) {
      driver.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} SELECT * FROM ${FOLDED}${name}`)
    }
    driver.exec(`DROP TABLE ${FOLDED}${name}`)
  }
  return rebuilt
}

/**
 * The same comparison as of one moment while others write. It has a connection of its own, and lets the event loop turn
 * after each page. If the schema is wrong, rows are not compared.
 */
export const compareBeside = (
  driver: SqliteDriver,
  projection: InlineProjection,
  wanted: Schema,
  judging: Judging,
  turn: Effect.Effect<void>,
): Effect.Effect<Rebuilt, StoreFault> => {
  const compare = Effect.gen(function* () {
    driver.exec("PRAGMA trusted_schema = OFF; BEGIN")
    const faults = [...tellSchema("file", schemaOf(driver), wanted, disposableOf(projection)), ...damageOf(driver)]
    const isSound = faults.length === 0
    if (!isSound && judging.inspector === undefined) return { ...nothingJudged, faults }
    const judged = yield* foldAgain(driver, projection, { judging, turn, isSound })
    return { ...judged, faults: [...faults, ...judged.faults] }
  })
  return Effect.ensuring(
    compare,
    Effect.sync(() => rollBack(driver)),
  )
}

const MAX_DAMAGES = 5

/** The damage that SQLite itself finds: indexes that disagree with their tables, and unreadable pages. */
const damageOf = (driver: SqliteDriver): ReadonlyArray<string> =>
  driver
    .prepare(`PRAGMA main.integrity_check(${MAX_DAMAGES})`)
    .all()
    .map((row) => String(row["integrity_check"]))
    .filter((told) => told !== "ok")
    .map((told) => `the file is damaged: ${shown(told)}; run grantlog rebuild, or restore from a backup`)

const FOLDED = "temp.folded_"

const makeFolded = (driver: SqliteDriver, tables: ReadonlyArray<Table>): void => {
  for (const table of tables) driver.exec(createTable({ ...table, name: `folded_${table.name}` }, "TEMP TABLE"))
}

/** How many entries are read without a turn of the event loop: a few milliseconds. */
const PAGE = 128

interface Folding {
  readonly judging: Judging
  /** Taken after each page. */
  readonly turn: Effect.Effect<void>
  /** Whether what is served is in tables that can be read. */
  readonly isSound: boolean
}

const foldAgain = Effect.fnUntraced(function* (
  driver: SqliteDriver,
  projection: InlineProjection,
  { judging, turn, isSound }: Folding,
): Effect.fn.Return<Rebuilt, StoreFault> {
  makeFolded(driver, judgedTables(projection))
  const { leafPage, byStream } = entriesOver(driver)
  const rebuilt = sqliteRows(driver, FOLDED)
  for (const row of descriptionsOf(projection)) rebuilt.put(describedTable, row)
  const { rowCount, newestAt } = entryRowsIn(driver)
  const judged = yield* judgeRows({
    projection,
    served: isSound ? sqliteRows(driver, "main.") : undefined,
    rebuilt,
    pages: {
      leaves: (position) => Effect.map(turn, () => leafPage(position, PAGE)),
      streams: (behind) => Effect.map(turn, () => byStream(behind?.position, PAGE)),
    },
    newestAt,
    noted: [prunedTable, describedTable],
    compare: (table) => compareTable(driver, table, `main.${table.name}`, `${FOLDED}${table.name}`),
    judging,
  })
  const isStray = rowCount !== judged.entryCount
  const strays = `of ${rowCount} entries ${rowCount - judged.entryCount} stand at no position of the log: restore from a backup`
  return { ...judged, faults: [...judged.faults, ...(isStray ? [strays] : [])] }
})

/** How many rows the table of entries has, and when the newest was recorded. */
const entryRowsIn = (driver: SqliteDriver): { readonly rowCount: number; readonly newestAt: number } => {
  const row = driver.prepare("SELECT count(*) AS n, coalesce(max(recorded_at), 0) AS newest FROM main.entries").get()
  return { rowCount: Number(row?.["n"]), newestAt: Number(row?.["newest"]) }
}
