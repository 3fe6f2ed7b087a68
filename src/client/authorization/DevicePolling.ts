/**
 * When a device asks again whether somebody has answered for it (RFC 8628 3.5), and when it stops asking.
 *
 * Pure. The interval is the server's, and grows by five seconds for good each time that the server finds it too short. A
 * server that cannot be reached is left alone for longer each time, until it answers again. At the end of the code's life
 * it is asked a last time, for somebody may just have said yes.
 */

/** Waiting for somebody's answer. */
export interface Polling {
  readonly intervalMillis: number
  /** How often in a row no answer came. */
  readonly failureCount: number
  /** How long the server asked to be left alone, in milliseconds; 0 where it did not. */
  readonly pauseMillis: number
  /** When the code ends, in milliseconds since the epoch. */
  readonly until: number
}

export type PollAnswer =
  | { readonly _tag: "Pending" }
  | { readonly _tag: "TooFast" }
  | { readonly _tag: "Unreachable"; readonly retryAfterSeconds?: number | undefined }

const DEFAULT_INTERVAL_SECONDS = 5
/** A server that says 0 is not asked without a pause. */
const SHORTEST_INTERVAL_SECONDS = 1
const SLOWER_BY_MILLIS = 5_000
const DEFAULT_LIFE_SECONDS = 600
const LONGEST_LIFE_SECONDS = 86_400
/** Further than this the pauses do not grow by themselves. */
const LONGEST_BACK_OFF_MILLIS = 60_000

/** Begins at `now` to wait, as the server says: seconds between two questions, and seconds that the code lives. */
export const startPolling = (now: number, interval: number | undefined, expiresIn: number | undefined): Polling => {
  const life = expiresIn !== undefined && expiresIn > 0 ? expiresIn : DEFAULT_LIFE_SECONDS
  return {
    intervalMillis: Math.max(interval ?? DEFAULT_INTERVAL_SECONDS, SHORTEST_INTERVAL_SECONDS) * 1000,
    failureCount: 0,
    pauseMillis: 0,
    until: now + Math.min(life, LONGEST_LIFE_SECONDS) * 1000,
  }
}

/** The milliseconds to wait before the next question; `undefined` where there is none any more. */
export const nextWait = ({ intervalMillis, failureCount, pauseMillis, until }: Polling, now: number) => {
  if (now >= until) return undefined
  const backOff = Math.min(intervalMillis * 2 ** failureCount, Math.max(intervalMillis, LONGEST_BACK_OFF_MILLIS))
  return Math.min(Math.max(backOff, pauseMillis), until - now)
}

export const afterAnswer = (polling: Polling, answer: PollAnswer): Polling => {
  const answered = { ...polling, failureCount: 0, pauseMillis: 0 }
  switch (answer._tag) {
    case "Pending":
      return answered
    //= RFC8628-3.5-polling
    case "TooFast":
      return { ...answered, intervalMillis: polling.intervalMillis + SLOWER_BY_MILLIS }
    case "Unreachable":
      return {
        ...polling,
        failureCount: polling.failureCount + 1,
        pauseMillis: (answer.retryAfterSeconds ?? 0) * 1000,
      }
    default:
      return answer satisfies never
  }
}
