/** Rows in maps: the reference for what a table, a listing and a key mean. */
import { compareBy, type Listing, type Row, type RowWriter, type Table, type Value } from "./Rows.ts"

export type Tables = Map<string, Map<string, Row>>

const matches = (row: Row, where: Row): boolean =>
  Object.entries(where).every(([column, value]) => value !== null && row[column] === value)

/** Rows over `tables`; `onWrite` is told how to undo each write, so that a transaction can be given up. */
export const memoryRows = (tables: Tables, onWrite: (undo: () => void) => void = () => {}): RowWriter => {
  const rowsOf = (table: Table): Map<string, Row> => {
    const known = tables.get(table.name)
    if (known !== undefined) return known
    const created = new Map<string, Row>()
    tables.set(table.name, created)
    return created
  }
  const keyOf = (key: ReadonlyArray<Value>) => JSON.stringify(key)
  const set = (rows: Map<string, Row>, key: string, row: Row | undefined) => {
    const before = rows.get(key)
    onWrite(() => (before === undefined ? rows.delete(key) : rows.set(key, before)))
    if (row === undefined) rows.delete(key)
    else rows.set(key, row)
  }
  const get = (table: Table, key: ReadonlyArray<Value>) => rowsOf(table).get(keyOf(key))

  return {
    get,
    list: (table, { where = {}, orderBy = table.key, after, limit = -1 }: Listing) => {
      const isBehind = (row: Row) =>
        after === undefined ||
        compareBy(orderBy)(row, Object.fromEntries(orderBy.map((column, index) => [column, after[index]!]))) > 0
      const found = [...rowsOf(table).values()].filter((row) => matches(row, where) && isBehind(row))
      const sorted = found.sort(compareBy(orderBy))
      return limit < 0 ? sorted : sorted.slice(0, limit)
    },
    count: (table, where) => [...rowsOf(table).values()].filter((row) => matches(row, where)).length,
    join: (join, parameters) => join.follow({ get }, parameters),
    put: (table, row) => {
      const complete = Object.fromEntries(Object.keys(table.columns).map((column) => [column, row[column] ?? null]))
      set(rowsOf(table), keyOf(table.key.map((column) => complete[column]!)), complete)
    },
    delete: (table, key) => set(rowsOf(table), keyOf(key), undefined),
  }
}
