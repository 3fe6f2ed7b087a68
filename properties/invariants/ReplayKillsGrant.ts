/** A second redemption that is right in everything else proves that the code is in two hands: nothing of it lives on. */
import { eventsOfType } from "./evidence/Events.ts"
import { isSignOfLife, usedGrant, usedThing } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"

export const ReplayKillsGrant: Invariant = {
  name: "ReplayKillsGrant",
  sentence: "A valid replay of a code leaves nothing of its grant alive.",
  requirements: ["OAUTH21-4.1.3-code-reuse-revokes"],
  attacks: ["A13"],
  situation: "something is used of a grant whose code was replayed with verifier, client and redirect URI right",
  isAtStake: (before, step) => usedGrant(before, step)?.end === "replay",
  onStep: (before, step) =>
    isSignOfLife(step) && usedGrant(before, step)?.end === "replay"
      ? `${usedThing(step)} after the code of its grant was replayed`
      : undefined,
  onMove: (_before, _operation, move) =>
    eventsOfType(move, "AuthorizationCodeReplayed").length > 0 && eventsOfType(move, "GrantRevoked").length === 0
      ? "a replayed code is recorded, and its grant stays open"
      : undefined,
}
