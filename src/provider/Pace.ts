/**
 * How fast: so many in a window of time under each key, all of them at once if need be.
 *
 * Each key has a pace of its own, so that no grant ever pays for another, and is forgotten as soon as a window without it
 * has gone by: memory follows what is appended within a window, which is slow. Effect's `RateLimiter` keeps every key for
 * good; where that is answered by sharing buckets (`http/Limits.ts`), one name may pay for another by chance.
 */
export const MINUTE_MILLIS = 60_000
export const HOUR_MILLIS = 3_600_000

export interface Pace {
  /** Milliseconds to wait before another one under `key`; 0 when this one may go on, which is then counted. */
  readonly take: (key: string, now: number) => number
  /** One that was counted and did not happen. */
  readonly giveBack: (key: string) => void
  /** How many keys are remembered. */
  readonly keyCount: () => number
}

/** No pace is kept: everything may go on. */
const unbounded: Pace = { take: () => 0, giveBack: () => {}, keyCount: () => 0 }

export const makePace = (limit: number | "off", windowMillis = MINUTE_MILLIS): Pace => {
  if (limit === "off") return unbounded
  const interval = windowMillis / limit
  /** When all that was counted is paid for, by key; the least recently counted first. */
  const paidAt = new Map<string, number>()

  const forgetIdle = (now: number): void => {
    // INVARIANT: nobody owes for more than a window, so that what is old enough in this order is paid for.
    for (const [key, at] of paidAt) {
      if (at > now) return
      paidAt.delete(key)
    }
  }
  return {
    take: (key, now) => {
      forgetIdle(now)
      const owed = Math.max(paidAt.get(key) ?? 0, now)
      const wait = owed + interval - now - windowMillis
      // A whole window in parts adds up to one and next to nothing.
      if (wait > 1e-6) return wait
      paidAt.delete(key)
      paidAt.set(key, owed + interval)
      return 0
    },
    giveBack: (key) => {
      const owed = paidAt.get(key)
      if (owed !== undefined) paidAt.set(key, owed - interval)
    },
    keyCount: () => paidAt.size,
  }
}
