/**
 * When something ends, read from what a provider wrote down, and what is wrong with how it was written.
 *
 * A resource server, a handler and a client take these members for numbers of seconds. What can be meant is understood
 * all the same, so that whether the end is kept can be tried. It never judges whether it is.
 */

export interface ToldEnd {
  /** Milliseconds since the epoch; nothing where no end is told, or "never". */
  readonly end?: number
  readonly flaw?: string
}

export interface ToldLife {
  /** Milliseconds. */
  readonly life?: number
  readonly flaw?: string
}

export const SECOND_MILLIS = 1000
/** Above the one, a time is no number of seconds of this age; above the other it is none of milliseconds, and says "never". */
const LEAST_MILLIS = 1e11
const MOST_MILLIS = 1e14

const isAbsent = (value: unknown): boolean => value === undefined || value === null

/** Seconds in milliseconds: in whole ones, but for an end between two of them, which is after the first. */
const millisOf = (seconds: number): number =>
  Number.isInteger(seconds) ? seconds * SECOND_MILLIS : Math.round(seconds * SECOND_MILLIS) + 1

const timeIn = (value: number): ToldEnd => {
  // Some write 0, or what no clock will ever show, for never.
  if (value <= 0 || value > MOST_MILLIS) return {}
  return value < LEAST_MILLIS ? { end: millisOf(value) } : { end: Math.round(value), flaw: "in milliseconds" }
}

const numberIn = (text: string): number => (text.trim() === "" ? NaN : Number(text))

/** `expiresAt` of a record. */
export const endIn = (record: unknown): ToldEnd => {
  const { expiresAt } = Object(record) as { readonly expiresAt?: unknown }
  if (isAbsent(expiresAt)) return {}
  if (typeof expiresAt === "number") return Number.isNaN(expiresAt) ? { flaw: "as NaN" } : timeIn(expiresAt)
  if (expiresAt instanceof Date) return { end: expiresAt.getTime(), flaw: "as a Date" }
  if (typeof expiresAt !== "string") return { flaw: `as ${typeof expiresAt}` }
  const number = numberIn(expiresAt)
  const end = Number.isNaN(number) ? Date.parse(expiresAt) : timeIn(number).end
  return end === undefined || Number.isNaN(end) ? { flaw: "as text" } : { end, flaw: "as text" }
}

/** `expires_in` of an answer. */
export const lifeIn = (expiresIn: unknown): ToldLife => {
  if (isAbsent(expiresIn)) return {}
  const seconds = typeof expiresIn === "string" ? numberIn(expiresIn) : expiresIn
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return { flaw: `as ${String(expiresIn)}` }
  if (seconds < 0) return { life: seconds * SECOND_MILLIS, flaw: "below zero" }
  return { life: seconds * SECOND_MILLIS, ...(typeof expiresIn === "string" ? { flaw: "as text" } : {}) }
}
