/** Rows in SQLite: prepared statements made once from the description of each table. */
import type { Listing, Row, RowWriter, Table } from "../Rows.ts"
import type { SqliteDriver, Statement } from "./Driver.ts"

/** If the limit is a bare parameter, SQLite prepares the statement anew for each value. */
export const LIMIT = "LIMIT 0 + ?"

/** `prefix` is put before the name of every table, so that a rebuild writes beside the served rows. */
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
  const getterOf = onceATable((table) => driver.prepare(`SELECT * FROM ${nameOf(table)} WHERE ${equals(table.key)}`))
  const deleterOf = onceATable((table) => driver.prepare(`DELETE FROM ${nameOf(table)} WHERE ${equals(table.key)}`))
  const upsertOf = onceATable((table) => {
    const columns = Object.keys(table.columns)
    return { statement: driver.prepare(upsert(nameOf(table), columns, table.key)), columns }
  })

  return {
    get: (table, key) => getterOf(table).get(...key),
    list: (table, listing: Listing) => {
      const { columns: shown = ["*"], where = {}, orderBy = table.key, isDescending = false, after, limit } = listing
      const columns = Object.keys(where)
      const [beyond, direction] = isDescending ? (["<", " DESC"] as const) : ([">", ""] as const)
      const places = orderBy.map(() => "?").join(", ")
      const behind = after === undefined ? "" : `(${orderBy.join(", ")}) ${beyond} (${places})`
      const order = orderBy.map((column) => column + direction).join(", ")
      const conditions = [equals(columns), behind].filter((condition) => condition !== "")
      const filter = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`
      const sql = `SELECT ${shown.join(", ")} FROM ${nameOf(table)} ${filter} ORDER BY ${order}${limit === undefined ? "" : ` ${LIMIT}`}`
      const values = [...columns.map((column) => where[column]!), ...(after ?? [])]
      return prepare(sql).all(...values, ...(limit === undefined ? [] : [limit]))
    },
    count: (table, where) => {
      const filter = Object.keys(where).length === 0 ? "" : `WHERE ${equals(Object.keys(where))}`
      const sql = `SELECT count(*) AS n FROM ${nameOf(table)} ${filter}`
      return Number(prepare(sql).get(...Object.values(where))?.["n"])
    },
    put: (table, row: Row) => {
      const { statement, columns } = upsertOf(table)
      statement.run(...columns.map((column) => row[column] ?? null))
    },
    set: (table, key, columns) => {
      const names = Object.keys(columns)
      const sql = `UPDATE ${nameOf(table)} SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE ${equals(table.key)}`
      prepare(sql).run(...names.map((name) => columns[name]!), ...key)
    },
    delete: (table, key) => deleterOf(table).run(...key),
  }
}

/** The statements of a table are prepared when they are first needed. */
const onceATable = <A>(make: (table: Table) => A): ((table: Table) => A) => {
  const made = new Map<Table, A>()
  return (table) => made.get(table) ?? made.set(table, make(table)).get(table)!
}

/** Updates in place, so that an index is touched only when its columns change. */
const upsert = (name: string, columns: ReadonlyArray<string>, key: ReadonlyArray<string>): string => {
  const rest = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`)
  const conflict = rest.length === 0 ? "DO NOTHING" : `DO UPDATE SET ${rest.join(", ")}`
  const places = columns.map(() => "?").join(", ")
  return `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${places}) ON CONFLICT (${key.join(", ")}) ${conflict}`
}
