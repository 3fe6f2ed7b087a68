/**
 * How far readers of the log have come, and which instance reads for all of them: a row for each kind of reader.
 *
 * A turn ends by itself, so that what a reader that died had before it is read by another one. A bookmark never goes back.
 * Positions are indices into the log, times milliseconds since the epoch.
 */
import type { Row, RowReader, RowWriter } from "../log/index.ts"
import { bookmarkTable } from "./AccountTables.ts"

/** Who reads: `reader` is what for, `holder` which instance. */
export interface Turn {
  readonly reader: string
  readonly holder: string
}

const rowOf = (rows: RowReader, { reader }: Turn): Row | undefined => rows.get(bookmarkTable, [reader])

const isTakenBy = (row: Row | undefined, { holder }: Turn): boolean => row?.["holder"] === holder

export const bookmarkQueries = {
  /** Where that reader goes on; `undefined` where nobody has read yet. */
  bookmarkOf: (rows: RowReader, reader: string): number | undefined => {
    const position = rows.get(bookmarkTable, [reader])?.["position"]
    return position === undefined ? undefined : Number(position)
  },
}

export const bookmarkOperations = {
  /**
   * Where to go on, for who has the turn from now on; `undefined` where another has it. Who reads for the first time begins
   * at `start`.
   */
  takeTurn: (
    rows: RowWriter,
    { start, at, until, ...turn }: Turn & { readonly start: number; readonly at: number; readonly until: number },
  ): number | undefined => {
    const row = rowOf(rows, turn)
    if (row !== undefined && !isTakenBy(row, turn) && Number(row["held_until"]) > at) return undefined
    const position = row === undefined ? start : Number(row["position"])
    rows.put(bookmarkTable, { reader: turn.reader, position, holder: turn.holder, held_until: until })
    return position
  },
  /** Whether the turn is still this instance's; if so, everything before `position` is done. */
  keepTurn: (
    rows: RowWriter,
    { position, until, ...turn }: Turn & { readonly position: number; readonly until: number },
  ): boolean => {
    const row = rowOf(rows, turn)
    if (!isTakenBy(row, turn)) return false
    const furthest = Math.max(Number(row!["position"]), position)
    rows.put(bookmarkTable, { reader: turn.reader, position: furthest, holder: turn.holder, held_until: until })
    return true
  },
}
