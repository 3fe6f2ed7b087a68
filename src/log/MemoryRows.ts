/**
 * Rows in maps: the reference for the meaning of a table, a listing and a key.
 *
 * The rows with the same first key column are kept together, so that listing the rows of one grant costs as much as the
 * grant has, and not as much as the table has. Other listings walk the table.
 */
import type { Comparison } from "./Rebuild.ts"
import {
  compareBy,
  compareValues,
  mapKey,
  valueText,
  type Listing,
  type Row,
  type RowReader,
  type RowWriter,
  type Table,
  type Value,
} from "./Rows.ts"

type Rows = Map<string, Row>
type RowsByFirst = Map<string | number | null, Rows>
export type Tables = Map<string, RowsByFirst>

const pick = (row: Row, columns: ReadonlyArray<string>): Row =>
  Object.fromEntries(columns.map((column) => [column, row[column]!]))

const matches = (row: Row, where: Row): boolean =>
  Object.entries(where).every(([column, value]) => value !== null && compareValues(row[column]!, value) === 0)

export const keyOf = (key: ReadonlyArray<Value>): string => JSON.stringify(key.map(mapKey))

/** Rows over `tables`; `onWrite` is told how to undo each write, so that a transaction can be given up. */
export const memoryRows = (tables: Tables, onWrite: (undo: () => void) => void = () => {}): RowWriter => {
  const set = (table: Table, key: ReadonlyArray<Value>, row: Row | undefined) => {
    const byFirst: RowsByFirst = tables.get(table.name) ?? new Map()
    const first = mapKey(key[0]!)
    const rows: Rows = byFirst.get(first) ?? new Map()
    tables.set(table.name, byFirst.set(first, rows))
    if (row === undefined) rows.delete(keyOf(key))
    else rows.set(keyOf(key), row)
    if (rows.size === 0) byFirst.delete(first)
  }
  const get = (table: Table, key: ReadonlyArray<Value>) => tables.get(table.name)?.get(mapKey(key[0]!))?.get(keyOf(key))
  const write = (table: Table, key: ReadonlyArray<Value>, row: Row | undefined) => {
    const before = get(table, key)
    onWrite(() => set(table, key, before))
    set(table, key, row)
  }
  const find = (table: Table, where: Row): Array<Row> => {
    const byFirst: RowsByFirst = tables.get(table.name) ?? new Map()
    const first = where[table.key[0]!]
    const candidates = first === undefined ? [...byFirst.values()] : [byFirst.get(mapKey(first)) ?? new Map()]
    return candidates.flatMap((rows) => [...rows.values()].filter((row) => matches(row, where)))
  }

  return {
    get,
    list: (table, { columns, where = {}, orderBy = table.key, isDescending = false, after, limit = -1 }: Listing) => {
      const behind = after && Object.fromEntries(orderBy.map((column, index) => [column, after[index]!]))
      const ascending = compareBy(orderBy)
      const order = isDescending ? (left: Row, right: Row) => ascending(right, left) : ascending
      const sorted = find(table, where)
        .filter((row) => behind === undefined || order(row, behind) > 0)
        .sort(order)
      const page = limit < 0 ? sorted : sorted.slice(0, limit)
      return columns === undefined ? page : page.map((row) => pick(row, columns))
    },
    count: (table, where) => find(table, where).length,
    put: (table, row) => {
      const complete = Object.fromEntries(Object.keys(table.columns).map((column) => [column, row[column] ?? null]))
      const key = table.key.map((column) => complete[column]!)
      write(table, key, complete)
    },
    set: (table, key, columns) => {
      const row = get(table, key)
      if (row !== undefined) write(table, key, { ...row, ...columns })
    },
    delete: (table, key) => write(table, key, undefined),
  }
}

/** Compares the rows of a table with those that were folded, column by column. */
export const compareInMemory = (table: Table, served: RowReader, folded: RowReader): Comparison => {
  const keyIn = (row: Row) => table.key.map((column) => row[column]!)
  const isSame = (left: Row, right: Row | undefined): boolean =>
    right !== undefined &&
    Object.keys(table.columns).every((column) => compareValues(left[column]!, right[column]!) === 0)
  const found = served.list(table, {})
  const differing = [
    ...found.filter((row) => !isSame(row, folded.get(table, keyIn(row)))),
    ...folded.list(table, {}).filter((row) => served.get(table, keyIn(row)) === undefined),
  ].sort(compareBy(table.key))
  const [first] = differing
  return {
    rowCount: found.length,
    differingRowCount: differing.length,
    firstDiffering: first === undefined ? undefined : [table.name, ...keyIn(first).map(valueText)].join(" "),
  }
}
