/**
 * What a registration endpoint gave (RFC 7591 3.2.1): strict in the id and the secret, which are used, and in nothing
 * else. What has a wrong shape besides is left out, so that it is not stored either.
 */
import { member, numberIn, readableMembers, scopeIn, textIn, type Members } from "../LenientReading.ts"
import type { OAuthClientInformationFull } from "../../protocol/index.ts"
import { clientShapes } from "../Records.ts"

const readable = readableMembers(clientShapes)

/** What cannot be used of an answer. */
export interface Unusable {
  readonly unusable: "client_id" | "client_secret"
}

export const readRegistration = (body: Members): OAuthClientInformationFull | Unusable => {
  const { client_id, scope, client_secret, client_secret_expires_at, redirect_uris, ...rest } = readable(body)
  if (client_id === undefined || textIn(client_id) === undefined) return { unusable: "client_id" }
  // A server that gave a secret wants it: without it no request would be taken.
  if (client_secret === undefined && body["client_secret"] !== undefined) return { unusable: "client_secret" }
  const expiresAt = numberIn(body["client_secret_expires_at"])
  return {
    client_id,
    ...rest,
    ...member("client_secret", textIn(client_secret)),
    ...member("client_secret_expires_at", expiresAt !== undefined && expiresAt >= 0 ? expiresAt : undefined),
    ...member("scope", scopeIn(body["scope"])),
    // A list without an address is for none, and no such client could be used again.
    ...member("redirect_uris", redirect_uris?.length === 0 ? undefined : redirect_uris),
  }
}
