/**
 * What somebody can do to a row of any table, with a plain SQLite at hand.
 *
 * Tables and columns are read from the file, so that one that comes later is tried as well. What the table itself refuses
 * is no edit.
 */
import type { DatabaseSync } from "node:sqlite"

export interface RowEdit {
  readonly name: string
  /** SQL that edits the `at`-th row of a table, or adds one. */
  readonly sql: (table: string, columns: ReadonlyArray<Column>, at: number, pick: number) => string
}

export interface Column {
  readonly name: string
  readonly type: string
  readonly isKey: boolean
}

export const tablesOf = (database: DatabaseSync): ReadonlyArray<string> =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map((row) => String(row["name"]))

export const columnsOf = (database: DatabaseSync, table: string): ReadonlyArray<Column> =>
  database
    .prepare(`SELECT name, type, pk FROM pragma_table_xinfo('${table}')`)
    .all()
    .map((row) => ({ name: String(row["name"]), type: String(row["type"]), isKey: row["pk"] !== 0 }))

/** The `at`-th row by its key. */
const rowAt = (table: string, columns: ReadonlyArray<Column>, at: number): string => {
  const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => name)
  const key = keys.join(", ")
  return `(${key}) = (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT 1 OFFSET ${at} % (SELECT count(*) FROM ${table}))`
}

const setting =
  (value: (column: Column, pick: number) => string): RowEdit["sql"] =>
  (table, columns, at, pick) => {
    const column = columns[pick % columns.length]!
    return `UPDATE ${table} SET ${column.name} = ${value(column, pick)} WHERE ${rowAt(table, columns, at)}`
  }

/** Copies a row under another key, and perhaps with another of its other columns. */
const copying =
  (value: (column: Column) => string): RowEdit["sql"] =>
  (table, columns, at) => {
    const values = columns.map((column) => (column.isKey ? value(column) : column.name))
    return `INSERT INTO ${table} SELECT ${values.join(", ")} FROM ${table} WHERE ${rowAt(table, columns, at)}`
  }

const isText = ({ type }: Column): boolean => type === "TEXT"

export const rowEdits: ReadonlyArray<RowEdit> = [
  {
    name: "a row is taken out",
    sql: (table, columns, at) => `DELETE FROM ${table} WHERE ${rowAt(table, columns, at)}`,
  },
  {
    name: "a value is another",
    sql: setting((column) =>
      isText(column) ? `coalesce(${column.name}, '') || 'x'` : `coalesce(${column.name}, 0) + 1`,
    ),
  },
  { name: "a value is none", sql: setting(() => "NULL") },
  {
    name: "a value is one that no number or text of a program is",
    sql: setting((column, pick) =>
      isText(column) ? "CAST(X'61FF62' AS TEXT)" : pick % 2 === 0 ? "9223372036854775807" : "9007199254740993",
    ),
  },
  {
    name: "a value is of the other type",
    sql: setting((column) => (isText(column) ? "12345" : "'12345'")),
  },
  {
    name: "a row is there once more, under a key that looks alike",
    sql: copying((column) => (isText(column) ? `${column.name} || char(0)` : `-1 - ${column.name}`)),
  },
  {
    name: "a row is there once more, under a key that is no text",
    sql: copying((column) => (isText(column) ? "CAST(X'FF' AS TEXT)" : "9223372036854775807")),
  },
  {
    name: "a row is of what does not exist",
    sql: (table, columns) => {
      const values = columns.map((column) => (isText(column) ? `'nobody-${column.name}'` : "7"))
      return `INSERT INTO ${table} VALUES (${values.join(", ")})`
    },
  },
]
