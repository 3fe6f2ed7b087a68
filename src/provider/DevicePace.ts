/**
 * How fast devices ask with a code that nobody has answered (RFC 8628 3.5).
 *
 * Who asks sooner than the interval is told to slow down, and its interval grows, here as with the client, for as long
 * as the code lives. It is kept in memory, by each instance for itself: it spares the server questions and guards no
 * secret, so that a question writes nothing and a restart forgives.
 */
import { SLOW_DOWN_SECONDS } from "../protocol/index.ts"
import { MAX_WAITING } from "./DeviceRows.ts"

export interface PollPace {
  /** Whether a question comes too soon after the one before it; it is counted. Times in milliseconds. */
  readonly isTooFast: (key: string, intervalMillis: number, now: number) => boolean
  /** How many codes are remembered. */
  readonly keyCount: () => number
}

/** Of an interval: what the way of two questions may differ by. */
const TOLERANCE = 0.2

interface Asked {
  at: number
  intervalMillis: number
}

export const makePollPace = (): PollPace => {
  /** In the order in which they were asked with first. */
  const asked = new Map<string, Asked>()
  return {
    isTooFast: (key, intervalMillis, now) => {
      const known = asked.get(key)
      if (known === undefined) {
        // INVARIANT: no more are remembered than can wait; those that began longest ago have expired (StateIsBounded).
        if (asked.size >= MAX_WAITING) for (const oldest of [...asked.keys()].slice(0, 1)) asked.delete(oldest)
        asked.set(key, { at: now, intervalMillis })
        return false
      }
      const isTooFast = now < known.at + known.intervalMillis * (1 - TOLERANCE)
      if (isTooFast) known.intervalMillis += SLOW_DOWN_SECONDS * 1000
      known.at = now
      return isTooFast
    },
    keyCount: () => asked.size,
  }
}
