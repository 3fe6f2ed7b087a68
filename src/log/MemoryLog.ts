/**
 * The log in memory: the reference that the other logs are compared with, and the store for tests and trials.
 *
 * Same judgement, same rows, same group commit; nothing survives the process.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { StoreFault, type Append, type AppendOutcome, type Head } from "./EventLog.ts"
import { makeFollower } from "./Follow.ts"
import { asFault, groupCommit, logIsClosed, rejected } from "./GroupCommit.ts"
import { findIssued } from "./Issued.ts"
import { compareInMemory, memoryRows, type Tables } from "./MemoryRows.ts"
import { foldedTables, judgeRows, prune } from "./Rebuild.ts"
import { fromStored, type Recorded, type StoredEntry } from "./Recorded.ts"
import { memoryRetrySecrets } from "./RetrySecrets.ts"
import type { InlineProjection, Operations, Queries, RowWriter, Table } from "./Rows.ts"
import { inPages } from "./Pages.ts"
import { answering, answeringNow, besideOf, type Judging, type SideTables, type Store } from "./Store.ts"
import { prunedTable } from "./Tables.ts"
import { appendWithin, type Transaction } from "./Transaction.ts"
import { hashesOver, type LeavesFrom } from "./Tree.ts"
import type { Pages } from "./Walk.ts"

export interface MemoryLogOptions<Asked extends Queries, SideAsked extends Queries, SideDone extends Operations> {
  readonly projection: InlineProjection<Asked>
  readonly side: SideTables<SideAsked, SideDone>
  /** When a batch is committed; default in a microtask, so that fake timers do not stop the log. */
  readonly schedule?: (flush: () => void) => void
  /** Called after each commit with the number of its appends. */
  readonly onCommit?: (appendCount: number) => void
  /** Called before each commit. If it throws, the whole batch fails with that. */
  readonly onCommitting?: () => void
}

/** The default limit of a read. */
const PAGE = 512

export const makeMemoryLog = <Asked extends Queries, SideAsked extends Queries, SideDone extends Operations>(
  options: MemoryLogOptions<Asked, SideAsked, SideDone>,
): Store<Asked, SideAsked, SideDone> => {
  const { projection, side, schedule = queueMicrotask, onCommit = () => {}, onCommitting = () => {} } = options
  const entries: Array<StoredEntry> = []
  const streams = new Map<string, Array<number>>()
  const claims = new Map<string, number>()
  const tables: Tables = new Map()
  const retrySecrets = memoryRetrySecrets()
  let isOpen = true

  const decode = (stored: StoredEntry): Recorded =>
    Result.getOrThrowWith(fromStored(stored), (message) => new StoreFault({ reason: "corrupt", message }))
  const head = (): Head => ({ size: entries.length, recordedAt: entries.at(-1)?.recordedAt ?? 0 })
  const leavesFrom: LeavesFrom = (position, count) => entries.slice(position, position + count).map(({ leaf }) => leaf)
  const readPage = (position: number, limit = PAGE) => entries.slice(position, position + limit).map(decode)
  const readStreamPage = (stream: string, afterVersion: number, limit: number) =>
    (streams.get(stream) ?? []).slice(afterVersion, afterVersion + limit).map((position) => decode(entries[position]!))

  /** Runs `body`, and undoes what it wrote if it throws. */
  const transaction = <A>(body: (tx: Transaction) => A): A => {
    const undo: Array<() => void> = []
    const tx: Transaction = {
      head,
      versionOf: (stream) => streams.get(stream)?.length ?? 0,
      isClaimed: (key) => claims.has(key),
      claim: (key, until) => {
        claims.set(key, until)
        undo.push(() => claims.delete(key))
      },
      insert: (entry) => {
        const positions = streams.get(entry.stream) ?? []
        streams.set(entry.stream, positions)
        positions.push(entry.position)
        entries.push(entry)
        undo.push(() => {
          entries.pop()
          positions.pop()
        })
      },
      leavesFrom,
      rows: memoryRows(tables, (step) => undo.push(step)),
      projection: () => projection.description,
    }
    try {
      return body(tx)
    } catch (cause) {
      for (const step of undo.reverse()) step()
      throw cause
    }
  }

  /** A fault in one append fails that caller alone. The others of the batch keep their outcomes. */
  const commitOne = (append: Append): AppendOutcome => {
    try {
      return transaction((tx) => appendWithin(tx, append))
    } catch (cause) {
      return rejected(asFault(cause))
    }
  }

  const guarded = <A>(body: () => A): A => {
    if (!isOpen) throw logIsClosed
    try {
      return body()
    } catch (cause) {
      throw asFault(cause)
    }
  }
  const attempt = <A>(body: () => A) => Effect.try({ try: () => guarded(body), catch: asFault })
  const served = memoryRows(tables)
  const read = <A>(body: (rows: RowWriter) => A) => attempt(() => body(served))
  const foldAgain = (fresh: Tables, judging: Judging) => {
    const rebuilt = memoryRows(fresh)
    const compare = (table: Table) => compareInMemory(table, served, rebuilt)
    const newestAt = head().recordedAt
    const noted = [prunedTable]
    const byStream = [...streams.keys()].sort().flatMap((stream) => streams.get(stream)!)
    const pages: Pages = {
      leaves: (position) => Effect.succeed(entries.slice(position)),
      streams: (behind) => Effect.succeed(behind === undefined ? byStream.map((position) => entries[position]!) : []),
    }
    return Effect.runSync(judgeRows({ projection, served, rebuilt, pages, newestAt, noted, compare, judging }))
  }
  const readAll = (position: number, limit = PAGE) =>
    inPages((start, count) => attempt(() => readPage(start, count)), position, limit)
  const follower = makeFollower(readAll)
  const commits = groupCommit(
    (batch) => {
      onCommitting()
      return batch.map(commitOne)
    },
    (count) => {
      if (count === 0) return
      follower.notify()
      onCommit(count)
    },
    schedule,
  )

  return {
    append: commits.append,
    head: attempt(head),
    streamVersion: (stream) => attempt(() => streams.get(stream)?.length ?? 0),
    readStream: (stream, afterVersion = 0, limit = Infinity) =>
      inPages((start, count) => attempt(() => readStreamPage(stream, start, count)), afterVersion, limit),
    readAll,
    archivedStream: () => Effect.undefined,
    readUnversioned: (digest) =>
      attempt(() => findIssued(served, digest, (position) => entries[position] && decode(entries[position]))),
    readStored: (position, limit = PAGE) =>
      inPages((start, count) => attempt(() => entries.slice(start, start + count)), position, limit),
    readTree: (body) => attempt(() => body({ size: entries.length, hashOf: hashesOver(served, leavesFrom) })),
    subscribe: follower.subscribe,
    beside: besideOf(side),
    rows: answering(projection.queries, read),
    rowsNow: answeringNow(projection.queries, (body) => guarded(() => body(served))),
    side: {
      ...answering(side.queries, read),
      ...answering(side.operations, <A>(body: (rows: RowWriter) => A) =>
        attempt(() => transaction((tx) => body(tx.rows))),
      ),
    },
    scrub: Effect.void,
    prune: (through) =>
      attempt(() => {
        for (const [key, until] of claims) if (until <= through) claims.delete(key)
        return transaction((tx) => prune(tx.rows, projection, through, head().recordedAt))
      }),
    rebuild: (judging = {}) =>
      attempt(() => {
        const fresh: Tables = new Map()
        const rebuilt = foldAgain(fresh, judging)
        for (const { name } of [...foldedTables(projection), prunedTable])
          tables.set(name, fresh.get(name) ?? new Map())
        return rebuilt
      }),
    compareRows: (judging = {}) => attempt(() => foldAgain(new Map(), judging)),
    dump: (table, page = {}) => attempt(() => served.list(table, page)),
    retrySecrets,
    close: Effect.andThen(
      commits.close,
      Effect.sync(() => {
        isOpen = false
        follower.notify()
      }),
    ).pipe(Effect.andThen(retrySecrets.close)),
  }
}
