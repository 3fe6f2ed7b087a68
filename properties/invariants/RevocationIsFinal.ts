/**
 * What was ended by somebody who may end it stays ended.
 *
 * A suspended client may be resumed, and its tokens with it; a verifier that never asks may lag until a token's end.
 */
import type { End, Model } from "../Model.ts"
import type { Step } from "../Operation.ts"
import { eventsOf } from "./evidence/Events.ts"
import { isSignOfLife, usedGrant, usedGrantRef, usedThing } from "./evidence/Shown.ts"
import type { Invariant } from "./Invariant.ts"

const reasons: Readonly<Partial<Record<End, string>>> = {
  client: "its client revoked it",
  subject: "its subject ended it",
  operator: "the operator revoked it",
  "client deleted": "its client was deleted",
  issuer: "the issuer ended everything",
}

/** A server may let the oldest of very many tokens go: that is no revocation, and not this promise's affair. */
const MANY_TOKENS = 64

const hasMany = ({ accessTokens }: Model, grant: number): boolean =>
  accessTokens.length > MANY_TOKENS && accessTokens.filter((token) => token.grant === grant).length > MANY_TOKENS

/** Why what is used should be dead; `undefined` when nobody ended it. */
const endedBy = (before: Model, step: Step): string | undefined => {
  const grant = usedGrant(before, step)
  if (grant === undefined) return undefined
  const reason = grant.end === null ? undefined : reasons[grant.end]
  if (reason !== undefined) return reason
  const { operation } = step
  const isShown = operation._tag === "Verify" || operation._tag === "Exchange"
  const token = isShown && operation.token !== "made up" ? operation.token : undefined
  if (token !== undefined && before.accessTokens[token]!.isRevoked && !hasMany(before, usedGrantRef(before, step)!)) {
    return "its client revoked it"
  }
  const standing = before.clients[grant.client]?.standing ?? "enabled"
  return standing === "enabled" ? undefined : `its client is ${standing}`
}

export const RevocationIsFinal: Invariant = {
  name: "RevocationIsFinal",
  sentence:
    "After a revocation is acknowledged nothing derived is answered active, by any instance, after any rebuild from the log.",
  requirements: [
    "OAUTH21-4.3.1-rt-grant-active",
    "RFC7009-2-revoke-refresh",
    "RFC7009-2.1-cascade",
    "RFC7662-4-all-state-checks",
  ],
  attacks: ["A48"],
  situation: "something is used that its client, its subject or the operator ended, or whose client is suspended",
  isAtStake: (before, step) => endedBy(before, step) !== undefined,
  onStep: (before, step) => {
    const reason = isSignOfLife(step) ? endedBy(before, step) : undefined
    return reason && `${usedThing(step)} although ${reason}`
  },
  onMove: (_before, _operation, move) =>
    eventsOf(move).length > 0 && move.decided?.state.grant._tag === "Revoked" && "grantId" in eventsOf(move)[0]!
      ? "something is recorded for a grant that is revoked"
      : undefined,
}
