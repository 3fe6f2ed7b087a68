/**
 * Revoking a token, by the client it was issued to (RFC 7009).
 *
 * A refresh token, a spent one included, ends the grant. An access token ends itself alone, for a resource server that
 * was handed it must not be able to end the session; with `cascade` it ends the grant as well. What is not known, or
 * is somebody else's, is answered the same way and changes nothing.
 */
import type { CommandOf } from "../Command.ts"
import { accept, type Decision } from "../Decision.ts"
import { isGrantAlive } from "../Liveness.ts"
import type { State } from "../State.ts"
import { isLive } from "../Time.ts"
import { requireClient } from "./ClientStanding.ts"

export const revokeToken = (state: State, command: CommandOf<"RevokeToken">): Decision => {
  const client = requireClient(state, command)
  if (client._tag === "Refused") return { events: [], reply: client }

  const { grant } = state
  const { presented, at } = command
  //= RFC7009-2.2-unknown-is-200
  if (grant._tag !== "Open" || presented._tag === "Unknown" || !isGrantAlive(state, at)) return accept([])
  //= RFC7009-2.1-owner-only
  if (grant.clientId !== client.clientId) return accept([])

  const { grantId } = grant
  const revokeAll = accept([{ _tag: "GrantRevoked", grantId, reason: "client", revokedAt: at }])
  //= RFC7009-2-revoke-refresh
  //= RFC7009-2.1-cascade
  if (presented._tag === "RefreshToken") return revokeAll

  // INVARIANT: a grant id without the digest of something alive does nothing (OnlyTheOwnerCanHarm).
  const { digest } = presented
  if (!grant.accessTokens.some((one) => one.digest === digest && isLive(at, one.expiresAt))) return accept([])
  return command.cascade
    ? revokeAll
    : accept([{ _tag: "AccessTokenRevoked", grantId, digest, reason: "client", revokedAt: at }])
}
