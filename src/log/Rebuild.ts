/**
 * Rebuilding: the rows folded again from the whole log, compared with those served.
 *
 * What was pruned stays pruned: the bookmark says up to where, and whatever is dead up to there is gone on both sides.
 * Rows differ only if somebody changed them, or if there is a fault in the code that wrote them.
 */
import type { Rebuilt } from "./EventLog.ts"
import { indexIssued } from "./Issued.ts"
import type { Recorded } from "./Recorded.ts"
import {
  compareBy,
  isWithin,
  noBookmark,
  type Bookmark,
  type InlineProjection,
  type Row,
  type RowReader,
  type RowWriter,
  type Table,
} from "./Rows.ts"
import { issuedTable, prunedTable, subtreeTable } from "./Tables.ts"
import { growTree, type LeafAt } from "./Tree.ts"

/** Rows removed in one go: what one transaction may hold the head for. */
export const PRUNE_LIMIT = 128
const COMPARE_PAGE = 1000
const BOOKMARK = "rows"

export const prunedThrough = (rows: RowReader): Bookmark => {
  const row = rows.get(prunedTable, [BOOKMARK])
  return row === undefined ? noBookmark : { diedAt: Number(row["died_at"]), id: String(row["id"]) }
}

/** Removes the rows of what died up to `diedAt`, a bounded number at a time, and keeps the bookmark. */
export const prune = (rows: RowWriter, projection: InlineProjection, diedAt: number): Bookmark => {
  const before = prunedThrough(rows)
  const reached = projection.prune(rows, { diedAt, id: "\uffff" }, PRUNE_LIMIT)
  if (reached === undefined || isWithin(reached, before)) return before
  rows.put(prunedTable, { name: BOOKMARK, died_at: reached.diedAt, id: reached.id })
  return reached
}

/** Every table that the log folds into: the projection's, the digest index and the tree. */
export const foldedTables = (projection: InlineProjection): ReadonlyArray<Table> => [
  ...projection.tables,
  issuedTable,
  subtreeTable,
]

interface Rebuilding {
  readonly projection: InlineProjection
  readonly served: RowWriter
  readonly rebuilt: RowWriter
  readonly page: (position: number) => ReadonlyArray<Recorded>
  readonly leafAt: LeafAt
  readonly onProgress?: ((entryCount: number) => void) | undefined
}

/** Folds every entry into `rebuilt`, which is empty, and counts the rows in which `served` differs from it. */
export const countDifferingRows = ({ projection, served, rebuilt, page, leafAt, onProgress }: Rebuilding): Rebuilt => {
  let entryCount = 0
  for (let entries = page(0); entries.length > 0; entries = page(entryCount)) {
    for (const entry of entries) {
      indexIssued(rebuilt, entry)
      growTree(rebuilt, leafAt, entry.position)
      projection.apply(rebuilt, [entry])
    }
    entryCount += entries.length
    onProgress?.(entryCount)
  }
  const through = prunedThrough(served)
  for (const rows of [served, rebuilt]) while (projection.prune(rows, through, PRUNE_LIMIT) !== undefined);

  const compared = foldedTables(projection).map((table) => compareTables(table, served, rebuilt))
  const sum = (count: "rowCount" | "differingRowCount") => compared.reduce((total, one) => total + one[count], 0)
  const firstDiffering = compared.find((one) => one.firstDiffering !== undefined)?.firstDiffering
  return { entryCount, rowCount: sum("rowCount"), differingRowCount: sum("differingRowCount"), firstDiffering }
}

function* rowsInOrder(rows: RowReader, table: Table): Generator<Row, undefined> {
  let last: Row | undefined
  do {
    const after = last === undefined ? {} : { after: table.key.map((column) => last![column]!) }
    const page: ReadonlyArray<Row> = rows.list(table, { ...after, limit: COMPARE_PAGE })
    yield* page
    last = page.at(-1)
  } while (last !== undefined)
}

/** Walks both in key order, a page at a time, so that memory does not follow the number of rows. */
const compareTables = (table: Table, served: RowReader, rebuilt: RowReader) => {
  const order = compareBy(table.key)
  const found = rowsInOrder(served, table)
  const wanted = rowsInOrder(rebuilt, table)
  let rowCount = 0
  let differingRowCount = 0
  let firstDiffering: string | undefined
  let left = found.next().value
  let right = wanted.next().value
  while (left !== undefined || right !== undefined) {
    const step = left === undefined ? 1 : right === undefined ? -1 : order(left, right)
    if (step !== 0 || JSON.stringify(left) !== JSON.stringify(right)) {
      differingRowCount++
      firstDiffering ??= [table.name, ...table.key.map((column) => (step <= 0 ? left : right)![column])].join(" ")
    }
    if (step <= 0) {
      rowCount++
      left = found.next().value
    }
    if (step >= 0) right = wanted.next().value
  }
  return { rowCount, differingRowCount, firstDiffering }
}
