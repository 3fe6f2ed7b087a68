/**
 * The schema of a file held against that of a new one: every table, index, trigger and view, to the letter.
 *
 * A trigger writes what no append wrote, a view answers in a table's place, an index sorts by another order. What does
 * not belong is named; what holds nothing is put right by a rebuild, and nothing that holds anything is dropped.
 */
import type { InlineProjection } from "../Rows.ts"
import { describe } from "./Described.ts"
import type { OpenSqlite, SqliteDriver } from "./Driver.ts"
import { migrate } from "./Migrations.ts"

interface SchemaObject {
  readonly type: "table" | "index" | "trigger" | "view"
  readonly name: string
  readonly table: string
  readonly sql: string
}

export interface Schema {
  readonly objects: ReadonlyMap<string, SchemaObject>
  readonly pragmas: Readonly<Record<string, unknown>>
}

/** What an object of a file is instead of what it should be. */
export interface SchemaDifference {
  readonly kind: "foreign" | "changed" | "missing"
  readonly object: SchemaObject
  /** As it should be. */
  readonly wanted: SchemaObject | undefined
}

const settings = ["application_id", "user_version", "encoding"]

/** What was made by a statement; indexes that a table has by itself are told by the table's. */
export const schemaOf = (driver: SqliteDriver): Schema => {
  const objects = driver
    .prepare(`SELECT type, name, tbl_name AS "table", sql FROM main.sqlite_schema WHERE sql IS NOT NULL`)
    .all() as unknown as ReadonlyArray<SchemaObject>
  return {
    objects: new Map(objects.map((object) => [`${object.type} ${object.name}`, object])),
    pragmas: Object.fromEntries(
      settings.map((name) => [name, driver.prepare(`PRAGMA main.${name}`).get()?.[name]] as const),
    ),
  }
}

/** What a file has that was made just now. */
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

const isSame = (left: SchemaObject, right: SchemaObject): boolean =>
  left.sql === right.sql && left.table === right.table

const schemaDifferences = (found: Schema, wanted: Schema): ReadonlyArray<SchemaDifference> => [
  ...[...found.objects].flatMap(([key, object]): ReadonlyArray<SchemaDifference> => {
    const known = wanted.objects.get(key)
    if (known === undefined) return [{ kind: "foreign", object, wanted: undefined }]
    return isSame(object, known) ? [] : [{ kind: "changed", object, wanted: known }]
  }),
  ...[...wanted.objects].flatMap(([key, object]): ReadonlyArray<SchemaDifference> =>
    found.objects.has(key) ? [] : [{ kind: "missing", object, wanted: object }],
  ),
]

/** Names come from whoever wrote them: none is longer than this when it is told, or moves a cursor. */
const SHOWN_CHARACTERS = 64
export const shown = (text: string): string => text.slice(0, SHOWN_CHARACTERS).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?")

const isDisposable = ({ object }: SchemaDifference, disposable: ReadonlySet<string>): boolean =>
  object.type !== "table" || disposable.has(object.name)

/** Each in a sentence that says what to do. `disposable` names the tables that are folded from the log. */
export const tellSchema = (found: Schema, wanted: Schema, disposable: ReadonlySet<string>): ReadonlyArray<string> => [
  ...Object.entries(wanted.pragmas)
    .filter(([name, value]) => found.pragmas[name] !== value)
    .map(([name, value]) => `the file's ${name} is not ${String(value)}: restore from a backup`),
  ...schemaDifferences(found, wanted).map((difference) => {
    const { kind, object } = difference
    const told = { foreign: "is not grantlog's", changed: "is not as grantlog makes it", missing: "is missing" }[kind]
    const on = object.type === "table" ? "" : ` on \`${shown(object.table)}\``
    const advice = isDisposable(difference, disposable)
      ? "run grantlog rebuild"
      : kind === "foreign"
        ? "take it out of the file"
        : "restore from a backup"
    return `the ${object.type} \`${shown(object.name)}\`${on} ${told}: ${advice}`
  }),
]

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Puts right what holds nothing of its own; within a transaction of the caller. */
export const repairSchema = (driver: SqliteDriver, wanted: Schema, disposable: ReadonlySet<string>): void => {
  const differences = schemaDifferences(schemaOf(driver), wanted).filter((one) => isDisposable(one, disposable))
  // A trigger first, for it could write while others are put right.
  const order = ["trigger", "view", "index", "table"]
  const inOrder = differences.toSorted(
    (left, right) => order.indexOf(left.object.type) - order.indexOf(right.object.type),
  )
  for (const { kind, object } of inOrder) {
    if (kind !== "missing") driver.exec(`DROP ${object.type} IF EXISTS main.${quoted(object.name)}`)
  }
  // A table takes its indexes and triggers with it; so what is missing is looked for once more.
  const missing = schemaDifferences(schemaOf(driver), wanted).filter((one) => one.kind === "missing")
  for (const type of order.toReversed()) {
    for (const { object } of missing) if (object.type === type) driver.exec(object.sql)
  }
}
