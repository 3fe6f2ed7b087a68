/**
 * Retry secrets: what salts are made of, kept beside the log while a lost reply may be asked for again, and no longer.
 *
 * Every rotation of a short period takes its salt from one random secret, which is durable before anything is appended
 * with it and is destroyed when it ends, by whichever process meets it first. They are no part of the log, of its rows
 * or of a backup: whoever holds one, the key ring and a token that was spent in its period can compute the successor.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { StoreFault } from "./EventLog.ts"
import { memoryPlace, type Place } from "./Place.ts"
import type { Row, Table } from "./Rows.ts"
import type { RetrySecrets, Watch } from "./Store.ts"

/** Where the secrets are kept that a lost reply is repeated with, until their time is over. */
export const retrySecretTable: Table = {
  name: "retry_secrets",
  columns: { period: "INTEGER", kind: "TEXT", secret: "TEXT", ends_at: "INTEGER" },
  key: ["period", "kind"],
  indexes: [["ends_at", "period", "kind"]],
}

const DESTROYED_AT_ONCE = 64
const RETRY_MILLIS = 1000

export interface ClosableSecrets extends RetrySecrets {
  readonly close: Effect.Effect<void>
}

const endOf = (row: Row | undefined): number | undefined => (row === undefined ? undefined : Number(row["ends_at"]))
const isDue = (row: Row, now: number): boolean => Number(row["ends_at"]) <= now

export const retrySecretsOver = (place: Place): ClosableSecrets => {
  const closed = Latch.makeUnsafe()
  let isOpen = true
  let isWatched = false
  let keptCount = 0

  const firstEnding = place.list({ orderBy: ["ends_at", "period", "kind"], limit: DESTROYED_AT_ONCE })

  /** Destroys what is due; gives what ends first of what is not. */
  const destroyDue = Effect.fnUntraced(function* (now: number): Effect.fn.Return<Row | undefined, StoreFault> {
    for (;;) {
      const first = yield* firstEnding
      const due = first.filter((row) => isDue(row, now))
      if (due.length === 0) return first[0]
      // Where another process was quicker with one of them, what is left is looked at anew.
      yield* place.exchange(due.map((before) => ({ before })))
    }
  })

  const keep: RetrySecrets["keep"] = Effect.fnUntraced(function* (proposed, now) {
    const { period, kind, secret, endsAt } = proposed
    for (;;) {
      const before = yield* place.get([period, kind])
      if (before !== undefined && Number(before["ends_at"]) >= endsAt) return String(before["secret"])
      const held = before !== undefined && !isDue(before, now) ? before : undefined
      const kept = held === undefined ? secret : String(held["secret"])
      const due = (yield* firstEnding).filter((row) => isDue(row, now) && row["secret"] !== before?.["secret"])
      const after = { period, kind, secret: kept, ends_at: endsAt }
      // Another process may have been quicker, or keep it for longer.
      if (!(yield* place.exchange([{ before, after }, ...due.map((one) => ({ before: one }))]))) continue
      keptCount++
      if (due.length > 0) yield* destroyDue(now)
      return kept
    }
  })

  /** Watching ends where nothing was left and nothing was kept meanwhile: what is kept after that is watched anew. */
  const destroyAndSettle = Effect.fnUntraced(function* (now: () => number) {
    const before = keptCount
    const next = yield* destroyDue(now())
    isWatched = next !== undefined || keptCount !== before
    return endOf(next)
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
    keep,
    find: (period) =>
      Effect.map(place.list({ columns: ["secret"], where: { period } }), (rows) =>
        rows.map((row) => String(row["secret"])),
      ),
    destroy: (now) => Effect.map(destroyDue(now), endOf),
    watch: (watch) =>
      Effect.suspend(() => {
        if (isWatched || !isOpen) return Effect.void
        isWatched = true
        return Effect.asVoid(Effect.forkDetach(Effect.raceFirst(watching(watch), closed.await)))
      }),
    close: Effect.suspend(() => {
      isOpen = false
      closed.openUnsafe()
      return place.close
    }),
  }
}

/** Secrets that are gone when the process ends. */
export const memoryRetrySecrets = (): ClosableSecrets => retrySecretsOver(memoryPlace(retrySecretTable))
