/**
 * The rules for client metadata, whoever brings it; they are used for registering and for updating.
 *
 * Syntax is checked when metadata is decoded. These are the rules between members, and those for redirect URIs.
 */
import { DEVICE_CODE_GRANT } from "../../protocol/DeviceGrant.ts"
import { addressFault } from "../../protocol/SecureAddress.ts"
import { redirectUriFault, redirectUriRemedy } from "../../protocol/RedirectUri.ts"
import type { ClientMetadata } from "../ClientMetadata.ts"
import { refused, type Refused } from "../Refusal.ts"
import { parseScopes } from "../Scope.ts"

export const MAX_METADATA_BYTES = 4096

export const metadataBytes = (metadata: ClientMetadata): number =>
  new TextEncoder().encode(JSON.stringify(metadata)).length

/** The first rule that `metadata` breaks; `undefined` when it breaks none. */
export const metadataFault = (metadata: ClientMetadata, appSchemes: ReadonlyArray<string>): Refused | undefined => {
  const usesCode = metadata.grant_types.includes("authorization_code")
  for (const uri of [...metadata.redirect_uris, ...(metadata.post_logout_redirect_uris ?? [])]) {
    const fault = redirectUriFault(uri, appSchemes)
    if (fault !== undefined) {
      return refused("client-redirect-uri-bad", `\`${uri.slice(0, 200)}\` ${fault}; ${redirectUriRemedy}`)
    }
  }
  const byteCount = metadataBytes(metadata)
  if (byteCount > MAX_METADATA_BYTES) {
    return refused(
      "client-metadata-too-large",
      `it has ${byteCount}; register fewer or shorter redirect URIs and scopes`,
    )
  }
  //= OAUTH21-2.3.1-register-full-redirect
  if (usesCode && metadata.redirect_uris.length === 0) return refused("client-redirect-uri-missing")
  if (usesCode !== metadata.response_types.includes("code")) return refused("client-response-type-mismatch")
  const usesAny = usesCode || metadata.grant_types.includes(DEVICE_CODE_GRANT)
  if (metadata.grant_types.includes("refresh_token") && !usesAny) return refused("client-refresh-without-code")
  //= OAUTH21-4.2-cc-confidential-only
  if (metadata.grant_types.includes("client_credentials") && metadata.token_endpoint_auth_method === "none") {
    return refused("client-public-for-itself")
  }
  const { jwks, jwks_uri: keysUri } = metadata
  //= RFC7591-2-jwks-exclusive
  if (jwks !== undefined && keysUri !== undefined) return refused("client-keys-twice")
  const keysFault = keysUri === undefined ? undefined : addressFault(keysUri)
  if (keysFault !== undefined) return refused("client-keys-uri-bad", `\`${keysUri?.slice(0, 200)}\` ${keysFault}`)
  const { backchannel_logout_uri: toldAt } = metadata
  const toldFault = toldAt === undefined ? undefined : addressFault(toldAt)
  if (toldFault !== undefined) return refused("client-logout-uri-bad", `\`${toldAt?.slice(0, 200)}\` ${toldFault}`)
  if (metadata.scope !== undefined && !parseScopes(metadata.scope)?.length) return refused("client-scope-bad")
  return undefined
}
