/**
 * Now, as this process may claim to know it: a wall clock held against the monotonic one and against the log.
 *
 * Reads use the latest of the three, so that a clock that steps back revives nothing. Appends need a clock that can be
 * trusted: one that has not jumped since the process started. A machine that slept has not jumped.
 */
import type { Clock } from "effect"
import type { EpochMillis } from "../core/index.ts"

export const MAX_JUMP_MILLIS = 5000

export interface Timekeeper {
  /** Never before anything recorded or answered so far. */
  readonly now: () => EpochMillis
  /** Why nothing may be appended; `undefined` while the clock can be trusted. */
  readonly fault: () => string | undefined
}

/** `notBefore`: when the newest entry of the log was recorded. `upMillis`: how long the machine is up, asleep or not. */
export const makeTimekeeper = (clock: Clock.Clock, notBefore: number, upMillis: () => number): Timekeeper => {
  const monotonic = () => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
  const started = { wall: clock.currentTimeMillisUnsafe(), monotonic: monotonic(), up: upMillis() }
  const floor = Math.max(started.wall, notBefore)
  return {
    now: () => Math.max(clock.currentTimeMillisUnsafe(), floor + monotonic() - started.monotonic) as EpochMillis,
    fault: () => {
      const passed = clock.currentTimeMillisUnsafe() - started.wall
      const jump = passed - (monotonic() - started.monotonic)
      if (Math.abs(jump) <= MAX_JUMP_MILLIS) return undefined
      if (Math.abs(passed - (upMillis() - started.up)) <= MAX_JUMP_MILLIS) return undefined
      return `this machine's clock jumped by ${Math.round(jump)} ms: set it right, then restart the server`
    },
  }
}
