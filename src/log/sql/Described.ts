/**
 * The tables of the projection in a file, made as they are described; what they were made from stands beside them.
 *
 * They are disposable: where the description is another, they are made anew. A name that is noted there and is none of
 * theirs is no reason to touch what bears it.
 */
import { foldedTables } from "../Rebuild.ts"
import type { InlineProjection, Row, Table } from "../Rows.ts"
import { prunedTable } from "../Tables.ts"
import { createTable } from "./Definition.ts"
import type { SqliteDriver } from "./Driver.ts"

/** Which tables there are, and the SQL that each was made with. */
export const describedTable: Table = {
  name: "projections",
  columns: { name: "TEXT", definition: "TEXT" },
  key: ["name"],
  indexes: [],
}

/** Under this name stands the description of the projection itself; no table bears it. */
export const PROJECTION = "*"

/** Tables that are judged by the log: what is folded from it, and what is noted of that. */
export const judgedTables = (projection: InlineProjection): ReadonlyArray<Table> => [
  ...foldedTables(projection),
  prunedTable,
  describedTable,
]

/** Their names: what is in them can be made again. */
export const disposableOf = (projection: InlineProjection): ReadonlySet<string> =>
  new Set(judgedTables(projection).map(({ name }) => name))

/** The rows that it should have. */
export const descriptionsOf = (projection: InlineProjection): ReadonlyArray<Row> => [
  { name: PROJECTION, definition: projection.description },
  ...projection.tables.map((table) => ({ name: table.name, definition: createTable(table) })),
]

export const isDescribed = (driver: SqliteDriver, projection: InlineProjection): boolean => {
  const known = new Map(
    driver
      .prepare("SELECT name, definition FROM projections")
      .all()
      .map((row) => [row["name"], row["definition"]]),
  )
  return descriptionsOf(projection).every(({ name, definition }) => known.get(name!) === definition)
}

/** Makes the tables, empty, in place of those that bear their names. */
export const describe = (driver: SqliteDriver, projection: InlineProjection): void => {
  driver.exec("DELETE FROM projections")
  const note = driver.prepare("INSERT INTO projections (name, definition) VALUES (?, ?)")
  for (const table of projection.tables) driver.exec(`DROP TABLE IF EXISTS ${table.name};\n${createTable(table)}`)
  for (const { name, definition } of descriptionsOf(projection)) note.run(name!, definition!)
}
