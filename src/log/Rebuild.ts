/**
 * Judging rows: they are folded again from the whole log and compared with those that are served.
 *
 * Nothing that is served is trusted. Rows that were pruned stay pruned, up to the bound that is kept; the folded rows
 * alone are removed up to there, so a served row of something that died by then is a difference. The bound itself must
 * be the death of something in the log, and of something whose row can be gone by now. Rows differ only if somebody
 * changed them, or if the code that wrote them has a fault.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { archivedFrom, archivedTable } from "./Archived.ts"
import { idOfStream } from "./Retired.ts"
import { StoreFault } from "./EventLog.ts"
import { indexIssued } from "./Issued.ts"
import { bytesOfHash } from "./Merkle.ts"
import {
  applyChange,
  isWithin,
  nothingPruned,
  type PrunedThrough,
  type InlineProjection,
  type RowReader,
  type RowWriter,
  type Table,
} from "./Rows.ts"
import type { Judging, Rebuilt } from "./Store.ts"
import { issuedTable, prunedTable, subtreeTable } from "./Tables.ts"
import { MAX_CLOCK_LAG_MILLIS } from "./Transaction.ts"
import { isKeptLevel } from "./Tree.ts"
import { corruptEntry, missingBefore, walkLeaves, walkStreams, type Pages, type LogInspector } from "./Walk.ts"

/** How long rows of dead things are kept, for late requests. */
export const ROW_RETENTION_MILLIS = 600_000
/** How many rows one transaction removes while it holds the head. */
export const PRUNE_LIMIT = 128
const BOUND = "rows"
/** Greater than every id. */
const LAST_ID = "\uffff"

export const prunedThrough = (rows: RowReader): PrunedThrough => {
  const row = rows.get(prunedTable, [BOUND])
  return row === undefined ? nothingPruned : { diedAt: Number(row["died_at"]), id: String(row["id"]) }
}

const noteRemoved = (rows: RowWriter, { diedAt, id }: PrunedThrough): void =>
  rows.put(prunedTable, { name: BOUND, died_at: diedAt, id })

/**
 * Removes the rows of what died up to `diedAt`, a bounded number at a time, and keeps the bound.
 *
 * INVARIANT: a row that is written later dies later, for it dies no earlier than its newest entry is recorded. So
 * removal stops before `newestAt`, the time of the newest entry, whatever the clock says.
 */
export const prune = (
  rows: RowWriter,
  projection: InlineProjection,
  diedAt: number,
  newestAt: number,
): PrunedThrough => {
  const before = prunedThrough(rows)
  const through = { diedAt: Math.min(diedAt, newestAt - 1), id: LAST_ID }
  const reached = projection.prune(rows, through, PRUNE_LIMIT)
  if (reached === undefined || isWithin(reached, before)) return before
  noteRemoved(rows, reached)
  return reached
}

/** Every table that the log folds into: the projection's, the digest index and the tree. */
export const foldedTables = (projection: InlineProjection): ReadonlyArray<Table> => [
  ...projection.tables,
  issuedTable,
  subtreeTable,
]

/** How many rows of a table are served, and in how many they differ from those folded. */
export interface Comparison {
  readonly rowCount: number
  readonly differingRowCount: number
  /** The first of them, as `table key…`. */
  readonly firstDiffering: string | undefined
}

/** Where nobody looks on, rows are made of a log in which all is right, or of none. */
const nobody: LogInspector = {
  onLeaf: () => {},
  onSubtree: () => {},
  onMissing: (_, next) => {
    throw missingBefore(next)
  },
  onEntry: (_, read) => Result.getOrThrowWith(read, corruptEntry),
  onStream: ({ gapBefore }) => {
    if (gapBefore !== undefined) throw missingBefore(gapBefore)
  },
  isWrong: () => false,
}

interface Rejudging {
  readonly projection: InlineProjection
  /** `undefined` if nothing is to be compared with the log. */
  readonly served: RowReader | undefined
  /** Empty at first. */
  readonly rebuilt: RowWriter
  readonly pages: Pages
  /** When the newest entry was recorded. */
  readonly newestAt: number
  /** Further tables to judge, into which nothing is folded. */
  readonly noted: ReadonlyArray<Table>
  readonly compare: (table: Table) => Comparison
  readonly judging: Judging
}

export const nothingJudged: Rebuilt = {
  entryCount: 0,
  rowCount: 0,
  differingRowCount: 0,
  firstDiffering: undefined,
  faults: [],
}

/** Folds every entry into `rebuilt`, and counts the rows in which what is served differs from it. */
export const judgeRows = Effect.fnUntraced(function* (rejudging: Rejudging): Effect.fn.Return<Rebuilt, StoreFault> {
  const { projection, served, rebuilt, pages, noted, compare, judging } = rejudging
  const { inspector = nobody, onProgress = () => {} } = judging
  const isJudged = () => served !== undefined && !inspector.isWrong()
  yield* walkLeaves(pages, {
    ...inspector,
    onLeaf: (leaf, completed, tree) => {
      for (const { level, index, hash } of completed.filter(({ level }) => isKeptLevel(level))) {
        rebuilt.put(subtreeTable, { level, place: index, hash: bytesOfHash(hash) })
        if (served !== undefined)
          inspector.onSubtree({ level, index, hash }, served.get(subtreeTable, [level, index])?.["hash"])
      }
      inspector.onLeaf(leaf, completed, tree)
    },
  })
  const entryCount = yield* walkStreams(pages, {
    ...inspector,
    onProgress,
    onStream: (stream) => {
      inspector.onStream(stream)
      if (!isJudged()) return
      for (const entry of stream.entries) indexIssued(rebuilt, entry)
      for (const change of projection.fold(stream.entries)) applyChange(rebuilt, change)
    },
  })
  if (served === undefined || inspector.isWrong()) return { ...nothingJudged, entryCount }
  const faults = removeAgain(rejudging, boundOf(served), foldArchived(served, projection, rebuilt))
  const compared = foldedTables(projection).map(compare)
  const all = [...compared, ...noted.map(compare)]
  return {
    entryCount,
    rowCount: compared.reduce((total, one) => total + one.rowCount, 0),
    differingRowCount: all.reduce((total, one) => total + one.differingRowCount, 0),
    firstDiffering: all.find((one) => one.firstDiffering !== undefined)?.firstDiffering,
    faults,
  }
})

/** How many rows of archived streams are read together. */
const ARCHIVED_AT_ONCE = 1024

/** Does what archived streams did to rows that are not their own, and gives the latest of their deaths. */
const foldArchived = (served: RowReader, projection: InlineProjection, rebuilt: RowWriter): PrunedThrough => {
  let latest = nothingPruned
  for (let behind = ""; ;) {
    const page = served.list(archivedTable, { after: [behind], limit: ARCHIVED_AT_ONCE }).map(archivedFrom)
    for (const archived of page) {
      for (const change of projection.foldRetired?.(archived) ?? []) applyChange(rebuilt, change)
      const death = { diedAt: archived.diedAt, id: idOfStream(archived.stream) }
      if (isWithin(latest, death)) latest = death
    }
    if (page.length < ARCHIVED_AT_ONCE) return latest
    behind = page.at(-1)!.stream
  }
}

/** The bound that is kept; `undefined` if it is not a valid number. */
const boundOf = (served: RowReader): PrunedThrough | undefined => {
  try {
    return prunedThrough(served)
  } catch (cause) {
    if (cause instanceof StoreFault && cause.reason === "corrupt") return undefined
    throw cause
  }
}

/** Removes what was folded up to a bound, as far as the bound can be right, and says what is wrong with it. */
const removeAgain = (
  { projection, rebuilt, newestAt, judging: { now } }: Rejudging,
  kept: PrunedThrough | undefined,
  archived: PrunedThrough,
): ReadonlyArray<string> => {
  const byClock = now === undefined ? Number.POSITIVE_INFINITY : now - ROW_RETENTION_MILLIS + MAX_CLOCK_LAG_MILLIS
  const latest = Math.min(newestAt - 1, byClock)
  const isPossible = kept !== undefined && (isWithin(kept, nothingPruned) || kept.diedAt <= latest)
  const through = isPossible ? kept : { diedAt: latest, id: LAST_ID }
  let reached = archived
  for (;;) {
    const removed = projection.prune(rebuilt, through, PRUNE_LIMIT)
    if (removed === undefined) break
    if (isWithin(reached, removed)) reached = removed
  }
  if (reached !== nothingPruned) noteRemoved(rebuilt, reached)
  const early =
    "rows are said to be removed up to a death whose rows cannot be gone yet by the clock: set it, or run grantlog rebuild"
  const living = "a stream is in an archive of which something was alive: restore from a backup"
  return [
    ...(isPossible ? [] : [early]),
    ...(archived === nothingPruned || isWithin(archived, through) ? [] : [living]),
  ]
}
