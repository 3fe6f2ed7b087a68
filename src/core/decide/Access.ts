/**
 * What an access token may be for: scope and resources, asked for against offered or granted.
 *
 * Along every derivation both only shrink (ScopeNeverGrows, AudienceNeverGrows). Also issues the token itself, and
 * ends the oldest when a grant would have more than 64 alive.
 */
import { registeredScopes, type RegisteredClient } from "../Client.ts"
import type { Offer } from "../Command.ts"
import type { AccessToken, GrantEvent } from "../Event.ts"
import { MAX_LIVE_ACCESS_TOKENS, type LiveAccessToken, type OpenGrant } from "../Grant.ts"
import type { GrantId } from "../Ids.ts"
import { refused, type Refused } from "../Refusal.ts"
import { includesResource, isResourceSubset, resourceKey, type Resources } from "../Resource.ts"
import { isSubset, type Scopes } from "../Scope.ts"
import { isLive } from "../Time.ts"

export interface Access {
  readonly scopes: Scopes
  readonly resources: Resources
}

/** An empty list names nothing: it is the same as none, never a token for nothing or nobody in particular. */
const named = <A>(list: ReadonlyArray<A> | null): ReadonlyArray<A> | null => (list?.length ? list : null)

/** What a new grant gets of what the server offers and the client registered for; no scope asked is the default. */
//= OAUTH21-1.4.1-scope-default-or-fail
export const offered = (
  client: RegisteredClient,
  asked: { readonly scopes: Scopes | null; readonly resources: Resources },
  offer: Offer,
): Access | Refused => {
  const registered = registeredScopes(client)
  const possible = offer.scopes.filter((scope) => registered?.includes(scope) ?? true)
  const defaults = offer.defaultScopes.filter((scope) => possible.includes(scope))
  const scopes = named(asked.scopes) ?? (defaults.length > 0 ? defaults : possible)
  if (!isSubset(scopes, possible)) return refused("scope-not-offered")
  if (scopes.length === 0 && offer.scopes.length > 0) return refused("scope-not-offered")
  if (offer.resources !== null && !isResourceSubset(asked.resources, offer.resources)) {
    return refused("resource-not-offered")
  }
  return { scopes: [...new Set(scopes)], resources: asked.resources }
}

/** What a token gets of what was granted; `null` asks for all of it. Resources are named as they were granted. */
//= OAUTH21-4.3.1-rt-no-scope-growth
export const narrowed = (
  grant: Pick<OpenGrant, "scopes" | "resources">,
  asked: { readonly scopes: Scopes | null; readonly resources: Resources | null },
): Access | Refused => {
  const scopes = named(asked.scopes)
  const resources = named(asked.resources)
  if (scopes !== null && !isSubset(scopes, grant.scopes)) return refused("scope-exceeds-grant")
  //= RFC8707-2.2-token-subset-of-grant
  if (resources !== null && !isResourceSubset(resources, grant.resources)) return refused("resource-exceeds-grant")
  return {
    scopes: scopes === null ? grant.scopes : grant.scopes.filter((scope) => scopes.includes(scope)),
    //= RFC8707-2-audience-restrict
    resources: resources === null ? grant.resources : grant.resources.filter((one) => includesResource(resources, one)),
  }
}

/** One text for one subset, whatever the order it was asked in: what an access token is derived over. */
export const accessKey = ({ scopes, resources }: Access): string =>
  JSON.stringify([[...scopes].sort(), resources.map(resourceKey).sort()])

/** The events that issue `token`: the oldest live one ends first when there are 64. */
export const issueAccessToken = (
  grantId: GrantId,
  live: ReadonlyArray<LiveAccessToken>,
  token: AccessToken,
): ReadonlyArray<GrantEvent> => {
  const issued: GrantEvent = { _tag: "AccessTokenIssued", grantId, ...token }
  const alive = live.filter((one) => isLive(token.issuedAt, one.expiresAt))
  const [oldest] = alive
  return oldest === undefined || alive.length < MAX_LIVE_ACCESS_TOKENS
    ? [issued]
    : [
        { _tag: "AccessTokenRevoked", grantId, digest: oldest.digest, reason: "limit", revokedAt: token.issuedAt },
        issued,
      ]
}
