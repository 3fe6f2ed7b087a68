/**
 * The log in a PostgreSQL database: any number of instances, each with a few connections.
 *
 * One row holds the head. Every writer locks it, so that commit order is log order and there are no gaps. One statement
 * fetches everything that a named query reads, so its answer is of one moment and includes what other instances
 * acknowledged. Nothing is cached here between two questions.
 *
 * PostgreSQL does not overwrite what it deletes, and archives a journal of it. What is destroyed here is out of reach of
 * every query, and out of the files after a scrub, but it stays in backups and archives.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Head, StoreFault } from "../EventLog.ts"
import { readArchived } from "../Archived.ts"
import { makeFollower, present } from "../Follow.ts"
import { asFault, groupCommit, logIsClosed, rejected } from "../GroupCommit.ts"
import { findIssued } from "../Issued.ts"
import type { Place } from "../Place.ts"
import { nothingJudged, prune } from "../Rebuild.ts"
import { retrySecretsOver, retrySecretTable } from "../RetrySecrets.ts"
import type { InlineProjection, Operations, Queries, Row, RowReader, RowWriter } from "../Rows.ts"
import { inPages } from "../Pages.ts"
import { answering, besideOf, type SideTables, type Store } from "../Store.ts"
import { disposableOf } from "../sql/Described.ts"
import { decodeEntry, decodeSequence, storedFrom } from "../sql/Entries.ts"
import { hashesOver } from "../Tree.ts"
import { asksIn, type Ask } from "./Asks.ts"
import { bufferedRows } from "./BufferedRows.ts"
import { written, type Written } from "./Changes.ts"
import { commitBatch, keptLeaves, versionOf } from "./Commit.ts"
import { openPostgres, type Found, type OpenPostgres } from "./Connections.ts"
import { askedOf, holding, rolledBack, unsettled, type Database } from "./Held.ts"
import { nothingKnown, UNKNOWN_HASH, untilKnown, type Known } from "./Known.ts"
import { placeIn } from "./Place.ts"
import { prepare } from "./Migrations.ts"
import { refold } from "./Refold.ts"
import { judgeSchema } from "./Schema.ts"
import { entryTable, headOf, selectEntries } from "./Tables.ts"

/** How a store in a PostgreSQL database is opened. */
export interface PostgresSettings {
  /** The schema that its tables are in, made if it is not there; default `grantlog`. */
  readonly schema?: string
  /** Connections to read on, at most; one more is to write on, and one to be told of what others wrote. Default 4. */
  readonly readerCount?: number
  /** The clock of this instance, milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
  /** Where the secrets are kept that salts are made of; default a table beside the log's, which is in every backup of it. */
  readonly retrySecrets?: Place
  /** Told after each commit how many appends it held. */
  readonly onCommit?: (appendCount: number) => void
  /** The driver. */
  readonly open?: OpenPostgres
}

export interface PostgresStoreOptions<
  Asked extends Queries,
  SideAsked extends Queries,
  SideDone extends Operations,
> extends PostgresSettings {
  readonly projection: InlineProjection<Asked>
  readonly side: SideTables<SideAsked, SideDone>
}

/** How many entries a read gives by default. */
const PAGE = 512
const READERS = 4

const notice =
  "the database of the log keeps the retry secrets as well: whoever has a backup of it, the key ring and a spent refresh token has the tokens after it; give `retrySecrets` a place in another database (`postgresPlaces`)"

/** Tables with their indexes, and what is stored beside them because it is large. */
const bytesOfSchema =
  "SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1::text AND c.relkind = 'r'"

const UNKNOWN_LEAVES = Array.from({ length: 16 }, () => UNKNOWN_HASH)

/** A log in the database at `url`; the first question opens the connections. */
export const makePostgresStore = <Asked extends Queries, SideAsked extends Queries, SideDone extends Operations>(
  url: string,
  options: PostgresStoreOptions<Asked, SideAsked, SideDone>,
): Store<Asked, SideAsked, SideDone> => {
  const {
    projection,
    side,
    schema = "grantlog",
    readerCount = READERS,
    open = openPostgres,
    onCommit = () => {},
  } = options
  const asks = asksIn(schema, projection.references ?? [])
  const disposable = disposableOf(projection)
  let isOpen = true
  let opened: Promise<Database> | undefined

  const ready = async (): Promise<Database> => {
    const connections = await open(url, readerCount)
    try {
      await prepare(connections, schema, projection, async ({ run }) => {
        const { writes } = await refold(run, schema, asks, projection, {})
        for (const { sql, values } of writes) await run(sql, values)
      })
      return { connections, schema, asks, ...(options.now === undefined ? {} : { now: options.now }) }
    } catch (cause) {
      await connections.close()
      throw cause
    }
  }
  /** The connections, once the schema has been checked; after a failure the next caller tries again. */
  const connected = (): Promise<Database> => {
    if (!isOpen) return Promise.reject(logIsClosed)
    if (opened === undefined) {
      const opening = (opened = ready())
      opening.catch(() => (opened = undefined))
    }
    return opened
  }
  const attempt = <A>(body: (database: Database) => Promise<A>): Effect.Effect<A, StoreFault> =>
    Effect.tryPromise({ try: () => connected().then(body), catch: unsettled })

  /** Answers as of one moment: each statement fetches everything that was asked so far. */
  const reading = <A>(body: (rows: RowReader, known: Known) => A) =>
    attempt(async ({ connections: { read } }) => {
      const known = nothingKnown(asks)
      const asked: Array<Ask> = []
      const fetch = (missing: ReadonlyArray<Ask>) => {
        asked.push(...missing)
        return askedOf(read, asks, asked, known)
      }
      return untilKnown(known, fetch, () => body(known.rows, known))
    })
  /** Runs an operation that writes rows, while the head is held; `before` is written first. */
  const writing = <A>(body: (rows: RowWriter, head: Head) => A, before: ReadonlyArray<Written> = []) =>
    attempt((database) =>
      holding(database, [], async ({ rows, head, decide, commit }) => {
        const { result, changes } = await decide(() => {
          const own = bufferedRows(rows)
          return { result: body(own, head), changes: own.changes() }
        })
        const writes = [...before, ...written(schema, changes)]
        if (writes.length > 0) await commit(writes)
        return result
      }),
    )
  const entries = (where: string, ...values: Written["values"]) =>
    attempt(({ connections: { read } }): Promise<Found> => read(`${selectEntries(schema)} ${where}`, values))
  const decoded = <A>(found: Effect.Effect<Found, StoreFault>, decode: (rows: ReadonlyArray<Row>) => A) =>
    Effect.flatMap(found, (rows) => Effect.try({ try: () => decode(rows as ReadonlyArray<Row>), catch: asFault }))
  const page = (start: number, count: number) =>
    entries("WHERE position >= $1::bigint ORDER BY position LIMIT $2::bigint", start, count)
  const readPage = (position: number, limit = PAGE) =>
    inPages(
      (start, count) => decoded(page(start, count), (rows) => decodeSequence(rows, "position", start)),
      position,
      limit,
    )
  const follower = makeFollower(readPage)
  let isListening = false
  const listen = attempt(async ({ connections }) => {
    if (!isListening) connections.listen(schema, follower.notify)
    isListening = true
  })
  const commits = groupCommit(
    (batch) =>
      connected().then(
        (database) => commitBatch(database, batch),
        (cause: unknown) => batch.map(() => rejected(unsettled(cause))),
      ),
    (count) => {
      if (count === 0) return
      follower.notify()
      onCommit(count)
    },
  )
  const retrySecrets = retrySecretsOver(options.retrySecrets ?? placeIn(retrySecretTable, { reading, writing }))

  return {
    isElsewhere: true,
    ...(options.retrySecrets === undefined ? { notice } : {}),
    bytes: attempt(async ({ connections: { read } }) => {
      const [found] = await read(bytesOfSchema, [schema])
      return Number(found!["bytes"])
    }),
    append: commits.append,
    head: reading(headOf),
    streamVersion: (stream) => reading((_, known) => versionOf(asks, known, stream)),
    readStream: (stream, afterVersion = 0, limit = Infinity) =>
      inPages(
        (start, count) =>
          decoded(
            entries(
              "WHERE stream = $1::text AND version > $2::bigint ORDER BY version LIMIT $3::bigint",
              stream,
              start,
              count,
            ),
            (rows) => present(decodeSequence(rows, "version", start + 1)),
          ),
        afterVersion,
        limit,
      ),
    readAll: (position, limit) => Effect.map(readPage(position, limit), present),
    archivedStream: (stream) => reading((rows) => readArchived(rows, stream)),
    readUnversioned: (digest) =>
      reading((rows) =>
        findIssued(rows, digest, (position) => {
          const row = rows.get(entryTable, [position])
          return row && decodeEntry({ ...row, recordedAt: row["recorded_at"]! })
        }),
      ),
    readStored: (position, limit = PAGE) =>
      inPages((start, count) => decoded(page(start, count), (rows) => rows.map(storedFrom)), position, limit),
    readTree: (body) =>
      reading((rows, known) => {
        const { size } = headOf(rows)
        return body({ size, hashOf: hashesOver(rows, keptLeaves(asks, known, size, UNKNOWN_LEAVES)) })
      }),
    subscribe: (position) => Stream.unwrap(Effect.as(listen, follower.subscribe(position))),
    beside: besideOf(side),
    rows: answering(projection.queries, reading),
    side: { ...answering(side.queries, reading), ...answering(side.operations, writing) },
    scrub: attempt(async ({ connections: { read } }) => {
      for (const { name } of side.personal) await read(`VACUUM (FULL) ${schema}.${name}`, [])
    }),
    prune: (through) =>
      writing(
        (rows, { recordedAt }) => prune(rows, projection, through, recordedAt),
        [{ sql: `DELETE FROM ${schema}.claims WHERE until <= $1::bigint`, values: [through] }],
      ),
    rebuild: (judging = {}) =>
      attempt((database) =>
        holding(database, [], async ({ session, commit }) => {
          await session.script("SET LOCAL idle_in_transaction_session_timeout = 0; SELECT 1")
          const schemaFaults = await judgeSchema(session, schema, projection, { disposable, isRepaired: true })
          const { rebuilt, writes } = await refold(session.run, schema, asks, projection, judging)
          const faults = [...schemaFaults, ...rebuilt.faults]
          if (rebuilt.differingRowCount > 0 || faults.length > 0) await commit(writes)
          return { ...rebuilt, faults }
        }),
      ),
    compareRows: (judging = {}) =>
      attempt(async ({ connections: { read, write } }) => {
        const faults = await write((session) =>
          rolledBack(session, () => judgeSchema(session, schema, projection, { disposable, isRepaired: false })),
        )
        const isSound = faults.length === 0
        if (!isSound && judging.inspector === undefined) return { ...nothingJudged, faults }
        const { rebuilt } = await refold(read, schema, asks, projection, judging, isSound)
        return { ...rebuilt, faults: [...faults, ...rebuilt.faults] }
      }),
    dump: (table, page = {}) => reading((rows) => rows.list(table, page)),
    retrySecrets,
    close: Effect.all(
      [
        commits.close,
        retrySecrets.close,
        Effect.promise(async () => {
          if (!isOpen) return
          isOpen = false
          follower.notify()
          const database = await opened?.catch(() => undefined)
          await database?.connections.close()
        }),
      ],
      { discard: true },
    ),
  }
}
