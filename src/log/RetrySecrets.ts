/**
 * Retry secrets: what salts are made of, kept beside the log while a lost reply may be asked for again, and no longer.
 *
 * Every rotation of a short period takes its salt from one random secret, which is durable before anything is appended
 * with it and is destroyed when it ends, by whichever process meets it first. They are no part of the log, of its rows
 * or of a backup: whoever holds one, the key ring and a token that was spent in its period can compute the successor.
 */
import { Effect, Latch } from "effect"
import type { StoreFault } from "./EventLog.ts"
import { asFault, logIsClosed, whileBusy } from "./GroupCommit.ts"
import { memoryRows } from "./MemoryRows.ts"
import type { RowWriter, Table } from "./Rows.ts"
import type { RetrySecrets, Watch } from "./Store.ts"

export const retrySecretTable: Table = {
  name: "retry_secrets",
  columns: { period: "INTEGER", kind: "TEXT", secret: "TEXT", ends_at: "INTEGER" },
  key: ["period", "kind"],
  indexes: [["ends_at", "period", "kind"]],
}

/** Where they are kept. */
export interface SecretRows {
  /** `undefined` as long as nothing was ever kept. */
  readonly present: () => RowWriter | undefined
  /** Runs `body` in a transaction, on a place that is made if there is none. */
  readonly within: <A>(body: (rows: RowWriter) => A) => A
  readonly close: () => void
}

const DESTROYED_AT_ONCE = 64
const RETRY_MILLIS = 1000

export interface ClosableSecrets extends RetrySecrets {
  readonly close: () => void
}

export const retrySecretsOver = (place: SecretRows): ClosableSecrets => {
  const closed = Latch.makeUnsafe()
  let isOpen = true
  let isWatched = false

  const attempt = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    whileBusy(
      Effect.try({
        try: () => {
          if (!isOpen) throw logIsClosed
          return body()
        },
        catch: asFault,
      }),
    )

  const firstEnding = (rows: RowWriter, limit: number) =>
    rows.list(retrySecretTable, {
      columns: ["ends_at", "period", "kind"],
      orderBy: ["ends_at", "period", "kind"],
      limit,
    })
  const endOf = (row: { readonly [column: string]: unknown } | undefined): number | undefined =>
    row === undefined ? undefined : Number(row["ends_at"])
  const isDue = (end: number | undefined, now: number): boolean => end !== undefined && end <= now

  const deleteDue = (rows: RowWriter, now: number): number | undefined => {
    for (;;) {
      const first = firstEnding(rows, DESTROYED_AT_ONCE)
      const due = first.filter((row) => isDue(endOf(row), now))
      for (const row of due) rows.delete(retrySecretTable, [row["period"]!, row["kind"]!])
      if (due.length < first.length || first.length === 0) return endOf(first[due.length])
    }
  }

  const destroyNow = (now: number): number | undefined => {
    const rows = place.present()
    if (rows === undefined) return undefined
    const end = endOf(firstEnding(rows, 1)[0])
    return isDue(end, now) ? place.within((held) => deleteDue(held, now)) : end
  }

  /** The end of watching is settled in the turn that finds nothing left: what is kept after that is watched anew. */
  const destroyAndSettle = (now: () => number) =>
    attempt(() => {
      const next = destroyNow(now())
      isWatched = next !== undefined
      return next
    })

  const watching = ({ now, sleep, onFault }: Watch): Effect.Effect<void> =>
    Effect.gen(function* () {
      while (isWatched && isOpen) {
        const next = yield* Effect.catch(destroyAndSettle(now), (fault) => {
          onFault(fault)
          return Effect.succeed(now() + RETRY_MILLIS)
        })
        if (next !== undefined) yield* sleep(Math.max(1, next - now()))
      }
    })

  return {
    keep: (proposed, now) =>
      attempt(() => {
        const { period, kind, secret, endsAt } = proposed
        const known = place.present()?.get(retrySecretTable, [period, kind])
        if (known !== undefined && Number(known["ends_at"]) >= endsAt) return String(known["secret"])
        return place.within((rows) => {
          deleteDue(rows, now)
          // Another process may have been quicker, or keep them for longer.
          const held = rows.get(retrySecretTable, [period, kind])
          const row = {
            period,
            kind,
            secret: held === undefined ? secret : String(held["secret"]),
            ends_at: Math.max(endsAt, Number(held?.["ends_at"] ?? 0)),
          }
          rows.put(retrySecretTable, row)
          return row.secret
        })
      }),
    find: (period) =>
      attempt(() =>
        (place.present()?.list(retrySecretTable, { columns: ["secret"], where: { period } }) ?? []).map((row) =>
          String(row["secret"]),
        ),
      ),
    destroy: (now) => attempt(() => destroyNow(now)),
    watch: (watch) =>
      Effect.suspend(() => {
        if (isWatched || !isOpen) return Effect.void
        isWatched = true
        return Effect.asVoid(Effect.forkDetach(Effect.raceFirst(watching(watch), closed.await)))
      }),
    close: () => {
      if (!isOpen) return
      isOpen = false
      place.close()
      closed.openUnsafe()
    },
  }
}

/** Secrets that are gone when the process ends. */
export const memoryRetrySecrets = (): ClosableSecrets => {
  const rows = memoryRows(new Map())
  return retrySecretsOver({ present: () => rows, within: (body) => body(rows), close: () => {} })
}
