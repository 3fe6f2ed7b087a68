/** A place that is a table of the database: whoever exchanges rows in it holds the head, so that it needs no lock of its own. */
import * as Effect from "effect/Effect"
import type { StoreFault } from "../EventLog.ts"
import { exchangeWithin, type Place } from "../Place.ts"
import type { RowReader, RowWriter, Table } from "../Rows.ts"

export interface Asked {
  readonly reading: <A>(body: (rows: RowReader) => A) => Effect.Effect<A, StoreFault>
  readonly writing: <A>(body: (rows: RowWriter) => A) => Effect.Effect<A, StoreFault>
}

export const placeIn = (table: Table, { reading, writing }: Asked): Place => ({
  get: (key) => reading((rows) => rows.get(table, key)),
  list: (listing) => reading((rows) => rows.list(table, listing)),
  exchange: (exchanges) => writing((rows) => exchangeWithin(table, rows, exchanges)),
  // Nothing cheap would say that nobody has.
  mayHaveChanged: Effect.succeed(true),
  // With the store that it is a part of.
  close: Effect.void,
})
