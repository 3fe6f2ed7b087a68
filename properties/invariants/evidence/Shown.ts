/**
 * What a single step shows: of which grant something was presented, and whether it turned out to be alive.
 *
 * Lookups in the model, no rules: `expect` is never asked.
 */
import { grantOf } from "../../model/About.ts"
import { lifetimesOf, type GrantThing, type Model } from "../../Model.ts"
import type { OperationOf, Ref, Step } from "../../Operation.ts"

/** What is not said to the second: a foreign clock, rounded lifetimes, the way of an answer. */
const GUESS_MILLIS = 2000

/** The number of the grant of which a token or code is used, not revoked. */
export const usedGrantRef = (before: Model, { operation }: Step): Ref | undefined =>
  operation._tag === "Verify" ||
  operation._tag === "Refresh" ||
  operation._tag === "Redeem" ||
  operation._tag === "Exchange"
    ? grantOf(before, operation)
    : undefined

export const usedGrant = (before: Model, step: Step): GrantThing | undefined => {
  const ref = usedGrantRef(before, step)
  return ref === undefined ? undefined : before.grants[ref]
}

/** Whether what was used gave something: an active token, or tokens. */
export const isSignOfLife = ({ reply }: Step): boolean => reply._tag === "Active" || reply._tag === "Tokens"

/** What was used and is alive, in words. */
export const usedThing = ({ operation }: Step): string => {
  switch (operation._tag) {
    case "Verify":
      return `access token ${operation.token} is active`
    case "Refresh":
      return `refresh token ${operation.token} still gives tokens`
    case "Exchange":
      return `access token ${operation.token} still gives tokens`
    case "Redeem":
      return `code ${operation.code} still gives tokens`
    default:
      return "something is alive"
  }
}

export const isWithin = (part: ReadonlyArray<string>, whole: ReadonlyArray<string>): boolean =>
  part.every((one) => whole.includes(one))

/** Whether `at` is so far past `end` that it cannot be a matter of rounding. */
export const isPast = ({ at, policy }: Model, end: number): boolean =>
  at >= end + (policy.isGuessed === true ? GUESS_MILLIS : 0)

/** Whether there is beyond doubt time left until `end`. */
export const isBefore = ({ at, policy }: Model, end: number): boolean =>
  at < end - (policy.isGuessed === true ? GUESS_MILLIS : 0)

/** Whether `later` is further off than rounding explains. */
export const isLonger = ({ policy }: Model, end: number, later: number): boolean =>
  later > end + (policy.isGuessed === true ? GUESS_MILLIS : 0)

export const isUnspent = (before: Model, ref: Ref): boolean => before.refreshTokens[ref]?.spentAt === null

/** The refresh token that is presented, where it was spent before. */
export const spentToken = (before: Model, operation: OperationOf<"Refresh">) => {
  const thing = operation.token === "made up" ? undefined : before.refreshTokens[operation.token]
  return thing === undefined || thing.spentAt === null || thing.successor === null
    ? undefined
    : { ...thing, spentAt: thing.spentAt, successor: thing.successor }
}

/** Whether a spent token is presented so soon, with its successor unspent, that the first answer may have been lost. */
export const isRetry = (before: Model, operation: OperationOf<"Refresh">): boolean => {
  const thing = spentToken(before, operation)
  return (
    thing !== undefined &&
    isUnspent(before, thing.successor) &&
    before.at < thing.spentAt + lifetimesOf(before, before.grants[thing.grant]!.client).retryWindow
  )
}
