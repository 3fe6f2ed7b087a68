/**
 * What an access token may be for: the scopes and resources that were asked for, held against those that were offered
 * or granted.
 *
 * Along every derivation both only shrink (ScopeNeverGrows, AudienceNeverGrows). The token is issued here as well, and
 * the oldest one is ended when a grant would have more than 64 alive.
 */
import { areDetailsCovered } from "../../protocol/AuthorizationDetails.ts"
import {
  distinctResources,
  includesResource,
  isResourceSubset,
  resourceKey,
  resourceMeant,
} from "../../protocol/Resource.ts"
import { formatScopes, isSubset, OFFLINE_ACCESS } from "../../protocol/Scope.ts"
import type { DetailTexts } from "../AuthorizationDetails.ts"
import { isOfferedTo, mayUse, registeredScopes, usableScopes, type RegisteredClient } from "../Client.ts"
import type { Offer } from "../Command.ts"
import type { AccessToken, GrantEvent } from "../Event.ts"
import { MAX_LIVE_ACCESS_TOKENS, type LiveAccessToken, type OpenGrant } from "../Grant.ts"
import type { GrantId } from "../Ids.ts"
import { refused, type Refused } from "../Refusal.ts"
import { type Resources } from "../Resource.ts"
import { type Scopes } from "../Scope.ts"
import { isLive } from "../Time.ts"

export interface Access {
  readonly scopes: Scopes
  readonly resources: Resources
  /** Absent where there are none. */
  readonly authorizationDetails?: DetailTexts
}

/** What is asked for: all that can be had of what is not named. */
interface Asked {
  readonly scopes: Scopes | null
  readonly resources: Resources | null
  readonly authorizationDetails?: DetailTexts
}

/** A list without entries is none. */
export const withDetails = (details: DetailTexts | undefined) =>
  details === undefined || details.length === 0 ? {} : { authorizationDetails: details }

/** An empty list is the same as no list. It never leads to a token without scopes or for any resource. */
const named = <A>(list: ReadonlyArray<A> | null): ReadonlyArray<A> | null => (list?.length ? list : null)

/** What a new grant gets of what the server offers and the client registered for. */
export const offered = (
  client: RegisteredClient,
  asked: Asked & { readonly resources: Resources },
  offer: Offer,
): Access | Refused => {
  const scopes = offeredScopes(client, named(asked.scopes), offer)
  if ("_tag" in scopes) return scopes
  if (scopes.length === 0 && offer.scopes.length > 0) return refused("scope-not-offered")
  const resources = isForIdentityAlone(scopes, asked, offer)
    ? [offer.identity!.resource]
    : offeredResources(asked.resources, offer)
  if ("_tag" in resources) return resources
  return { scopes: [...new Set(scopes)], resources, ...withDetails(asked.authorizationDetails) }
}

/**
 * What is known of the scopes asked for. Where nothing is, the default takes their place if the client has been told so
 * when it registered, or asks for nothing but refresh tokens. What is known is given or refused, never left out: a client
 * that steps up would go in circles.
 */
//= OAUTH21-1.4.1-scope-default-or-fail
const offeredScopes = (client: RegisteredClient, asked: Scopes | null, offer: Offer): Scopes | Refused => {
  const usable = usableScopes(client, offer)
  const common = offer.defaultScopes.filter((scope) => usable.includes(scope))
  const defaults = common.length > 0 ? common : usable
  if (asked === null) return defaults
  const known = asked.filter((scope) => offer.scopes.includes(scope))
  if (!isSubset(known, usable)) {
    const others = known.filter((scope) => !usable.includes(scope))
    const detail = `it may ask for ${shown(usable)}; register a new client for ${shown(others)}`
    return refused("scope-not-registered", detail)
  }
  if (known.length > 0) return known
  const registered = registeredScopes(client) ?? []
  const isUnderstood = (scope: string) =>
    registered.some((one) => one === scope) || (scope === OFFLINE_ACCESS && mayRefresh(client, offer))
  return asked.every(isUnderstood)
    ? defaults
    : refused("scope-not-offered", `ask for some of ${shown(offer.scopes)}, or for none`)
}

/** Whether it is only asked who somebody is: that is answered here, so that no other resource has to be named. */
const isForIdentityAlone = (scopes: Scopes, { resources }: Pick<Asked, "resources">, { identity }: Offer): boolean =>
  identity !== undefined && !resources?.length && scopes.length > 0 && isSubset(scopes, identity.scopes)

/** Whether a grant of this client comes with refresh tokens. */
export const mayRefresh = (client: RegisteredClient, offer: Pick<Offer, "registrationGrants">): boolean =>
  mayUse(client, "refresh_token") && isOfferedTo(client, "refresh_token", offer)

const MAX_SHOWN_CHARACTERS = 256

const shown = (scopes: Scopes): string => `\`${formatScopes(scopes).slice(0, MAX_SHOWN_CHARACTERS)}\``

/**
 * The resources that a new grant is for, in the spelling of the request. One that is named by its origin alone is spelled
 * as it is here, and so is the one that is meant where the request names none.
 */
export const offeredResources = (asked: Resources, offer: Offer): Resources | Refused => {
  const { resources: known, defaultResource, identity } = offer
  if (asked.length === 0) {
    if (defaultResource !== null) return [defaultResource]
    return known.length > 1 ? refused("resource-not-named") : known
  }
  const meant = asked.map((one) => (includesResource(known, one) ? one : (resourceMeant(one, known) ?? one)))
  const others = identity === undefined ? meant : meant.filter((one) => !includesResource([identity.resource], one))
  return offer.isAnyResourceOffered || isResourceSubset(others, known)
    ? distinctResources(meant)
    : refused("resource-not-offered")
}

/** What a token gets of what was granted; `null` asks for all of it. Resources are spelled as they were granted. */
//= OAUTH21-4.3.1-rt-no-scope-growth
export const narrowed = (
  grant: Pick<OpenGrant, "scopes" | "resources" | "authorizationDetails">,
  asked: Asked,
): Access | Refused => {
  const scopes = named(asked.scopes)
  const resources = named(asked.resources)
  if (scopes !== null && !isSubset(scopes, grant.scopes)) return refused("scope-exceeds-grant")
  //= RFC8707-2.2-token-subset-of-grant
  const meant = resources?.map((one) => resourceMeant(one, grant.resources))
  if (meant?.includes(undefined)) return refused("resource-exceeds-grant")
  const { authorizationDetails: details = [] } = grant
  const wanted = named(asked.authorizationDetails ?? null)
  //= RFC9396-6-narrowing
  if (wanted !== null && !areDetailsCovered(details, wanted)) return refused("details-exceed-grant")
  return {
    scopes: scopes === null ? grant.scopes : grant.scopes.filter((scope) => scopes.includes(scope)),
    //= RFC8707-2-audience-restrict
    resources: meant === undefined ? grant.resources : grant.resources.filter((one) => meant.includes(one)),
    ...withDetails(wanted ?? details),
  }
}

/** One text for each subset, whatever the order of the request. Access tokens are derived over it. */
export const accessKey = ({ scopes, resources, authorizationDetails: details }: Access): string =>
  JSON.stringify([
    [...scopes].sort(),
    resources.map(resourceKey).sort(),
    ...(details === undefined ? [] : [[...details].sort()]),
  ])

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
