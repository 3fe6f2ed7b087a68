/** Rows in SQLite: prepared statements made once from the description of each table. */
import type { Join, Listing, Row, RowWriter, Table, Value } from "../Rows.ts"
import type { SqliteDriver, Statement } from "./Driver.ts"

/** `prefix` is put before every table's name: a rebuild writes beside what is served. */
export const sqliteRows = (driver: SqliteDriver, prefix = ""): RowWriter => {
  const prepared = new Map<string, Statement>()
  const prepare = (sql: string): Statement => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = driver.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  const equals = (columns: ReadonlyArray<string>) => columns.map((column) => `${column} = ?`).join(" AND ")
  const nameOf = (table: Table) => prefix + table.name

  return {
    get: (table, key) => prepare(`SELECT * FROM ${nameOf(table)} WHERE ${equals(table.key)}`).get(...key),
    list: (table, { where = {}, orderBy = table.key, after, limit = -1 }: Listing) => {
      const columns = Object.keys(where)
      const behind = after === undefined ? "" : `(${orderBy.join(", ")}) > (${orderBy.map(() => "?").join(", ")})`
      const conditions = [equals(columns), behind].filter((condition) => condition !== "")
      const filter = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`
      const sql = `SELECT * FROM ${nameOf(table)} ${filter} ORDER BY ${orderBy.join(", ")} LIMIT ?`
      return prepare(sql).all(...columns.map((column) => where[column]!), ...(after ?? []), limit)
    },
    count: (table, where) => {
      const filter = Object.keys(where).length === 0 ? "" : `WHERE ${equals(Object.keys(where))}`
      const sql = `SELECT count(*) AS n FROM ${nameOf(table)} ${filter}`
      return Number(prepare(sql).get(...Object.values(where))?.["n"])
    },
    join: (join: Join, parameters: ReadonlyArray<Value>) => prepare(join.sql).get(...parameters),
    put: (table, row: Row) => {
      const columns = Object.keys(table.columns)
      const sql = `INSERT OR REPLACE INTO ${nameOf(table)} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`
      prepare(sql).run(...columns.map((column) => row[column] ?? null))
    },
    delete: (table, key) => prepare(`DELETE FROM ${nameOf(table)} WHERE ${equals(table.key)}`).run(...key),
  }
}
