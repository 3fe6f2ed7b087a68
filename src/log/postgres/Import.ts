/** Copies another log into a PostgreSQL database that has its tables already, page by page while the head is held. */
import * as Effect from "effect/Effect"
import type { StoreFault } from "../EventLog.ts"
import { importWithin, replaceWithin, type Importer } from "../Import.ts"
import type { InlineProjection } from "../Rows.ts"
import { asksIn } from "./Asks.ts"
import { transactionOn, type Writing } from "./Commit.ts"
import { openPostgres } from "./Connections.ts"
import { holding, unsettled, type Database } from "./Held.ts"

/** Imports into the log that a store has made at `url`. */
export const postgresImporter = (url: string, projection: InlineProjection, schema = "grantlog"): Importer => {
  const asks = asksIn(schema, projection.references ?? [])
  let opened: Promise<Database> | undefined
  const database = () => (opened ??= openPostgres(url, 1).then((connections) => ({ connections, schema, asks })))
  const write = (body: (writing: Writing) => void): Effect.Effect<void, StoreFault> =>
    Effect.tryPromise({
      try: async () =>
        holding(await database(), [], async (held) => {
          const writes = await held.decide(() => {
            const writing = transactionOn(schema, asks, held)
            body(writing)
            return writing.writes()
          })
          await held.commit(writes)
        }),
      catch: unsettled,
    })
  return {
    entries: (stored) => write(({ within }) => within((tx) => importWithin(tx, stored))),
    side: (table, rows) => write(({ within }) => within((tx) => replaceWithin(tx.rows, table, rows))),
    close: Effect.promise(async () => (await opened?.catch(() => undefined))?.connections.close()),
  }
}
