/**
 * Now, as this process may claim to know it: a wall clock held against the monotonic one and against the log.
 *
 * A wall clock that jumped is not believed: time goes on from where it was, so that a clock that steps back revives
 * nothing and one that steps ahead ends nothing. Appends need a clock that can be trusted; reads go on. A machine that
 * slept has not jumped.
 */
import type * as Clock from "effect/Clock"
import { momentOf, type EpochMillis } from "../core/index.ts"

export const MAX_JUMP_MILLIS = 5000

export interface Timekeeper {
  /** Never before the newest entry at the start, nor before anything this has said. */
  readonly now: () => EpochMillis
  /** Why nothing may be appended; `undefined` while the clock can be trusted. */
  readonly fault: () => string | undefined
}

/** `notBefore`: when the newest entry of the log was recorded. `upMillis`: how long the machine is up, asleep or not. */
export const makeTimekeeper = (clock: Clock.Clock, notBefore: number, upMillis: () => number): Timekeeper => {
  const wall = () => clock.currentTimeMillisUnsafe()
  const monotonic = () => Math.floor(Number(clock.monotonicTimeNanosUnsafe()) / 1e6)
  const started = { wall: wall(), monotonic: monotonic(), up: upMillis() }
  let latest = Math.max(started.wall, notBefore)

  /** One look at the clocks: how much time went by, how much of it awake, and by how much the wall clock says otherwise. */
  const look = (): { readonly passed: number; readonly awake: number; readonly jump: number } => {
    const claimed = wall() - started.wall
    const awake = monotonic() - started.monotonic
    if (Math.abs(claimed - awake) <= MAX_JUMP_MILLIS) return { passed: claimed, awake, jump: 0 }
    const asleepToo = upMillis() - started.up
    if (Math.abs(claimed - asleepToo) <= MAX_JUMP_MILLIS) return { passed: claimed, awake, jump: 0 }
    const passed = Math.max(awake, asleepToo)
    return { passed, awake, jump: claimed - passed }
  }

  return {
    now: () => {
      const { passed, awake } = look()
      latest = Math.max(latest, started.wall + passed, notBefore + awake)
      return momentOf(latest)
    },
    fault: () => {
      const behind = notBefore - wall()
      if (behind > MAX_JUMP_MILLIS) {
        return `this machine's clock is ${Math.round(behind)} ms behind the newest entry of the log: set it right`
      }
      const { jump } = look()
      return jump === 0
        ? undefined
        : `this machine's clock jumped by ${Math.round(jump)} ms: set it right, then restart the server`
    },
  }
}
