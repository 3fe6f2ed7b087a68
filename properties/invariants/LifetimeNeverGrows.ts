/** A grant has an absolute end; no token of it lives longer, and no token grows older than it was said to. */
import { lifetimesOf } from "../Model.ts"
import { eventsOfType, openGrantBefore } from "./evidence/Events.ts"
import { isLonger, usedGrant } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"

export const LifetimeNeverGrows: Invariant = {
  name: "LifetimeNeverGrows",
  sentence: "Along every derivation lifetimes only shrink; nothing outlives the absolute end of its grant.",
  requirements: ["RTEXP-5-never-outlive-grant"],
  attacks: [],
  situation: "something is used so late that a token of the usual life would outlast its grant",
  isAtStake: (before, step) => {
    const grant = usedGrant(before, step)
    return grant !== undefined && before.at + lifetimesOf(before, grant.client).accessToken > grant.expiresAt
  },
  onStep: (before, step) => {
    const { operation, reply } = step
    const grant = usedGrant(before, step)
    if (grant === undefined || (reply._tag !== "Active" && reply._tag !== "Tokens")) return undefined
    const ref = reply._tag === "Tokens" ? reply.access : operation._tag === "Verify" ? operation.token : "made up"
    const known = ref === "made up" ? undefined : before.accessTokens[ref]
    if (known !== undefined && isLonger(before, known.expiresAt, reply.expiresAt)) {
      return `access token ${ref} lives ${(reply.expiresAt - known.expiresAt) / 1000} s longer than was said before`
    }
    return before.policy.isGuessed !== true && reply.expiresAt > grant.expiresAt
      ? `access token ${ref} lives ${(reply.expiresAt - grant.expiresAt) / 1000} s longer than its grant`
      : undefined
  },
  onMove: (_before, _operation, move) => {
    const grant = openGrantBefore(move)
    const tokens = eventsOfType(move, "AccessTokenIssued", "RefreshTokenIssued", "RefreshTokenRotated")
    const longest = Math.max(0, ...tokens.map(({ expiresAt }) => expiresAt))
    return grant !== undefined && longest > grant.expiresAt ? "a token is issued that outlives its grant" : undefined
  },
}
