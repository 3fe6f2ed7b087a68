/**
 * How fast: so many in a window of time under each key, all of them at once if need be.
 *
 * Each key has a pace of its own, so that no grant ever pays for another, and is forgotten as soon as a window without it
 * has gone by: memory follows what is appended within a window, which is slow. Effect's `RateLimiter` keeps every key for
 * good; where that is answered by sharing buckets (`http/Limits.ts`), one name may pay for another by chance.
 */
const MINUTE_MILLIS = 60_000
export const HOUR_MILLIS = 3_600_000

export interface Pace {
  /**
   * Milliseconds to wait before another one under `key`; 0 when this one may go on, which is then counted: as `weight`
   * of them, if it is a large one.
   */
  readonly take: (key: string, now: number, weight?: number) => number
  /** Counts what nobody may be refused: what comes after it waits for it. */
  readonly owe: (key: string, now: number, weight?: number) => void
  /** What was counted and did not happen. */
  readonly giveBack: (key: string, weight?: number) => void
  /** How many keys are remembered. */
  readonly keyCount: () => number
}

/** No pace is kept: everything may go on. */
const unbounded: Pace = { take: () => 0, owe: () => {}, giveBack: () => {}, keyCount: () => 0 }

export const makePace = (limit: number | "off", windowMillis = MINUTE_MILLIS): Pace => {
  if (limit === "off") return unbounded
  const interval = windowMillis / limit
  /** When all that was counted is paid for, by key; the least recently counted first. */
  const paidAt = new Map<string, number>()

  const forgetIdle = (now: number): void => {
    // Nobody owes for much more than a window: what was counted before the first that still owes is forgotten soon after.
    for (const [key, at] of paidAt) {
      if (at > now) return
      paidAt.delete(key)
    }
  }
  const owe: Pace["owe"] = (key, now, weight = 1) => {
    const owed = Math.max(paidAt.get(key) ?? 0, now)
    paidAt.delete(key)
    paidAt.set(key, owed + interval * weight)
  }
  return {
    owe,
    take: (key, now, weight) => {
      forgetIdle(now)
      const owed = Math.max(paidAt.get(key) ?? 0, now)
      const wait = owed + interval - now - windowMillis
      // A whole window in parts adds up to one and next to nothing.
      if (wait > 1e-6) return wait
      owe(key, now, weight)
      return 0
    },
    giveBack: (key, weight = 1) => {
      const owed = paidAt.get(key)
      if (owed !== undefined) paidAt.set(key, owed - interval * weight)
    },
    keyCount: () => paidAt.size,
  }
}
