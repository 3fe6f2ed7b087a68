/** Client metadata for a profile, right or with one flaw, as it stands in commands. */
import type { Client, ClientMetadata, CommandOf, Digest, RedirectUri } from "../../src/core/index.ts"
import type { Flaw, Profile } from "../Operation.ts"
import { APP_URI, LOOPBACK_URI, digestOf } from "./Names.ts"

type PublicJwk = NonNullable<ClientMetadata["jwks"]>["keys"][number]

/** A public key that nobody has the private part of; the machine verifies no signature. */
const someJwk: PublicJwk = {
  kty: "EC",
  crv: "P-256",
  x: "593A--yMYkRF7SyJyc7jWe_tY9zcTMjReuB-W3kX_ig",
  y: "btyhe5EP76bGRQ63Nwds_f5crv0hCb0uYkcoFB0Ns4U",
}

const metadataOf = (
  { isPublic, hasKeys, isBound, scopes, grantTypes, detailTypes }: Profile,
  jwk: PublicJwk,
): ClientMetadata => ({
  redirect_uris: [LOOPBACK_URI, APP_URI],
  token_endpoint_auth_method: isPublic ? "none" : hasKeys === true ? "private_key_jwt" : "client_secret_basic",
  grant_types: [...grantTypes],
  response_types: grantTypes.includes("authorization_code") ? ["code"] : [],
  ...(scopes === null ? {} : { scope: scopes.join(" ") }),
  ...(hasKeys === true ? { jwks: { keys: [jwk] } } : {}),
  ...(detailTypes === undefined ? {} : { authorization_details_types: detailTypes }),
  ...(isBound === true ? { dpop_bound_access_tokens: true } : {}),
})

const withFlaw = (metadata: ClientMetadata, flaw: Flaw | null): ClientMetadata => {
  switch (flaw) {
    case "metadata-too-large":
      return { ...metadata, redirect_uris: Array.from({ length: 3 }, (_, index) => longUri(index)) }
    case "redirect-uri-bad":
      return { ...metadata, redirect_uris: ["http://example.com/callback" as RedirectUri] }
    case "redirect-uri-missing":
      return { ...metadata, redirect_uris: [] }
    case "response-type-mismatch":
      return { ...metadata, response_types: metadata.response_types.length === 0 ? ["code"] : [] }
    case "refresh-without-code":
      return { ...metadata, grant_types: ["refresh_token"], response_types: [] }
    case "public-for-itself":
      return {
        ...metadata,
        token_endpoint_auth_method: "none",
        grant_types: [...new Set([...metadata.grant_types, "client_credentials"])],
      }
    case "scope-bad":
      return { ...metadata, scope: '"' }
    case "keys-twice":
      return { ...metadata, jwks: { keys: [someJwk] }, jwks_uri: "https://client.example/keys" }
    case "keys-uri-bad":
      return { ...metadata, jwks_uri: "http://client.example/keys" }
    default:
      return metadata
  }
}

const longUri = (index: number): RedirectUri => `https://client.example/${index}/${"x".repeat(1600)}` as RedirectUri

const secretOf = (digest: Digest) => ({ digest, expiresAt: null })

/** What is registered, the secret that goes with it, and whether there is room; `jwk`: the key of a client that has one. */
export const registrationOf = (
  profile: Profile,
  flaw: Flaw | null,
  jwk: PublicJwk = someJwk,
): Pick<CommandOf<"RegisterClient">, "metadata" | "secret" | "isQuotaLeft"> => {
  const metadata = withFlaw(metadataOf(profile, jwk), flaw)
  const isPublic = metadata.token_endpoint_auth_method === "none"
  const isWithout = flaw === "confidential-without-secret" || profile.hasKeys === true
  const hasSecret = isPublic ? flaw === "public-with-secret" : !isWithout
  return {
    metadata,
    secret: hasSecret ? secretOf(digestOf("secret")) : null,
    isQuotaLeft: flaw !== "quota-exhausted",
  }
}

export const rotatedSecret = secretOf(digestOf("rotated secret"))

/** Another secret, or none, for a confidential client that proves itself in another way from now on. */
export const secretAfter = (client: Client | undefined, { token_endpoint_auth_method: method }: ClientMetadata) => {
  if (client?._tag !== "Registered" || client.metadata.token_endpoint_auth_method === "none" || method === "none")
    return {}
  const hasSecret = method !== "private_key_jwt"
  return hasSecret === (client.secret !== null) ? {} : { secret: hasSecret ? secretOf(digestOf("secret")) : null }
}
