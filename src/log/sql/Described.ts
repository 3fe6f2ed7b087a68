/**
 * The tables of the projection in a file, and beside them the description that they were made from.
 *
 * They are disposable: when the description changes, they are made anew. A noted name that is not one of theirs is no
 * reason to touch the table of that name.
 */
import { foldedTables } from "../Rebuild.ts"
import type { InlineProjection, Row, Table } from "../Rows.ts"
import { prunedTable } from "../Tables.ts"
import { createTable } from "./Definition.ts"
import type { SqliteDriver } from "./Driver.ts"

/** The tables, and the SQL that each was made with. */
export const describedTable: Table = {
  name: "projections",
  columns: { name: "TEXT", definition: "TEXT" },
  key: ["name"],
  indexes: [],
}

/** The name under which the description of the projection itself is kept; no table has it. */
export const PROJECTION = "*"

/** The tables that are compared with the log: those that are folded from it, and the notes about them. */
export const judgedTables = (projection: InlineProjection): ReadonlyArray<Table> => [
  ...foldedTables(projection),
  prunedTable,
  describedTable,
]

/** The names of the tables whose content can be made again. */
export const disposableOf = (projection: InlineProjection): ReadonlySet<string> =>
  new Set(judgedTables(projection).map(({ name }) => name))

/** The rows that the table of descriptions should have. */
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

/** Makes the tables anew and empty, in place of those with their names. */
export const describe = (driver: SqliteDriver, projection: InlineProjection): void => {
  driver.exec("DELETE FROM projections")
  const note = driver.prepare("INSERT INTO projections (name, definition) VALUES (?, ?)")
  for (const table of projection.tables) driver.exec(`DROP TABLE IF EXISTS ${table.name};\n${createTable(table)}`)
  for (const { name, definition } of descriptionsOf(projection)) note.run(name!, definition!)
}
