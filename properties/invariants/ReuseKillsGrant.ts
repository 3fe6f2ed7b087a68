/** A spent refresh token that no lost reply explains is in two hands: the grant dies, for nobody knows whose are clean. */
import { isInContext } from "../model/About.ts"
import { eventsOfType } from "./evidence/Events.ts"
import { isRetry, isSignOfLife, isUnspent, spentToken, usedGrant, usedThing } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"
import type { Model } from "../Model.ts"
import type { Step } from "../Operation.ts"

/** Presented by its client after its successor was used, or, where the window is known, after that. */
const isReuse = (before: Model, { operation }: Step): boolean => {
  if (operation._tag !== "Refresh" || !isInContext(before, operation)) return false
  const spent = spentToken(before, operation)
  if (spent === undefined) return false
  const isSuccessorSpent = !isUnspent(before, spent.successor)
  return isSuccessorSpent || (before.policy.isGuessed !== true && !isRetry(before, operation))
}

export const ReuseKillsGrant: Invariant = {
  name: "ReuseKillsGrant",
  sentence: "A spent refresh token that is presented outside the retry window gets nothing, and its grant dies.",
  requirements: ["OAUTH21-4.3.1-rt-replay-detection", "RFC9700-4.14.2-rt-family-revoke"],
  attacks: ["A16"],
  situation: "a spent refresh token is presented again too late, or something is used of a grant where that happened",
  isAtStake: (before, step) => usedGrant(before, step)?.end === "reuse" || isReuse(before, step),
  onStep: (before, step) => {
    if (!isSignOfLife(step)) return undefined
    if (usedGrant(before, step)?.end === "reuse") {
      return `${usedThing(step)} after a spent refresh token of its grant was presented again`
    }
    return isReuse(before, step)
      ? `${usedThing(step)} although it was spent, and no reply can have been lost`
      : undefined
  },
  onMove: (_before, _operation, move) =>
    eventsOfType(move, "RefreshTokenReused").length > 0 && eventsOfType(move, "GrantRevoked").length === 0
      ? "a reused refresh token is recorded, and its grant stays open"
      : undefined,
}
