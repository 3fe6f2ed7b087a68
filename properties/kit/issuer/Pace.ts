/**
 * How fast requests may leave: as many a second as was allowed, a burst as one.
 *
 * Requests that are asked for in one turn of the loop leave together once there is room for all of them, so that what is
 * meant to run at the same time does. It measures no server, and knows no protocol.
 */

/** What may leave at once, and what is saved up for when nothing leaves. */
export const BURST = 8

const SECOND = 1000

export interface Pace {
  /** Resolves when one more request may leave. */
  readonly turn: () => Promise<void>
}

export const unhurried = (perSecond: number, now: () => number = () => performance.now()): Pace => {
  const waiting: Array<() => void> = []
  let saved = BURST
  let countedAt = now()
  let isScheduled = false

  const schedule = (millis: number) => {
    isScheduled = true
    if (millis <= 0) setImmediate(release)
    else setTimeout(release, millis)
  }
  const release = () => {
    isScheduled = false
    saved = Math.min(BURST, saved + ((now() - countedAt) / SECOND) * perSecond)
    countedAt = now()
    const wanted = Math.min(BURST, waiting.length)
    if (wanted > saved) return schedule(((wanted - saved) / perSecond) * SECOND + 1)
    saved -= wanted
    for (const leave of waiting.splice(0, wanted)) leave()
    if (waiting.length > 0) schedule(0)
  }
  return {
    turn: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        if (!isScheduled) schedule(0)
      }),
  }
}

/** For the machine that this runs on. */
export const unbounded: Pace = { turn: () => Promise.resolve() }
