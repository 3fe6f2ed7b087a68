/**
 * What an authorization request demands of the login that approves it, and whether a login is that (RFC 9470 4, OpenID
 * Connect Core 3.1.2.1).
 *
 * Whoever falls short is asked to sign in once more, and once only: a login that cannot do better would lead them round
 * for ever. It never says who may approve what.
 */
import type { Fault } from "../ClientAnswer.ts"

/** What a login has to be, where not every login will do. */
export interface LoginDemand {
  /** Whoever signed in before this moment has to sign in again, milliseconds since the epoch; any login by default. */
  readonly authenticatedAfter?: number
  /** It has to be of one of these strengths, which the client prefers in this order (`acr_values`); of any by default. */
  readonly acrValues?: ReadonlyArray<string>
}

/** Why a login is not what is demanded. */
export type Shortfall = "too long ago" | "too weak"

/**
 * What a login lacks of what is demanded; `undefined` where it is all that. `isAsked`: somebody signed in for this very
 * request, which other programs may know to the second only.
 */
export const shortfallOf = (
  { authenticatedAt, acr }: { readonly authenticatedAt: number; readonly acr?: string },
  { authenticatedAfter = 0, acrValues }: LoginDemand,
  isAsked: boolean,
): Shortfall | undefined => {
  const end = isAsked ? Math.floor(authenticatedAfter / 1000) * 1000 : authenticatedAfter
  if (authenticatedAt < end) return "too long ago"
  return acrValues === undefined || (acr !== undefined && acrValues.includes(acr)) ? undefined : "too weak"
}

const sentences: Readonly<Record<Shortfall, string>> = {
  "too long ago": "the person was asked to sign in again, and their login is still older than the request allows",
  "too weak": "the person was asked to sign in, and their login is of none of the strengths that acr_values names",
}

/** What the client is told when asking once more was of no use. */
//= RFC9470-5-unmet
export const unmet = (shortfall: Shortfall): Fault => ({
  error: "unmet_authentication_requirements",
  description: sentences[shortfall],
})
