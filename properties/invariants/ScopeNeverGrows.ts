/** What a token may be used for is at most what was granted, however often it is refreshed. */
import { grantOf } from "../model/About.ts"
import { isAllowed } from "../model/Access.ts"
import { eventsOfType, openGrantBefore } from "./evidence/Events.ts"
import { isWithin, usedGrant } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"
import type { Model } from "../Model.ts"
import type { Operation } from "../Operation.ts"

const excess = (scopes: ReadonlyArray<string>, allowed: ReadonlyArray<string>): string =>
  scopes.filter((scope) => !allowed.includes(scope)).join(" ")

/** Whether a detail is asked for that neither was granted nor is less of one that was. */
const isBeyond = (before: Model, operation: Operation): boolean => {
  if (operation._tag !== "Refresh" && operation._tag !== "Redeem") return false
  const grant = before.grants[grantOf(before, operation) ?? -1]
  return grant !== undefined && (operation.details ?? []).some((one) => !isAllowed(grant.details, one))
}

export const ScopeNeverGrows: Invariant = {
  name: "ScopeNeverGrows",
  sentence: "Along every derivation the scope of a token, and whatever else it allows, stays within what was granted.",
  requirements: ["OAUTH21-4.3.1-rt-no-scope-growth", "OAUTH21-4.3.3-rt-scope-identical"],
  attacks: ["A19"],
  situation:
    "a scope or a detail is asked for that was not granted, or a token with less than was granted is looked at",
  isAtStake: (before, { operation }) => {
    if (isBeyond(before, operation)) return true
    if (operation._tag !== "Refresh" && operation._tag !== "Verify") return false
    const grant = before.grants[grantOf(before, operation) ?? -1]
    if (grant === undefined) return false
    return operation._tag === "Refresh"
      ? operation.scopes !== null && !isWithin(operation.scopes, grant.scopes)
      : !isWithin(grant.scopes, before.accessTokens[operation.token as number]!.scopes)
  },
  onStep: (before, step) => {
    const { operation, reply } = step
    if (reply._tag === "Active" && operation._tag === "Verify" && operation.token !== "made up") {
      const issued = before.accessTokens[operation.token]
      return issued === undefined || isWithin(reply.scopes, issued.scopes)
        ? undefined
        : `access token ${operation.token} is active for ${excess(reply.scopes, issued.scopes)}, which it was not issued for`
    }
    if (reply._tag === "Tokens" && isBeyond(before, operation)) {
      return `access token ${reply.access} allows what was not granted besides scopes`
    }
    const grant = reply._tag === "Tokens" ? usedGrant(before, step) : undefined
    return reply._tag !== "Tokens" || grant === undefined || isWithin(reply.scopes, grant.scopes)
      ? undefined
      : `access token ${reply.access} is for ${excess(reply.scopes, grant.scopes)}, which was not granted`
  },
  onMove: (_before, _operation, move) => {
    const grant = openGrantBefore(move)
    const issued =
      grant && eventsOfType(move, "AccessTokenIssued").find(({ scopes }) => !isWithin(scopes, grant.scopes))
    return issued && `an access token is issued for ${excess(issued.scopes, grant.scopes)}, which was not granted`
  },
}
