/**
 * Rows that were written but not sent yet. Readers see them on top of the stored rows, and they are sent all at once.
 *
 * Buffers can be stacked, so that the writes of one caller are kept when it succeeds and dropped when it fails.
 */
import { keyOf, memoryRows } from "../MemoryRows.ts"
import {
  applyChange,
  type Row,
  type RowChange,
  type RowReader,
  type RowWriter,
  type Table,
  type Value,
} from "../Rows.ts"

export interface BufferedRows extends RowWriter {
  /** The changes, at most one for each row. */
  readonly changes: () => ReadonlyArray<RowChange>
}

const keyIn = (table: Table, change: RowChange): ReadonlyArray<Value> =>
  change._tag === "Put" ? table.key.map((column) => change.row[column]!) : change.key

export const bufferedRows = (base: RowReader): BufferedRows => {
  const written = new Map<string, Map<string, RowChange>>()
  const changesOf = (table: Table) => written.get(table.name)
  const note = (change: RowChange, key: ReadonlyArray<Value>) => {
    const { name } = change.table
    const own = written.get(name) ?? new Map<string, RowChange>()
    written.set(name, own.set(keyOf(key), change))
  }
  const get: RowReader["get"] = (table, key) => {
    const change = changesOf(table)?.get(keyOf(key))
    if (change === undefined) return base.get(table, key)
    if (change._tag === "Put") return change.row
    if (change._tag === "Delete") return undefined
    const row = base.get(table, key)
    return row === undefined ? undefined : { ...row, ...change.columns }
  }
  const list: RowReader["list"] = (table, listing) => {
    const own = changesOf(table)
    if (own === undefined) return base.list(table, listing)
    const { columns: _, limit = -1, ...whole } = listing
    const merged = memoryRows(new Map())
    // The buffered changes may remove this many of the stored rows, so that many more are read.
    for (const row of base.list(table, limit < 0 ? whole : { ...whole, limit: limit + own.size }))
      merged.put(table, row)
    for (const change of own.values()) {
      const key = keyIn(table, change)
      const row = get(table, key)
      if (row === undefined) merged.delete(table, key)
      else merged.put(table, row)
    }
    return merged.list(table, listing)
  }
  return {
    get,
    list,
    count: (table, where) =>
      changesOf(table) === undefined ? base.count(table, where) : list(table, { where }).length,
    put: (table, row) => {
      const whole: Row = Object.fromEntries(Object.keys(table.columns).map((column) => [column, row[column] ?? null]))
      note(
        { _tag: "Put", table, row: whole },
        table.key.map((column) => whole[column]!),
      )
    },
    set: (table, key, columns) => {
      const before = changesOf(table)?.get(keyOf(key))
      if (before === undefined) note({ _tag: "Set", table, key, columns }, key)
      else if (before._tag === "Put") note({ _tag: "Put", table, row: { ...before.row, ...columns } }, key)
      else if (before._tag === "Set") note({ _tag: "Set", table, key, columns: { ...before.columns, ...columns } }, key)
    },
    delete: (table, key) => note({ _tag: "Delete", table, key }, key),
    changes: () => [...written.values()].flatMap((own) => [...own.values()]),
  }
}

/** Runs `body` over a buffer of its own; its changes go into `rows` unless it throws. */
export const keptIfDone = <A>(rows: RowWriter, body: (own: RowWriter) => A): A => {
  const own = bufferedRows(rows)
  const result = body(own)
  for (const change of own.changes()) applyChange(rows, change)
  return result
}
