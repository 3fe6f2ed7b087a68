/**
 * The change that turns one row into another. Only columns that differ are written, so no index is touched without
 * need.
 */
import type { Row, RowChange, Table } from "../log/index.ts"

export const differenceOf = (table: Table, before: Row | undefined, after: Row): ReadonlyArray<RowChange> => {
  if (before === undefined) return [{ _tag: "Put", table, row: after }]
  const columns = Object.fromEntries(Object.entries(after).filter(([column, value]) => before[column] !== value))
  const key = table.key.map((column) => after[column]!)
  return Object.keys(columns).length === 0 ? [] : [{ _tag: "Set", table, key, columns }]
}
