/** A place that is a table in the database of the log. Exchanging rows holds the head, so it needs no lock of its own. */
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
  // There is no cheap way to tell that nobody has.
  mayHaveChanged: Effect.succeed(true),
  // It is closed together with its store.
  close: Effect.void,
})
