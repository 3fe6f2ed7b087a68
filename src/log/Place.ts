/**
 * A place beside the log: one table of data that must be in no copy of the log, or must outlive a copy that is put
 * back.
 *
 * A row replaces the very row that was read before, or nothing is done. So those who share a place need no lock that
 * outlasts an operation. An exchange is durable when it is acknowledged.
 */
import * as Effect from "effect/Effect"
import type { StoreFault } from "./EventLog.ts"
import { logIsClosed, whileBusy } from "./GroupCommit.ts"
import { memoryRows } from "./MemoryRows.ts"
import {
  compareValues,
  type Listing,
  type Row,
  type RowReader,
  type RowWriter,
  type Table,
  type Value,
} from "./Rows.ts"

/** One row for another. Without `before` the row must not exist yet; without `after` it is removed. */
export interface Exchange {
  readonly before?: Row | undefined
  readonly after?: Row | undefined
}

/** A table beside the log, as whoever keeps something in it sees it. */
export interface Place {
  /** The row with this key. */
  readonly get: (key: ReadonlyArray<Value>) => Effect.Effect<Row | undefined, StoreFault>
  /** The rows that a listing asks for, in its order. */
  readonly list: (listing: Listing) => Effect.Effect<ReadonlyArray<Row>, StoreFault>
  /** Does all exchanges or none; `false` if one of the rows is not what `before` says. */
  readonly exchange: (exchanges: ReadonlyArray<Exchange>) => Effect.Effect<boolean, StoreFault>
  /** Whether somebody else may have written since the last call. */
  readonly mayHaveChanged: Effect.Effect<boolean, StoreFault>
  /** Closes it; what was exchanged stays. */
  readonly close: Effect.Effect<void>
}

/** Rows with synchronous answers, of which a place can be made. */
export interface PlaceRows {
  /** `undefined` as long as nothing was ever written there. */
  readonly present: () => RowReader | undefined
  /** Runs `body` in a transaction, on rows that are made if there are none. */
  readonly within: <A>(body: (rows: RowWriter) => A) => A
  /** Another value each time that somebody else has written. */
  readonly version: () => unknown
  readonly close: () => void
}

export const keyOfRow = (table: Table, row: Row): ReadonlyArray<Value> => table.key.map((column) => row[column]!)

/** Whether two rows agree in every column of the table. */
export const isSameRow = (table: Table, left: Row | undefined, right: Row | undefined): boolean =>
  left === undefined || right === undefined
    ? left === right
    : Object.keys(table.columns).every((column) => compareValues(left[column] ?? null, right[column] ?? null) === 0)

/** Within a transaction of the caller. */
export const exchangeWithin = (table: Table, rows: RowWriter, exchanges: ReadonlyArray<Exchange>): boolean => {
  const keyed = exchanges.map(({ before, after }) => ({ before, after, key: keyOfRow(table, (before ?? after)!) }))
  if (!keyed.every(({ before, key }) => isSameRow(table, rows.get(table, key), before))) return false
  for (const { key, after } of keyed) {
    if (after === undefined) rows.delete(table, key)
    else rows.put(table, after)
  }
  return true
}

export const placeOver = (table: Table, rows: PlaceRows): Place => {
  let isOpen = true
  let asOf: unknown
  const attempt = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    whileBusy(() => {
      if (!isOpen) throw logIsClosed
      return body()
    })
  return {
    get: (key) => attempt(() => rows.present()?.get(table, key)),
    list: (listing) => attempt(() => rows.present()?.list(table, listing) ?? []),
    exchange: (exchanges) => attempt(() => rows.within((held) => exchangeWithin(table, held, exchanges))),
    mayHaveChanged: attempt(() => {
      const version = rows.version()
      const isAnother = version !== asOf
      asOf = version
      return isAnother
    }),
    close: Effect.sync(() => {
      if (isOpen) rows.close()
      isOpen = false
    }),
  }
}

/** A place that is gone when the process ends. */
export const memoryPlace = (table: Table): Place => {
  const rows = memoryRows(new Map())
  return placeOver(table, { present: () => rows, within: (body) => body(rows), version: () => rows, close: () => {} })
}
