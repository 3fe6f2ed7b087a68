/** A code or refresh token that somebody else got hold of is worth nothing without the rest of what it was issued with. */
import { grantOf, isInContext } from "../model/About.ts"
import type { Model } from "../Model.ts"
import type { Step } from "../Operation.ts"
import { eventsOfType } from "./evidence/Events.ts"
import { isProven } from "./evidence/Proof.ts"
import type { Invariant } from "./Invariant.ts"

/** Something that was handed out, with client, proof of the client, verifier, redirect URI or key not those it is for. */
const isElsewhere = (before: Model, { operation }: Step): boolean =>
  (operation._tag === "Redeem" || operation._tag === "Refresh") &&
  before.grants[grantOf(before, operation) ?? -1] !== undefined &&
  !isInContext(before, operation)

export const BoundMeansBound: Invariant = {
  name: "BoundMeansBound",
  sentence: "A code or refresh token is useless in any other context than the one it was issued in.",
  requirements: [
    "OAUTH21-4.1.3-code-client-binding",
    "OAUTH21-4.1.3-verifier-iff-challenge",
    "OAUTH21-4.1.3-verifier-correct",
    "OAUTH21-4.3-rt-client-binding",
    "OAUTH21-3.2.2-confidential-must-auth",
    "RFC9449-10-code-binding",
    "RFC9449-5-rt-bound-public",
    "RFC9449-5.2-bound-required",
  ],
  attacks: ["A09", "A12", "A15", "A18"],
  situation:
    "a code or refresh token is presented by another client, or with a wrong verifier, redirect URI, secret or key",
  isAtStake: isElsewhere,
  onStep: (before, step) => {
    const { operation, reply } = step
    if (reply._tag !== "Tokens" || !isElsewhere(before, step)) return undefined
    if (operation._tag !== "Redeem" && operation._tag !== "Refresh") return undefined
    const thing = operation._tag === "Redeem" ? `code ${operation.code}` : `refresh token ${operation.token}`
    return `${thing} yields tokens to client ${operation.by}, in another context than its own`
  },
  onMove: (_before, _operation, move) =>
    eventsOfType(move, "AccessTokenIssued").length > 0 && !isProven(move.decided!)
      ? "tokens are issued without the proof of whom they are for"
      : undefined,
}
