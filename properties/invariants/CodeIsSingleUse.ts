/** A code yields tokens once; a second redemption is refused, whatever else is right about it. */
import { eventsOf, eventsOfType, openGrantBefore } from "./evidence/Events.ts"
import type { Invariant } from "./Invariant.ts"
import type { Model } from "../Model.ts"
import type { Step } from "../Operation.ts"

const isSpentCode = (before: Model, { operation }: Step): boolean =>
  operation._tag === "Redeem" && operation.code !== "made up" && before.grants[operation.code]?.code === "spent"

export const CodeIsSingleUse: Invariant = {
  name: "CodeIsSingleUse",
  sentence: "Of any number of redemptions of a code, in any interleaving, store or crash, at most one yields tokens.",
  requirements: ["OAUTH21-4.1.3-code-single-use"],
  attacks: ["A13"],
  situation: "a code that was redeemed is presented again",
  isAtStake: isSpentCode,
  onStep: (before, step) =>
    step.reply._tag === "Tokens" && step.operation._tag === "Redeem" && isSpentCode(before, step)
      ? `code ${step.operation.code} yields tokens a second time`
      : undefined,
  onMove: (_before, _operation, move) => {
    if (eventsOf(move).length === 0) return undefined
    const redeemedCount = eventsOfType(move, "AuthorizationCodeRedeemed").length
    const wasRedeemed = (openGrantBefore(move)?.code?.redeemedAt ?? null) !== null
    return redeemedCount > (wasRedeemed ? 0 : 1) ? "a code is recorded as redeemed a second time" : undefined
  },
}
