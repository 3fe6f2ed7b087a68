/** Client metadata for a profile, right or with one flaw, as it stands in commands. */
import type { ClientMetadata, CommandOf, Digest, RedirectUri } from "../../src/core/index.ts"
import type { Flaw, Profile } from "../Operation.ts"
import { APP_URI, LOOPBACK_URI, digestOf } from "./Names.ts"

const metadataOf = ({ isPublic, scopes, grantTypes }: Profile): ClientMetadata => ({
  redirect_uris: [LOOPBACK_URI, APP_URI],
  token_endpoint_auth_method: isPublic ? "none" : "client_secret_basic",
  grant_types: [...grantTypes],
  response_types: grantTypes.includes("authorization_code") ? ["code"] : [],
  ...(scopes === null ? {} : { scope: scopes.join(" ") }),
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
    default:
      return metadata
  }
}

const longUri = (index: number): RedirectUri => `https://client.example/${index}/${"x".repeat(1600)}` as RedirectUri

const secretOf = (digest: Digest) => ({ digest, expiresAt: null })

/** What is registered, the secret that goes with it, and whether there is room. */
export const registrationOf = (
  profile: Profile,
  flaw: Flaw | null,
): Pick<CommandOf<"RegisterClient">, "metadata" | "secret" | "isQuotaLeft"> => {
  const metadata = withFlaw(metadataOf(profile), flaw)
  const isPublic = metadata.token_endpoint_auth_method === "none"
  const hasSecret = isPublic ? flaw === "public-with-secret" : flaw !== "confidential-without-secret"
  return {
    metadata,
    secret: hasSecret ? secretOf(digestOf("secret")) : null,
    isQuotaLeft: flaw !== "quota-exhausted",
  }
}

export const rotatedSecret = secretOf(digestOf("rotated secret"))
