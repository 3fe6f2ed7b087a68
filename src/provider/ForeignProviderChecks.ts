/**
 * What is judged on behalf of a provider whose `exchange…` trusts its arguments: whose record it is, until when it
 * lives, what it was requested with.
 *
 * A provider that judges itself is not asked about any of it. Single use is nothing that can be seen from here.
 */
import { isSubset, resourceMeant } from "../protocol/index.ts"
import { isWellFormedVerifier, type RefusalReason } from "../core/index.ts"
import type { Proof } from "./TokenRequests.ts"
import type { AuthorizationCode, OAuthClientInformationFull, RefreshToken } from "./Records.ts"
import { digestOf } from "./Token.ts"

type Client = OAuthClientInformationFull

/** Why `exchangeAuthorizationCode` must not be called; `undefined` when it may. `now` in milliseconds. */
export const codeFault = (
  client: Client,
  record: AuthorizationCode,
  proof: Proof,
  now: number,
): RefusalReason | undefined => {
  if (record.clientId !== client.client_id) return "code-of-another-client"
  if (!mayUse(client, "authorization_code")) return "client-may-not"
  if (!isUnexpired(record, now)) return "code-expired"
  const { codeVerifier = "", redirectUri } = proof
  const isRight = isWellFormedVerifier(codeVerifier) && digestOf(codeVerifier) === record.codeChallenge
  const isSameTarget = redirectUri === undefined || redirectUri === record.redirectUri
  if (!isRight || !isSameTarget) return "code-attempt-wrong"
  return isWithinResources(record, proof) ? undefined : "resource-exceeds-grant"
}

/** Why `exchangeRefreshToken` must not be called; `undefined` when it may. */
export const refreshFault = (
  client: Client,
  record: RefreshToken,
  scopes: ReadonlyArray<string>,
  proof: Proof,
  now: number,
): RefusalReason | undefined => {
  if (record.clientId !== client.client_id) return "refresh-of-another-client"
  if (!mayUse(client, "refresh_token")) return "client-may-not"
  if (!isUnexpired(record, now)) return "refresh-expired"
  if (!isSubset(scopes, record.scopes)) return "scope-exceeds-grant"
  return isWithinResources(record, proof) ? undefined : "resource-exceeds-grant"
}

/** Live iff now < expiresAt. A record without an expiry is live as long as the provider gives it. */
export const isUnexpired = ({ expiresAt }: { readonly expiresAt?: number }, now: number): boolean =>
  expiresAt === undefined || now < expiresAt * 1000

/** The resources of a record, however its provider writes them down. */
export const resourcesIn = ({
  resource,
}: {
  readonly resource?: string | ReadonlyArray<string>
}): ReadonlyArray<string> => (typeof resource === "string" ? [resource] : (resource ?? []))

/** If a provider keeps no grant types, its clients may use any. */
const mayUse = ({ grant_types }: Client, grantType: string): boolean => grant_types?.includes(grantType) ?? true

/** If a provider keeps no resources with its records, none are checked. */
const isWithinResources = (
  record: { readonly resource?: ReadonlyArray<string> },
  { resource = [] }: Proof,
): boolean => {
  const granted = resourcesIn(record)
  return granted.length === 0 || resource.every((one) => resourceMeant(one, granted) !== undefined)
}
