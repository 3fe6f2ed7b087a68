/**
 * How long what is issued to a client lives: as configured for clients of its type, and no longer than the form that the
 * access token will have allows.
 *
 * The form follows from what the token is for, which is known before the core decides: it grants that or nothing.
 */
import {
  inSeconds,
  isPublic,
  narrowed,
  offeredResources,
  type Client,
  type Grant,
  type Lifetimes,
  type Offer,
  type OpenGrant,
  type Resources,
} from "../core/index.ts"
import type { Settings } from "./Config.ts"
import { ConfigFault } from "./ConfigFault.ts"
import type { AccessTokenFormat } from "./features/Feature.ts"

export const clientTypeOf = (client: Client): keyof Settings["lifetimes"] =>
  client._tag === "Registered" && !isPublic(client) ? "confidential" : "public"

/** What a token of this grant is for where it is asked for these resources; nothing where it would be refused. */
export const resourcesOfGrant = (grant: Grant, asked: Resources | null): Resources => {
  const access = grant._tag === "Open" ? narrowed(grant, { scopes: null, resources: asked }) : undefined
  return access === undefined || "_tag" in access ? [] : access.resources
}

/** What a token is for that nobody is asked for, likewise. */
export const resourcesOfOffer = (offer: Offer, asked: Resources): Resources => {
  const meant = offeredResources(asked, offer)
  return "_tag" in meant ? [] : meant
}

/** What a token is for that comes of a presented one, likewise. */
export const resourcesOfToken = (token: Pick<OpenGrant, "scopes" | "resources"> | null, asked: Resources | null) => {
  const access = token === null ? undefined : narrowed(token, { scopes: null, resources: asked })
  return access === undefined || "_tag" in access ? [] : access.resources
}

export type LifetimesFor = (client: Client, resources: () => Resources) => Lifetimes

/** Throws a {@link ConfigFault} where a token would have expired when it is repeated for a retry. */
export const tokenLifetimes = (
  { lifetimes }: Pick<Settings, "lifetimes">,
  formats: ReadonlyArray<AccessTokenFormat>,
): LifetimesFor => {
  const limited = formats.flatMap(({ name, lifetime }) =>
    lifetime === undefined ? [] : [{ name, millis: inSeconds(lifetime.seconds), isFor: lifetime.isFor }],
  )
  for (const { name, millis } of limited) {
    // INVARIANT: an answer that is repeated for a retry has never expired.
    if (Object.values(lifetimes).every(({ retryWindow }) => retryWindow < millis)) continue
    const message = `retryWindow must be shorter than the lifetime of the access tokens of the form \`${name}\``
    throw new ConfigFault({ message })
  }
  return (client, resources) => {
    const usual = lifetimes[clientTypeOf(client)]
    if (limited.length === 0) return usual
    const named = resources()
    const limit = limited.find(({ isFor }) => isFor(named))?.millis
    return limit !== undefined && limit < usual.accessToken ? { ...usual, accessToken: limit } : usual
  }
}
