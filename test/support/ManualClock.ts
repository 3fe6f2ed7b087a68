/**
 * A clock that stands still until it is told: wall, monotonic and uptime clock can be moved apart, as bad days do.
 *
 * `pass` is time going by, `step` somebody setting the wall clock, `suspend` a lid that was closed.
 */
import { Effect, type Clock } from "effect"
import { liveRandomness, type Randomness } from "../../src/provider/index.ts"

export interface ManualClock {
  readonly clock: Clock.Clock
  /** Real randomness, and an uptime that follows this clock. */
  readonly randomness: Randomness
  readonly now: () => number
  readonly pass: (seconds: number) => void
  readonly step: (seconds: number) => void
  readonly suspend: (seconds: number) => void
}

/** 2030-01-01T00:00:00Z */
export const START_MILLIS = 1_893_456_000_000

export const manualClock = (startMillis = START_MILLIS): ManualClock => {
  let wall = startMillis
  let monotonic = 0
  let up = 0
  const move = (seconds: number, ...hands: ReadonlyArray<"wall" | "monotonic" | "up">) => {
    const millis = seconds * 1000
    if (hands.includes("wall")) wall += millis
    if (hands.includes("monotonic")) monotonic += millis
    if (hands.includes("up")) up += millis
  }
  const nanos = (millis: number) => BigInt(millis) * 1_000_000n
  return {
    clock: {
      currentTimeMillisUnsafe: () => wall,
      currentTimeMillis: Effect.sync(() => wall),
      currentTimeNanosUnsafe: () => nanos(wall),
      currentTimeNanos: Effect.sync(() => nanos(wall)),
      monotonicTimeNanosUnsafe: () => nanos(monotonic),
      monotonicTimeNanos: Effect.sync(() => nanos(monotonic)),
      sleep: () => Effect.never,
    },
    randomness: { bytes: liveRandomness.bytes, upMillis: () => up },
    now: () => wall,
    pass: (seconds) => move(seconds, "wall", "monotonic", "up"),
    step: (seconds) => move(seconds, "wall"),
    suspend: (seconds) => move(seconds, "wall", "up"),
  }
}
