/**
 * Whether a JWS was signed by a client: with one of its keys, by one of the algorithms that are taken.
 *
 * Judges the signature alone; what the JWT says is for whoever reads it. What cannot be verified, for whatever reason, was
 * not signed by the client.
 */
import { JWKSMultipleMatchingKeys } from "jose/errors"
import { compactVerify } from "jose/jws/compact/verify"
import type { OAuthClientInformationFull } from "../../Records.ts"
import type { KeySet, KeysOf } from "./PublishedKeys.ts"

//= RFC8725-3.8-keys-belong-to-iss
export const isSignedByClient = async (
  jws: string,
  client: Pick<OAuthClientInformationFull, "client_id" | "jwks" | "jwks_uri">,
  keysOf: KeysOf,
  algorithms: ReadonlyArray<string>,
): Promise<boolean> => {
  const keys = await keysOf(client)
  if (await isSignedWith(jws, keys, algorithms)) return true
  if (client.jwks_uri === undefined) return false
  // The client may have published another key since.
  const fresh = await keysOf(client, true)
  return fresh !== keys && isSignedWith(jws, fresh, algorithms)
}

//= RFC8725-3.1-alg-allowlist
const isSignedWith = async (jws: string, keys: KeySet, algorithms: ReadonlyArray<string>): Promise<boolean> => {
  const taken = { algorithms: [...algorithms] }
  try {
    await compactVerify(jws, keys, taken)
    return true
  } catch (error) {
    // Without a `kid` in the header several keys may fit.
    if (!(error instanceof JWKSMultipleMatchingKeys)) return false
    for await (const key of error) if (await compactVerify(jws, key, taken).catch(() => undefined)) return true
    return false
  }
}
