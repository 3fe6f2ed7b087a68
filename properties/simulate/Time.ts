/**
 * Time as it is, and as each machine believes it to be: a clock may be wrong from the start, or be set while it runs.
 *
 * Nothing passes unless it is told to. All in whole seconds, which is what is told to clients.
 */
import { Effect, type Clock } from "effect"

/** 2030-01-01T00:00:00Z */
export const START_MILLIS = 1_893_456_000_000

export interface MachineClock {
  readonly clock: Clock.Clock
  /** How long the machine is up. */
  readonly upMillis: () => number
  /** Somebody sets the wall clock. */
  readonly set: (byMillis: number) => void
}

export interface Time {
  readonly now: () => number
  readonly pass: (millis: number) => void
  /** A machine's clock that is ahead of time by so much, or behind it. */
  readonly clockAhead: (millis: number) => MachineClock
}

export const makeTime = (): Time => {
  let now = START_MILLIS
  const clockAhead = (millis: number): MachineClock => {
    let ahead = millis
    const wall = () => now + ahead
    const up = () => now - START_MILLIS
    const nanos = (value: number) => BigInt(value) * 1_000_000n
    return {
      clock: {
        currentTimeMillisUnsafe: wall,
        currentTimeMillis: Effect.sync(wall),
        currentTimeNanosUnsafe: () => nanos(wall()),
        currentTimeNanos: Effect.sync(() => nanos(wall())),
        monotonicTimeNanosUnsafe: () => nanos(up()),
        monotonicTimeNanos: Effect.sync(() => nanos(up())),
        sleep: () => Effect.never,
      },
      upMillis: up,
      set: (byMillis) => {
        ahead += byMillis
      },
    }
  }
  return { now: () => now, pass: (millis) => void (now += millis), clockAhead }
}
