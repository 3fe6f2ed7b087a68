/** Takes archived entries out of a PostgreSQL database, some streams at a time while the head is held. */
import * as Effect from "effect/Effect"
import { archiveTable } from "../Archived.ts"
import { archiveStream } from "../Retired.ts"
import { beginWithin, noteArchived, stillThere, type Archivist, type Candidate } from "../Archivist.ts"
import type { StoreFault } from "../EventLog.ts"
import type { InlineProjection, Row, RowWriter } from "../Rows.ts"
import { storedFrom } from "../sql/Entries.ts"
import { asksIn } from "./Asks.ts"
import { bufferedRows } from "./BufferedRows.ts"
import { written, type Written } from "./Changes.ts"
import { versionOf } from "./Commit.ts"
import { openPostgres, type Found } from "./Connections.ts"
import { holding, unsettled, type Database, type Held } from "./Held.ts"
import { VERSION } from "./Migrations.ts"
import { selectEntries } from "./Tables.ts"

/** Works on the log that a store has made at `url`. */
export const postgresArchivist = (url: string, projection: InlineProjection, schema = "grantlog"): Archivist => {
  const asks = asksIn(schema, projection.references ?? [])
  let opened: Promise<Database> | undefined
  const database = () => (opened ??= openPostgres(url, 1).then((connections) => ({ connections, schema, asks })))
  const attempt = <A>(body: (own: Database) => Promise<A>): Effect.Effect<A, StoreFault> =>
    Effect.tryPromise({ try: async () => body(await database()), catch: unsettled })
  const read = (sql: string, values: Written["values"]) =>
    attempt(({ connections }): Promise<Found> => connections.read(sql, values))
  const write = <A>(
    body: (rows: RowWriter, held: Held) => { readonly answer: A; readonly also: ReadonlyArray<Written> },
  ) =>
    attempt((own) =>
      holding(own, [], async (held) => {
        const { answer, writes } = await held.decide(() => {
          const rows = bufferedRows(held.rows)
          const { answer: told, also } = body(rows, held)
          return { answer: told, writes: [...also, ...written(schema, rows.changes())] }
        })
        if (writes.length > 0) await held.commit(writes)
        return answer
      }),
    )
  return {
    candidates: (prefix, after, recordedBefore, limit) =>
      Effect.map(
        read(
          `SELECT stream, max(version) AS version FROM ${schema}.entries
            WHERE stream > $1::text AND stream >= $2::text AND stream < $3::text
            GROUP BY stream HAVING max(recorded_at) < $4::bigint ORDER BY stream LIMIT $5::bigint`,
          [after, prefix, `${prefix}\uffff`, recordedBefore, limit],
        ),
        (rows) => rows.map((row): Candidate => ({ stream: String(row["stream"]), version: Number(row["version"]) })),
      ),
    entriesOf: (stream) =>
      Effect.map(read(`${selectEntries(schema)} WHERE stream = $1::text ORDER BY version`, [stream]), (rows) =>
        rows.map((row) => storedFrom(row as Row)),
      ),
    // An instance that knows no archives would take the place of an entry for a damaged one.
    begin: (statement, file) =>
      write((rows) => ({
        answer: beginWithin(rows, statement, file),
        also: [{ sql: `UPDATE ${schema}.head SET needs = greatest(needs, $1::bigint)`, values: [VERSION] }],
      })),
    remove: (number, streams) =>
      write((rows, { known }) => {
        const there = stillThere(rows, (stream) => versionOf(asks, known, stream), number, streams)
        for (const one of there) noteArchived(rows, number, one)
        const also = there.map(({ stream }) => ({
          sql: `UPDATE ${schema}.entries SET stream = $1::text, version = position, bytes = '' WHERE stream = $2::text`,
          values: [archiveStream(number), stream],
        }))
        return { answer: there.length, also }
      }),
    finish: (number) => write((rows) => ({ answer: rows.set(archiveTable, [number], { is_whole: 1 }), also: [] })),
    close: Effect.promise(async () => (await opened)?.connections.close()),
  }
}
