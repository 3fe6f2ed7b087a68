/**
 * A client that never got its answer may ask again: it gets the same successor, not a second one.
 *
 * Having no such window is a policy, not a fault; where the window is known, so is what has to come of it.
 */
import { isInContext } from "../model/About.ts"
import { isGrantAlive, type Model } from "../Model.ts"
import type { OperationOf } from "../Operation.ts"
import { isRetry, isUnspent, spentToken } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"

/** The very same question as the first time, as far as can be seen. */
const isSameQuestion = (before: Model, { token, key, scopes, resources }: OperationOf<"Refresh">): boolean => {
  const first = before.accessTokens.find(({ from }) => from === token)
  return first !== undefined && first.key === key && scopes === null && resources === null
}

export const RetryIsIdempotent: Invariant = {
  name: "RetryIsIdempotent",
  sentence:
    "Inside the retry window a refresh token that was spent gets the same successor again; a lost reply loses no session.",
  requirements: ["FAPI2-5.3.2-rotation-safe"],
  attacks: ["A17"],
  situation: "a refresh token is presented again by its client inside the retry window, its successor unspent",
  isAtStake: (before, { operation }) =>
    operation._tag === "Refresh" &&
    isRetry(before, operation) &&
    isInContext(before, operation) &&
    isGrantAlive(before, before.refreshTokens[operation.token as number]!.grant),
  onStep: (before, { operation, reply }) => {
    if (operation._tag !== "Refresh") return undefined
    const spent = spentToken(before, operation)
    if (spent === undefined || !isGrantAlive(before, spent.grant) || !isInContext(before, operation)) return undefined
    const isGuessed = before.policy.isGuessed === true
    const isRepeatable = isGuessed ? isUnspent(before, spent.successor) : isRetry(before, operation)
    if (!isRepeatable) return undefined
    if (reply._tag === "Tokens") {
      return reply.refresh === null || reply.refresh === spent.successor
        ? undefined
        : `refresh token ${operation.token} gets refresh token ${reply.refresh}, and got ${spent.successor} before`
    }
    const isLost = reply._tag === "Refused" && reply.error === "invalid_grant"
    return !isGuessed && isLost && isSameQuestion(before, operation)
      ? `refresh token ${operation.token} is refused inside the retry window, its successor unspent`
      : undefined
  },
}
