/** A refresh token has one successor: whoever has the newest has the only one, and a second copy shows. */
import { eventsOf, eventsOfType, openGrantBefore } from "./evidence/Events.ts"
import { spentToken, usedGrantRef } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"

export const RotationIsLinear: Invariant = {
  name: "RotationIsLinear",
  sentence: "A grant has at most one unspent refresh token, ever.",
  requirements: ["OAUTH21-4.3.1-rt-replay-detection"],
  attacks: ["A16"],
  situation: "a refresh token that was rotated, or a code that was redeemed, is presented while its grant is alive",
  isAtStake: (before, { operation }) =>
    operation._tag === "Redeem"
      ? operation.code !== "made up" && before.grants[operation.code]?.code === "spent"
      : operation._tag === "Refresh" && spentToken(before, operation) !== undefined,
  onStep: (before, step) => {
    const { operation, reply } = step
    if (reply._tag !== "Tokens" || reply.refresh === null || reply.refresh < before.refreshTokens.length)
      return undefined
    const grant = usedGrantRef(before, step)
    if (grant === undefined) return undefined
    const presented = operation._tag === "Refresh" ? operation.token : undefined
    const other = before.refreshTokens.findIndex(
      (token, ref) => token.grant === grant && token.spentAt === null && ref !== presented,
    )
    return other < 0
      ? undefined
      : `refresh token ${reply.refresh} is handed out while refresh token ${other} of the same grant is unspent`
  },
  onMove: (_before, _operation, move) => {
    if (eventsOf(move).length === 0) return undefined
    const current = openGrantBefore(move)?.refresh?.current
    const born = eventsOfType(move, "RefreshTokenIssued", "RefreshTokenRotated")
    if (born.length > 1) return "two refresh tokens are issued at once"
    const [token] = born
    if (
      token === undefined ||
      (token._tag === "RefreshTokenIssued" ? current === undefined : token.parent === current?.digest)
    ) {
      return undefined
    }
    return "a refresh token is issued that does not take the place of the unspent one"
  },
}
