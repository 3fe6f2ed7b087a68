/** What turns one row into another: only the columns that differ are written, so that no index is touched for nothing. */
import type { Row, RowChange, Table } from "../log/index.ts"

export const differenceOf = (table: Table, before: Row | undefined, after: Row): ReadonlyArray<RowChange> => {
  if (before === undefined) return [{ _tag: "Put", table, row: after }]
  const columns = Object.fromEntries(Object.entries(after).filter(([column, value]) => before[column] !== value))
  const key = table.key.map((column) => after[column]!)
  return Object.keys(columns).length === 0 ? [] : [{ _tag: "Set", table, key, columns }]
}
