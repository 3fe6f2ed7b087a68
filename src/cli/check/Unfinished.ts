/**
 * What is said of a check that does not come to its end: in which call it stood, what ended it, and why it has to be ended.
 *
 * It knows no process and no clock; whoever watches tells how long it took.
 */
import { nameOf } from "../../../properties/kit/provider/Watch.ts"
import type { Standing } from "./Job.ts"

/** A call that holds the event loop for so long does not return. */
const STILL_MILLIS = 10_000
/** What a check may take beyond its budget: for the call that it is waiting for then, and for being written down. */
const GRACE_MILLIS = 15_000

const together = (calls: ReadonlyArray<string>): string => [...new Set(calls.map(nameOf))].join(" or ")

/** Which call it was, or which was the last. */
const whereIn = (standing: Standing | undefined): string => {
  if (standing === undefined) return "before anything was called"
  if (standing.underWay.length > 0) return `in ${together(standing.underWay)}`
  return standing.last === null ? "before anything was called" : `after ${nameOf(standing.last)}`
}

/** Who ended the process of a check, and how. */
export const endedBy = (standing: Standing | undefined, code: number | null, signal: string | null): string => {
  const how = `ended the process with ${signal === null ? `code ${code}` : signal}`
  return standing !== undefined && standing.underWay.length > 0
    ? `${together(standing.underWay)} ${how}`
    : `something ${how} ${whereIn(standing)}`
}

/** How far a check has come. */
export interface Progress {
  readonly standing: Standing | undefined
  /** How long its event loop has stood still. */
  readonly stillMillis: number
  /** How long it has taken. */
  readonly millis: number
}

/** Why a check with this budget is ended now; `undefined` while it may go on. */
export const overdue = ({ standing, stillMillis, millis }: Progress, budgetMillis: number): string | undefined => {
  const isStill = stillMillis >= STILL_MILLIS
  if (isStill && standing !== undefined && standing.underWay.length > 0) {
    return `${together(standing.underWay)} did not return within ${STILL_MILLIS / 1000} s (a busy loop?)`
  }
  if (isStill && millis > budgetMillis) return `nothing runs any more ${whereIn(standing)} (a busy loop?)`
  return millis > budgetMillis + GRACE_MILLIS ? `the time was up, and it did not end ${whereIn(standing)}` : undefined
}
