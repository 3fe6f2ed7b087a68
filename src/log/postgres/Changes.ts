/** Changes of rows as statements: one for each table and kind of change, whatever the number of rows. */
import type { Row, RowChange, Table, Value } from "../Rows.ts"
import { writable } from "./Asks.ts"
import type { Values } from "./Connections.ts"

export interface Written {
  readonly sql: string
  readonly values: Values
}

const asJson = ({ columns }: Table, rows: ReadonlyArray<Row>): string => {
  const binary = Object.keys(columns).filter((column) => columns[column] === "BLOB")
  if (binary.length === 0) return JSON.stringify(rows)
  const asText = (row: Row) => binary.map((column) => [column, writable(row[column] ?? null)] as const)
  return JSON.stringify(rows.map((row) => ({ ...row, ...Object.fromEntries(asText(row)) })))
}

const rowsOf = (name: string) => `json_populate_recordset(null::${name}, $1::text::json)`

/** Inserts rows; a key that is already there is a fault. */
export const inserted = (schema: string, table: Table, rows: ReadonlyArray<Row>): Written => {
  const name = `${schema}.${table.name}`
  return { sql: `INSERT INTO ${name} SELECT * FROM ${rowsOf(name)}`, values: [asJson(table, rows)] }
}

const keyed = (table: Table, key: ReadonlyArray<Value>): Row =>
  Object.fromEntries(table.key.map((column, index) => [column, key[index]!]))

const isKey = (table: Table) => table.key.map((column) => `t.${column} = k.${column}`).join(" AND ")

const put = (schema: string, table: Table, rows: ReadonlyArray<Row>): Written => {
  const rest = Object.keys(table.columns).filter((column) => !table.key.includes(column))
  const set = rest.map((column) => `${column} = excluded.${column}`).join(", ")
  const { sql, values } = inserted(schema, table, rows)
  return {
    sql: `${sql} ON CONFLICT (${table.key.join(", ")}) ${set === "" ? "DO NOTHING" : `DO UPDATE SET ${set}`}`,
    values,
  }
}

const kindOf = (change: RowChange): string =>
  `${change._tag} ${change.table.name} ${change._tag === "Set" ? Object.keys(change.columns).join() : ""}`

const rowOf = (change: RowChange): Row => {
  switch (change._tag) {
    case "Put":
      return change.row
    case "Set":
      return { ...keyed(change.table, change.key), ...change.columns }
    case "Delete":
      return keyed(change.table, change.key)
  }
}

/** The statements for a list of changes, in which no row occurs twice. */
export const written = (schema: string, changes: ReadonlyArray<RowChange>): ReadonlyArray<Written> =>
  [...Map.groupBy(changes, kindOf).values()].map((alike): Written => {
    const [first] = alike
    const { table } = first!
    const name = `${schema}.${table.name}`
    const rows = alike.map(rowOf)
    if (first!._tag === "Put") return put(schema, table, rows)
    const where = `${rowsOf(name)} k WHERE ${isKey(table)}`
    if (first!._tag === "Delete") return { sql: `DELETE FROM ${name} t USING ${where}`, values: [asJson(table, rows)] }
    const set = Object.keys(first!.columns).map((column) => `${column} = k.${column}`)
    return { sql: `UPDATE ${name} t SET ${set.join(", ")} FROM ${where}`, values: [asJson(table, rows)] }
  })
