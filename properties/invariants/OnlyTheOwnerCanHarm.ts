/**
 * Who does not prove to be the owner of a grant cannot end it, nor anything of it, nor use it up.
 *
 * A wrong verifier, somebody else's client, a made-up token, a revocation by another: all of them change nothing alive.
 */
import type { Event } from "../../src/core/index.ts"
import { grantOf, isByOwner } from "../model/About.ts"
import { isGrantAlive } from "../Model.ts"
import { deathBy } from "./evidence/Death.ts"
import { eventsOf } from "./evidence/Events.ts"
import { isProven } from "./evidence/Proof.ts"
import type { Invariant } from "./Invariant.ts"

const harmful: ReadonlySet<Event["_tag"]> = new Set([
  "GrantRevoked",
  "AccessTokenRevoked",
  "AuthorizationCodeRedeemed",
  "RefreshTokenRotated",
])

export const OnlyTheOwnerCanHarm: Invariant = {
  name: "OnlyTheOwnerCanHarm",
  sentence: "No input without the owner's proof changes what is alive.",
  requirements: ["OAUTH21-7.5.2-bad-replay-no-revoke", "RFC7009-2.1-owner-only"],
  attacks: ["A14", "A46"],
  situation: "something of a grant that is alive is presented without the proof of its owner",
  isAtStake: (before, { operation }) => {
    if (operation._tag === "Verify") return false
    const grant = grantOf(before, operation)
    return grant !== undefined && isGrantAlive(before, grant) && !isByOwner(before, operation, grant)
  },
  onStep: (before, step) => {
    const death = deathBy(before, step, ["a stranger"])
    return death && `${death}, and all that happened since it was seen alive came from others than its owner`
  },
  onMove: (_before, _operation, move) => {
    const event = eventsOf(move).find(({ _tag }) => harmful.has(_tag))
    return event === undefined || isProven(move.decided!)
      ? undefined
      : `${event._tag} is recorded for a call without the proof of the grant's owner`
  },
}
