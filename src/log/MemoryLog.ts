/**
 * The log in memory: the reference that the other logs are compared with, and the store for tests and trials.
 *
 * Same judgement, same rows, same group commit; nothing survives the process.
 */
import { Effect, Result } from "effect"
import { StoreFault, type EventLogShape, type Head } from "./EventLog.ts"
import { makeFollower } from "./Follow.ts"
import { asFault, groupCommit, logIsClosed } from "./GroupCommit.ts"
import { memoryRows, type Tables } from "./MemoryRows.ts"
import { countDifferingRows, prune } from "./Rebuild.ts"
import { fromStored, type Recorded, type StoredEntry } from "./Recorded.ts"
import type { InlineProjection, RowReader, RowWriter } from "./Rows.ts"
import { appendWithin, type Transaction } from "./Transaction.ts"

export interface MemoryLogOptions {
  readonly projection: InlineProjection
  /** When a batch is committed; microtasks unless told, so that fake timers do not stop the log. */
  readonly schedule?: (flush: () => void) => void
}

export const makeMemoryLog = ({ projection, schedule = queueMicrotask }: MemoryLogOptions): EventLogShape => {
  const entries: Array<StoredEntry> = []
  const streams = new Map<string, Array<number>>()
  const issued = new Map<string, number>()
  const claims = new Map<string, number>()
  const tables: Tables = new Map()
  let isOpen = true

  const decode = (stored: StoredEntry): Recorded =>
    Result.getOrThrowWith(fromStored(stored), (message) => new StoreFault({ reason: "corrupt", message }))
  const head = (): Head => ({ size: entries.length, recordedAt: entries.at(-1)?.recordedAt ?? 0 })
  const readPage = (position: number, limit = 512) => entries.slice(position, position + limit).map(decode)

  /** Runs `body`; what it wrote is undone if it throws. */
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
      insert: (entry, digest) => {
        const positions = streams.get(entry.stream) ?? []
        streams.set(entry.stream, positions)
        positions.push(entry.position)
        entries.push(entry)
        if (digest !== undefined) issued.set(digest, entry.position)
        undo.push(() => {
          entries.pop()
          positions.pop()
          if (digest !== undefined) issued.delete(digest)
        })
      },
      rows: memoryRows(tables, (step) => undo.push(step)),
    }
    try {
      return body(tx)
    } catch (cause) {
      for (const step of undo.reverse()) step()
      throw cause
    }
  }

  const attempt = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    Effect.try({
      try: () => {
        if (!isOpen) throw logIsClosed
        return body()
      },
      catch: asFault,
    })
  const readRows = <A>(body: (rows: RowReader) => A): A => body(memoryRows(tables))
  const follower = makeFollower((position) => attempt(() => readPage(position)))
  const commits = groupCommit(
    (batch) => batch.map((append) => transaction((tx) => appendWithin(tx, append, projection))),
    (count) => count > 0 && follower.notify(),
    schedule,
  )

  return {
    append: commits.append,
    head: attempt(head),
    readStream: (stream, afterVersion = 0) =>
      attempt(() => (streams.get(stream) ?? []).slice(afterVersion).map((position) => decode(entries[position]!))),
    readAll: (position, limit) => attempt(() => readPage(position, limit)),
    readIssued: (digest) =>
      attempt(() => {
        const position = issued.get(digest)
        return position === undefined ? undefined : decode(entries[position]!)
      }),
    subscribe: follower.subscribe,
    read: (body) => attempt(() => readRows(body)),
    readSync: readRows,
    write: <A>(body: (rows: RowWriter) => A) => attempt(() => transaction((tx) => body(tx.rows))),
    prune: (through) =>
      attempt(() => {
        for (const [key, until] of claims) if (until <= through) claims.delete(key)
        return transaction((tx) => prune(tx.rows, projection, through))
      }),
    rebuild: (onProgress) =>
      attempt(() => {
        const fresh: Tables = new Map()
        const rebuilt = countDifferingRows({
          projection,
          served: memoryRows(tables),
          rebuilt: memoryRows(fresh),
          page: (position) => readPage(position),
          onProgress,
        })
        for (const { name } of projection.tables) tables.set(name, fresh.get(name) ?? new Map())
        return rebuilt
      }),
    dump: (table) => attempt(() => memoryRows(tables).list(table, {})),
    close: Effect.andThen(
      commits.close,
      Effect.sync(() => {
        isOpen = false
      }),
    ),
  }
}
