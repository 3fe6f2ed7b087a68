/**
 * The audit index: which entries are about what, so that a question costs as much as its answer is long, and not as
 * much as the log.
 *
 * It is a projection in a file of its own, and whoever asks brings it up to date from its bookmark. It only finds
 * entries; the entries themselves are read from the log. If the log is not the one that the index was made of, the
 * index is made anew. Two processes may bring it up to date at once: each page is taken in by one of them.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { askedDigest } from "../asof/AskedDigest.ts"
import {
  isArchived,
  LIMIT,
  sqliteRows,
  StoreFault,
  type EventLog,
  type OpenSqlite,
  type Recorded,
  type Row,
} from "../../log/index.ts"
import type { ProjectedLog } from "../../projection/index.ts"
import { openAuditFile } from "./AuditFile.ts"
import { entryTable, exchangeTable, grantTable, tokenTable } from "./AuditTables.ts"
import { catchUp, readBookmark } from "./CatchUp.ts"
import { historyStatement, type HistoryQuery } from "./HistoryQuery.ts"

export interface IndexedGrant {
  readonly grantId: string
  readonly clientId: string
  readonly subjectId: string | null
  readonly metadataDigest: string | null
  readonly position: number
  readonly openedAt: number
  /** From this time on nothing of it is alive. Milliseconds since the epoch. */
  readonly endsAt: number
}

/** Grants by client, subject or metadata document, or all that were opened since a time. */
export interface GrantQuery {
  readonly clientId?: string
  readonly subjectId?: string
  readonly metadataDigest?: string
  /** Only what was opened then or later, milliseconds since the epoch. */
  readonly openedSince?: number
  /** Only what did not end before, milliseconds since the epoch. */
  readonly endsAtLeast: number
}

/** The index of a log: it finds entries, and what they say is read from the log. */
export interface AuditIndex {
  /**
   * Takes in the entries that the index lacks, those of archives included that are read together with the log, and runs
   * `between` after each page so that others have their turn. Pages of `pageSize` entries, a few by default: with
   * thousands it costs a fraction, and keeps the process from all else meanwhile. Gives the number of entries that it has
   * taken in.
   */
  readonly catchUp: (
    onProgress?: (entryCount: number, size: number) => void,
    between?: Effect.Effect<void>,
    pageSize?: number,
  ) => Effect.Effect<number, StoreFault>
  /** The grant of the code or token of this digest, among those taken in. */
  readonly grantIdOf: (digest: string) => Effect.Effect<string | undefined, StoreFault>
  /** How many entries of the log it has taken in. */
  readonly size: Effect.Effect<number, StoreFault>
  /** Positions of the entries that are asked for; by default the oldest first. */
  readonly positions: (query: HistoryQuery) => Effect.Effect<ReadonlyArray<number>, StoreFault>
  /** The entries, among those taken in, that issued the codes and tokens of these digests. */
  readonly issuesOf: (digests: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Recorded>, StoreFault>
  /** What the index has of a grant; `undefined` for one that it does not know. */
  readonly grant: (grantId: string) => Effect.Effect<IndexedGrant | undefined, StoreFault>
  /** Positions of the entries that ended access tokens of these digests before their time. */
  readonly endsOf: (digests: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<number>, StoreFault>
  /**
   * Grants behind a grant that was given before: those that last longest first, or by time the newest first; the other
   * way round for who wants to miss none of them, for what is refreshed meanwhile moves up.
   */
  readonly grants: (
    query: GrantQuery,
    page: { readonly after?: IndexedGrant | undefined; readonly limit: number; readonly isUpwards?: boolean },
  ) => Effect.Effect<ReadonlyArray<IndexedGrant>, StoreFault>
  /** Grants that came of a grant by exchanges of its tokens, each with the token of that grant that it came of. */
  readonly exchangedFrom: (
    grantId: string,
  ) => Effect.Effect<ReadonlyArray<{ readonly grant: IndexedGrant; readonly digest: string }>, StoreFault>
  /** Closes the file; it may be opened again. */
  readonly close: Effect.Effect<void>
}

/** A log, and the index of it, brought up to date by whoever asks. */
export interface Audit {
  /** The log that is asked. */
  readonly log: ProjectedLog
  /** The index of it. */
  readonly index: AuditIndex
}

const BUSY_WAIT_MILLIS = 5
const MAX_BUSY_WAITS = 1000

/** Opens the index of `log` in `file`, in memory without one; throws a {@link StoreFault} that says what to do. */
export const openAuditIndex = (log: EventLog, file: string | undefined, open?: OpenSqlite): AuditIndex => {
  const driver = openAuditFile(file, open)
  const rows = sqliteRows(driver)
  let caughtUp = 0

  /** Waits for another process by short retries, never by blocking. */
  const attempt = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    Effect.retry(Effect.try({ try: body, catch: (cause) => cause as StoreFault }), {
      while: ({ reason }) => reason === "busy",
      times: MAX_BUSY_WAITS,
      schedule: Schedule.spaced(BUSY_WAIT_MILLIS),
    })

  const opened = { log, driver, rows, attempt }

  /** Reads as of one moment, and never from an index that another process is making anew. */
  const read = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    attempt(() => {
      driver.exec("BEGIN")
      try {
        if (readBookmark(opened).size >= caughtUp) return body()
        const message = "another process is making the audit index anew: try again"
        throw new StoreFault({ reason: "locked", message })
      } finally {
        driver.exec("COMMIT")
      }
    })

  const positionsOf = (digests: ReadonlyArray<string>, column: "position" | "ended_position") =>
    read(() =>
      digests.flatMap((digest): ReadonlyArray<readonly [digest: string, position: number]> => {
        const position = rows.get(tokenTable, [digest])?.[column]
        return typeof position === "number" ? [[digest, position]] : []
      }),
    )

  return {
    catchUp: (onProgress, between, pageSize) =>
      Effect.tap(catchUp(opened, { onProgress, between, pageSize }), (size) => Effect.sync(() => (caughtUp = size))),
    grantIdOf: (digest) =>
      read(() => {
        const position = rows.get(tokenTable, [digest])?.["position"]
        const grantId = position === undefined ? undefined : rows.get(entryTable, [position!])?.["grant_id"]
        return typeof grantId === "string" ? grantId : undefined
      }),
    size: Effect.map(
      attempt(() => readBookmark(opened)),
      ({ size }) => size,
    ),
    positions: (query) =>
      read(() => {
        const { sql, parameters } = historyStatement(query)
        return driver
          .prepare(sql)
          .all(...parameters)
          .map((row) => Number(row["position"]))
      }),
    issuesOf: Effect.fnUntraced(function* (digests) {
      const issues: Array<Recorded> = []
      for (const [digest, position] of yield* positionsOf(digests, "position")) {
        const [entry] = yield* log.readAll(position, 1)
        const [stored] = entry === undefined ? yield* log.readStored(position, 1) : []
        if (stored !== undefined && isArchived(stored)) continue
        if (entry === undefined || askedDigest(entry.event) !== digest) {
          const message = `the audit index names entry ${position}, which issued something else: delete its file, to have it made anew`
          return yield* new StoreFault({ reason: "corrupt", message })
        }
        issues.push(entry)
      }
      return issues
    }),
    endsOf: (digests) =>
      Effect.map(positionsOf(digests, "ended_position"), (ends) => ends.map(([, position]) => position)),
    grant: (grantId) => read(() => mapped(rows.get(grantTable, [grantId]), toGrant)),
    grants: (
      { clientId, subjectId, metadataDigest, openedSince = 0, endsAtLeast },
      { after, limit, isUpwards = false },
    ) =>
      read(() => {
        const owner = [
          ["client_id", clientId] as const,
          ["subject_id", subjectId] as const,
          ["metadata_digest", metadataDigest] as const,
        ].flatMap(([column, value]) => (value === undefined ? [] : [{ column, value }]))[0]
        const order = owner === undefined ? "opened_at" : "ends_at"
        const equal = owner === undefined ? "" : `${owner.column} = ? AND `
        const [direction, further] = isUpwards ? ["", ">"] : [" DESC", "<"]
        const behind = after === undefined ? "" : `AND (${order}, grant_id) ${further} (?, ?)`
        const sql = `SELECT * FROM ${grantTable.name} WHERE ${equal}${order} >= ? ${behind}
          AND ${owner === undefined ? "ends_at" : "opened_at"} >= ? ORDER BY ${order}${direction}, grant_id${direction} ${LIMIT}`
        const parameters = [
          ...(owner === undefined ? [openedSince] : [owner.value, endsAtLeast]),
          ...(after === undefined ? [] : [owner === undefined ? after.openedAt : after.endsAt, after.grantId]),
          owner === undefined ? endsAtLeast : openedSince,
          limit,
        ]
        return driver
          .prepare(sql)
          .all(...parameters)
          .map(toGrant)
      }),
    exchangedFrom: (grantId) =>
      read(() =>
        rows.list(exchangeTable, { where: { from_grant_id: grantId } }).flatMap((row) => {
          const grant = mapped(rows.get(grantTable, [row["grant_id"]!]), toGrant)
          return grant === undefined ? [] : [{ grant, digest: String(row["digest"]) }]
        }),
      ),
    close: Effect.sync(() => driver.close()),
  }
}

const mapped = <A>(row: Row | undefined, to: (row: Row) => A): A | undefined =>
  row === undefined ? undefined : to(row)

const textOrNull = (value: unknown): string | null => (value === null ? null : String(value))

const toGrant = (row: Row): IndexedGrant => ({
  grantId: String(row["grant_id"]),
  clientId: String(row["client_id"]),
  subjectId: textOrNull(row["subject_id"]),
  metadataDigest: textOrNull(row["metadata_digest"]),
  position: Number(row["position"]),
  openedAt: Number(row["opened_at"]),
  endsAt: Number(row["ends_at"]),
})
