/** What a token may be used for is at most what was granted, however often it is refreshed. */
import { grantOf } from "../model/About.ts"
import { eventsOfType, openGrantBefore } from "./evidence/Events.ts"
import { isWithin, usedGrant } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"

const excess = (scopes: ReadonlyArray<string>, allowed: ReadonlyArray<string>): string =>
  scopes.filter((scope) => !allowed.includes(scope)).join(" ")

export const ScopeNeverGrows: Invariant = {
  name: "ScopeNeverGrows",
  sentence: "Along every derivation the scope of a token stays within what was granted.",
  requirements: ["OAUTH21-4.3.1-rt-no-scope-growth", "OAUTH21-4.3.3-rt-scope-identical"],
  attacks: ["A19"],
  situation: "a refresh asks for a scope that was not granted, or a token with less than was granted is looked at",
  isAtStake: (before, { operation }) => {
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
