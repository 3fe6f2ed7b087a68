/**
 * Refreshing: one refresh token is spent, its single successor is issued.
 *
 * A second presentation is either the client asking again for a reply it never got, or theft. The two are told apart
 * here and nowhere else: by the retry window, measured from the rotation and never sliding, and by whether the
 * successor was spent. Whatever a fresh token would be refused for is refused first, without effect.
 */
import { isSameResources } from "../../protocol/Resource.ts"
import { isSameSet } from "../../protocol/Scope.ts"
import { isPublic } from "../Client.ts"
import type { CommandOf, PresentedRefresh } from "../Command.ts"
import { accept, deny, denyWith, type Decision } from "../Decision.ts"
import type { AccessToken, GrantEvent } from "../Event.ts"
import { MAX_RETRIES, type OpenGrant } from "../Grant.ts"
import { nextGeneration, type Digest, type Generation, type Jkt } from "../Ids.ts"
import { isGrantAlive } from "../Liveness.ts"
import type { State } from "../State.ts"
import { endOf, expiry, isLive } from "../Time.ts"
import { issueAccessToken, narrowed, type Access } from "./Access.ts"
import { requireTokenClient } from "./ClientStanding.ts"

type Refresh = CommandOf<"Refresh">
type RefreshState = NonNullable<OpenGrant["refresh"]>
type Previous = NonNullable<RefreshState["previous"]>

export const refresh = (state: State, command: Refresh): Decision => {
  const client = requireTokenClient(state, command, "refresh_token")
  if (client._tag === "Refused") return { events: [], reply: client }

  const { grant } = state
  const { presented, at } = command
  if (grant._tag === "Absent" || grant._tag === "Denied" || presented._tag === "Unknown") return deny("refresh-unknown")
  //= OAUTH21-4.3-rt-client-binding
  if (grant.clientId !== client.clientId) return deny("refresh-of-another-client")
  //= OAUTH21-4.3.1-rt-grant-active
  if (grant._tag === "Revoked" || !isGrantAlive(state, at)) return deny("grant-ended")
  if (grant.refresh === null) return deny("refresh-unknown")
  const { current, previous } = grant.refresh
  const boundTo = keyOf(grant.refresh, presented)
  //= RFC9449-5-rt-bound-public
  if (boundTo !== null && boundTo !== command.jkt) return deny("refresh-key-wrong")

  const access = narrowed(grant, command)
  if ("_tag" in access) return { events: [], reply: access }

  switch (presented._tag) {
    case "Current":
      //= OAUTH21-4.3.3-rt-idle-expiry
      return isLive(at, current.expiresAt)
        ? rotate(grant, current, isPublic(client) ? command.jkt : null, presented.successor, access, command)
        : deny("refresh-expired")
    case "Previous":
      if (previous === null) return deny("refresh-unknown")
      //= FAPI2-5.3.2-rotation-safe
      return isLive(at, endOf(previous.rotatedAt, command.lifetimes.retryWindow))
        ? retry(grant, current, previous, isPublic(client), presented.accessToken, access, command)
        : reuse(grant, previous.digest, previous.generation, command)
    case "Older":
      return reuse(grant, presented.digest, presented.generation, command)
    default:
      return presented satisfies never
  }
}

/** The key that the presented token itself was bound to, whatever its successors are. */
const keyOf = ({ current, previous }: RefreshState, presented: Exclude<PresentedRefresh, { _tag: "Unknown" }>) => {
  switch (presented._tag) {
    case "Current":
      return current.jkt
    case "Previous":
      return previous?.jkt ?? null
    case "Older":
      return presented.jkt
  }
}

/**
 * The token was unspent and is spent now. Its successor keeps scopes, resources and key, or is bound to the key proven
 * now.
 */
//= MCP-AUTHZ-as-rotate-public
//= OAUTH21-4.3.3-rt-scope-identical
const rotate = (
  grant: OpenGrant,
  current: RefreshState["current"],
  provenKey: Jkt | null,
  successor: Extract<PresentedRefresh, { _tag: "Current" }>["successor"],
  access: Access,
  { afterVersion, lifetimes, at, jkt }: Refresh,
): Decision => {
  const { grantId } = grant
  // INVARIANT: at most one refresh token of a grant is unspent (RotationIsLinear).
  const refreshToken = {
    digest: successor.refreshToken,
    generation: nextGeneration(current.generation),
    afterVersion,
    //= RFC9449-5-rt-bound-public
    jkt: current.jkt ?? provenKey,
    issuedAt: at,
    //= RFC10017-refresh-browser
    expiresAt: expiry(at, lifetimes.refreshIdle, grant.expiresAt),
  }
  const accessToken: AccessToken = {
    digest: successor.accessToken,
    generation: refreshToken.generation,
    parent: current.digest,
    ...access,
    jkt,
    issuedAt: at,
    expiresAt: expiry(at, lifetimes.accessToken, grant.expiresAt),
  }
  const rotated: GrantEvent = {
    _tag: "RefreshTokenRotated",
    grantId,
    digest: refreshToken.digest,
    generation: refreshToken.generation,
    parent: current.digest,
    afterVersion,
    jkt: refreshToken.jkt,
    keyId: successor.keyId,
    rotatedAt: at,
    expiresAt: refreshToken.expiresAt,
  }
  return accept([rotated, ...issueAccessToken(grantId, grant.accessTokens, accessToken)], {
    _tag: "TokensIssued",
    accessToken,
    refreshToken,
    isRetry: false,
  })
}

/**
 * The reply was lost: the same successor again, and the same access token if the same subset is asked for, even if its
 * client ended that one since.
 */
const retry = (
  grant: OpenGrant,
  current: RefreshState["current"],
  previous: Previous,
  isPublicClient: boolean,
  derived: Digest | null,
  access: Access,
  command: Refresh,
): Decision => {
  const { lifetimes, at, jkt } = command
  const firstKey = previous.answers[0]?.jkt ?? null
  if (firstKey !== jkt) {
    // The successor was issued to the holder of a key, and this caller did not prove that key. A confidential client
    // has proven who it is otherwise.
    return isPublicClient && firstKey !== null
      ? reuse(grant, previous.digest, previous.generation, command)
      : deny("refresh-key-wrong")
  }
  if (derived === null) return deny("refresh-key-unavailable")
  const { grantId } = grant
  const isRecorded = previous.retryCount < MAX_RETRIES
  const given = previous.answers.find((one) => isSameAccess(one, access))
  if (given !== undefined && given.digest !== derived) return deny("refresh-key-unavailable")
  const accessToken: AccessToken = given ?? {
    digest: derived,
    generation: current.generation,
    parent: previous.digest,
    ...access,
    jkt,
    issuedAt: at,
    expiresAt: expiry(at, lifetimes.accessToken, grant.expiresAt),
  }
  if (given === undefined && !isRecorded) return deny("refresh-retries-exhausted")

  const retried: GrantEvent = {
    _tag: "RefreshTokenRetried",
    grantId,
    generation: previous.generation,
    accessToken: accessToken.digest,
    retriedAt: at,
  }
  return accept(
    [
      ...(isRecorded ? [retried] : []),
      ...(given === undefined ? issueAccessToken(grantId, grant.accessTokens, accessToken) : []),
    ],
    { _tag: "TokensIssued", accessToken, refreshToken: current, isRetry: true },
  )
}

const isSameAccess = (left: Access, right: Access): boolean =>
  isSameSet(left.scopes, right.scopes) &&
  isSameResources(left.resources, right.resources) &&
  isSameSet(left.authorizationDetails ?? [], right.authorizationDetails ?? [])

/** A spent token that no lost reply explains: one party holds the successor, and another sent this. */
//= OAUTH21-4.3.1-rt-replay-detection
//= RFC9700-4.14.2-rt-family-revoke
const reuse = (grant: OpenGrant, digest: Digest, generation: Generation, { at }: Refresh): Decision => {
  const { grantId } = grant
  // INVARIANT: a reuse outside the window leaves nothing of the grant alive (ReuseKillsGrant).
  return denyWith(
    [
      { _tag: "RefreshTokenReused", grantId, digest, generation, reusedAt: at },
      { _tag: "GrantRevoked", grantId, reason: "refresh_token_reused", revokedAt: at },
    ],
    "refresh-reused",
  )
}
