/** Where a token may be used is at most where the grant allows, and where the token was asked for. */
import { grantOf } from "../model/About.ts"
import type { GrantThing, Model } from "../Model.ts"
import { eventsOfType, openGrantBefore } from "./evidence/Events.ts"
import { isWithin } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"

/** A grant that names no resource leaves it to the server which its tokens are for. */
const isBounded = (grant: GrantThing | undefined): grant is GrantThing =>
  grant !== undefined && grant.resources.length > 0

/** Whether this server says what a token is for: one that never does binds elsewhere, if at all. */
const namesResources = ({ past }: Model): boolean => {
  for (let at = past; at !== undefined; at = at.older) {
    if (at.step.reply._tag === "Active" && at.step.reply.resources.length > 0) return true
  }
  return false
}

export const AudienceNeverGrows: Invariant = {
  name: "AudienceNeverGrows",
  sentence: "Along every derivation a token is for no other resource than was granted, nor than it was asked for.",
  requirements: ["RFC8707-2.2-token-subset-of-grant", "RFC8707-2-audience-restrict", "OAUTH21-3.2.3-rt-bound-to-grant"],
  attacks: ["A18", "A19"],
  situation: "a token is asked for a resource that was not granted, or one for fewer than were granted is looked at",
  isAtStake: (before, { operation }) => {
    if (operation._tag !== "Refresh" && operation._tag !== "Redeem" && operation._tag !== "Verify") return false
    const grant = before.grants[grantOf(before, operation) ?? -1]
    if (!isBounded(grant)) return false
    return operation._tag === "Verify"
      ? !isWithin(grant.resources, before.accessTokens[operation.token as number]!.resources)
      : operation.resources !== null && !isWithin(operation.resources, grant.resources)
  },
  onStep: (before, { operation, reply }) => {
    if (operation._tag !== "Verify" || reply._tag !== "Active" || operation.token === "made up") return undefined
    const token = before.accessTokens[operation.token]
    const grant = token && before.grants[token.grant]
    if (token === undefined || !isBounded(grant)) return undefined
    const asked = isWithin(token.resources, grant.resources) ? token.resources : grant.resources
    if (reply.resources.length === 0 && namesResources(before)) {
      return `access token ${operation.token} is active without a resource, for any, and its grant is for ${grant.resources.join(" ")}`
    }
    const beyond = reply.resources.find((resource) => !asked.includes(resource))
    return beyond && `access token ${operation.token} is active for ${beyond}, which it was not given for`
  },
  onMove: (_before, _operation, move) => {
    const grant = openGrantBefore(move)
    if (grant === undefined) return undefined
    const issued = eventsOfType(move, "AccessTokenIssued")
    const wider = issued.find(({ resources }) => !isWithin(resources, grant.resources))
    if (wider !== undefined) {
      return `an access token is issued for ${wider.resources.join(" ")}, not all of which was granted`
    }
    // A token that names no resource is good wherever nobody looks for one.
    return grant.resources.length > 0 && issued.some(({ resources }) => resources.length === 0)
      ? "an access token is issued that names no resource, although its grant is for some"
      : undefined
  },
}
