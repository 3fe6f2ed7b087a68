/**
 * A moment of a log: how many entries there were, and what time it was.
 *
 * Both are needed: entries say what had happened, the clock says what had expired. The times of entries never run
 * backwards, so a time is found among them by binary search.
 */
import * as Effect from "effect/Effect"
import { momentOf, type EpochMillis } from "../../core/index.ts"
import type { EventLog, StoreFault } from "../../log/index.ts"

/** A moment of a log: what had been recorded, and what time it was. */
export interface Moment {
  /** How many entries had been recorded, a count. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly at: EpochMillis
}

const recordedAt = (log: EventLog, position: number): Effect.Effect<number, StoreFault> =>
  Effect.map(log.readStored(position, 1), ([entry]) => entry?.recordedAt ?? Number.POSITIVE_INFINITY)

/** How many entries were recorded before `millis`, or at it where `isIncluded`. */
const countUntil = Effect.fnUntraced(function* (
  log: EventLog,
  millis: number,
  isIncluded: boolean,
): Effect.fn.Return<number, StoreFault> {
  let low = 0
  let high = (yield* log.head).size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const at = yield* recordedAt(log, middle)
    if (at < millis || (isIncluded && at === millis)) low = middle + 1
    else high = middle
  }
  return low
})

/** The position of the first entry that was recorded at `millis` or later; the log's size where there is none. */
export const positionSince = (log: EventLog, millis: number): Effect.Effect<number, StoreFault> =>
  countUntil(log, millis, false)

/** Everything that was recorded by then. */
export const momentAtTime = (log: EventLog, millis: number): Effect.Effect<Moment, StoreFault> =>
  Effect.map(countUntil(log, millis, true), (size) => ({ size, at: momentOf(millis) }))

/**
 * The moment directly after the entry at `position`, at the time it was recorded; `undefined` if there is no such
 * entry.
 */
export const momentAtPosition = (log: EventLog, position: number): Effect.Effect<Moment | undefined, StoreFault> =>
  Effect.map(log.readStored(position, 1), ([entry]) =>
    entry?.position === position ? { size: position + 1, at: momentOf(entry.recordedAt) } : undefined,
  )

/** The whole log, at the given time or that of its newest entry, whichever is later. */
export const momentNow = (log: EventLog, nowMillis: number): Effect.Effect<Moment, StoreFault> =>
  Effect.map(log.head, ({ size, recordedAt: newest }) => ({ size, at: momentOf(Math.max(nowMillis, newest)) }))
