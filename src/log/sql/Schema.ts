/** Compares the schema of a SQLite file with that of a new file, and repairs it by that. */
import type { InlineProjection } from "../Rows.ts"
import { missingIn, unwantedIn, type Schema, type SchemaObject } from "../Schema.ts"
import { describe } from "./Described.ts"
import type { OpenSqlite, SqliteDriver } from "./Driver.ts"
import { migrate } from "./Migrations.ts"

const pragmas = ["application_id", "user_version", "encoding"]

/** What was made by statements. Indexes that a table has by itself are covered by the statement of the table. */
export const schemaOf = (driver: SqliteDriver): Schema => {
  const objects = driver
    .prepare(`SELECT type, name, tbl_name AS "table", sql FROM main.sqlite_schema WHERE sql IS NOT NULL`)
    .all() as unknown as ReadonlyArray<SchemaObject>
  return {
    objects: new Map(objects.map((object) => [`${object.type} ${object.name}`, object])),
    settings: Object.fromEntries(
      pragmas.map((name) => [name, driver.prepare(`PRAGMA main.${name}`).get()?.[name]] as const),
    ),
  }
}

/** The schema of a new file. */
export const newSchema = (open: OpenSqlite, projection: InlineProjection): Schema => {
  const driver = open(":memory:")
  try {
    migrate(driver)
    describe(driver, projection)
    return schemaOf(driver)
  } finally {
    driver.close()
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Repairs tables and indexes that can be made again; runs within a transaction of the caller. */
export const repairSchema = (driver: SqliteDriver, wanted: Schema, disposable: ReadonlySet<string>): void => {
  for (const { type, name } of unwantedIn(schemaOf(driver), wanted, disposable)) {
    driver.exec(`DROP ${type} IF EXISTS main.${quoted(name)}`)
  }
  for (const { sql } of missingIn(schemaOf(driver), wanted)) driver.exec(sql)
}
