/** A thing is alive up to its end and not at it: neither a second longer nor a second less. */
import { deathBy } from "./evidence/Death.ts"
import { isPast, isSignOfLife, usedGrant, usedThing } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"
import type { Model } from "../Model.ts"
import type { Step } from "../Operation.ts"

const SECOND_MILLIS = 1000

/** When what is used ends, as far as it is told or known; a thing that is spent has no end to wait for. */
const endOf = (before: Model, step: Step): number | undefined => {
  const { operation } = step
  const grant = usedGrant(before, step)
  if (grant === undefined) return undefined
  if (operation._tag === "Verify") return before.accessTokens[operation.token as number]!.expiresAt
  if (before.policy.isGuessed === true) return undefined
  if (operation._tag === "Redeem") return grant.code === "unspent" ? grant.codeExpiresAt : undefined
  if (operation._tag !== "Refresh") return undefined
  const { spentAt, expiresAt } = before.refreshTokens[operation.token as number]!
  return spentAt === null ? expiresAt : undefined
}

export const ExpiryIsExact: Invariant = {
  name: "ExpiryIsExact",
  sentence: "A thing is live if and only if now is before its end; a clock stepping back revives nothing.",
  requirements: ["OAUTH21-4.1.2-code-short-life", "OAUTH21-4.3.3-rt-idle-expiry"],
  attacks: ["A49"],
  situation: "something is used in the second before its end, at its end, or in the second after",
  isAtStake: (before, step) => {
    const end = endOf(before, step)
    return end !== undefined && Math.abs(before.at - end) <= SECOND_MILLIS
  },
  onStep: (before, step) => {
    const { operation, reply } = step
    const end = endOf(before, step)
    if (isSignOfLife(step) && end !== undefined && isPast(before, end)) {
      return `${usedThing(step)} ${before.at === end ? "at" : `${(before.at - end) / 1000} s after`} its end`
    }
    if (operation._tag === "Approve" && operation.isLate && reply._tag === "Code" && before.policy.isGuessed !== true) {
      return `request ${operation.grant} is answered with a code after its end`
    }
    const death = deathBy(before, step, ["time", "nothing"])
    return death && `${death}, and nothing was done that could have ended it`
  },
}
