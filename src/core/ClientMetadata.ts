/**
 * What a client says about itself, and the digest of what it proves itself with (RFC 7591 section 2).
 *
 * Members have the names that go over the wire. What names a person (`contacts`) is not kept, nor is what this server
 * does not use.
 */
import * as Schema from "effect/Schema"
import { PublicJwks, SigningAlgorithm } from "./ClientKeys.ts"
import { Digest, DisplayText, Text } from "./Ids.ts"
import { RedirectUri } from "./RedirectUri.ts"
import { EpochMillis } from "./Time.ts"

/**
 * How a client proves itself, by the name in OAuth's registry. Which of them a server takes is for its features to say;
 * to the core `none` alone is special.
 */
export const AuthMethod = Text(64).check(Schema.isPattern(/^[a-z0-9_]+$/))
export type AuthMethod = typeof AuthMethod.Type

/** A grant type by its name, or by a URI (RFC 6749 4.5, A.10). Which of them a server has is for its features to say. */
export const GrantType = Text(200).check(Schema.isPattern(/^[!#-[\]-~]+$/))
export type GrantType = typeof GrantType.Type

export const MAX_REDIRECT_URIS = 32

/** The address of a page or picture that people may be shown: http or https, so that it can be no script. */
const PageUri = Text(2048).check(Schema.isPattern(/^https?:\/\/[\x21-\x7e]+$/))

/** Where a client publishes its keys, or is told something: https; http is for a client on this machine. */
const KeysUri = Text(2048).check(Schema.isPattern(/^https?:\/\/[\x21-\x7e]+$/))

/** Members that mean something to a feature alone: a server that lacks it does not keep them. */
export const featureMembers = {
  /** RFC 7591 2: at most one of the two. */
  jwks: Schema.optionalKey(PublicJwks),
  jwks_uri: Schema.optionalKey(KeysUri),
  /** The one algorithm that its assertions are signed by (OpenID Connect Dynamic Client Registration 2). */
  token_endpoint_auth_signing_alg: Schema.optionalKey(SigningAlgorithm),
  /** RFC 9126 6. */
  require_pushed_authorization_requests: Schema.optionalKey(Schema.Boolean),
  /** RFC 9101 10.5, and the one algorithm that its request objects are signed by. */
  require_signed_request_object: Schema.optionalKey(Schema.Boolean),
  request_object_signing_alg: Schema.optionalKey(SigningAlgorithm),
  /** JWT Secured Authorization Response Mode 3. */
  authorization_signed_response_alg: Schema.optionalKey(SigningAlgorithm),
  /** RFC 9701 6. */
  introspection_signed_response_alg: Schema.optionalKey(SigningAlgorithm),
  /** RFC 9449 5.2. */
  dpop_bound_access_tokens: Schema.optionalKey(Schema.Boolean),
  /** RFC 9396 10. */
  authorization_details_types: Schema.optionalKey(Schema.Array(Text(200)).check(Schema.isMaxLength(16))),
  /** OpenID Connect Dynamic Client Registration 2. */
  id_token_signed_response_alg: Schema.optionalKey(SigningAlgorithm),
  subject_type: Schema.optionalKey(Schema.Literals(["public", "pairwise"])),
  /** OpenID Connect RP-Initiated Logout 3.1. */
  post_logout_redirect_uris: Schema.optionalKey(Schema.Array(RedirectUri).check(Schema.isMaxLength(MAX_REDIRECT_URIS))),
  /** OpenID Connect Back-Channel Logout 2.2. */
  backchannel_logout_uri: Schema.optionalKey(KeysUri),
}

/** The name of a member that some feature has to ask for. */
export type FeatureMember = keyof typeof featureMembers

/** RFC 7591 section 2, in the names that go over the wire; all members that this server keeps. */
export const ClientMetadata = Schema.Struct({
  redirect_uris: Schema.Array(RedirectUri).check(Schema.isMaxLength(MAX_REDIRECT_URIS)),
  token_endpoint_auth_method: AuthMethod,
  grant_types: Schema.Array(GrantType),
  response_types: Schema.Array(Schema.Literal("code")),
  scope: Schema.optionalKey(Text(2048)),
  application_type: Schema.optionalKey(Schema.Literals(["web", "native"])),
  client_name: Schema.optionalKey(DisplayText(256)),
  client_uri: Schema.optionalKey(PageUri),
  logo_uri: Schema.optionalKey(PageUri),
  tos_uri: Schema.optionalKey(PageUri),
  policy_uri: Schema.optionalKey(PageUri),
  software_id: Schema.optionalKey(DisplayText(256)),
  software_version: Schema.optionalKey(DisplayText(256)),
  ...featureMembers,
})
export type ClientMetadata = typeof ClientMetadata.Type

/** Whether a client said by which keys it can be known. */
export const hasKeys = ({ jwks, jwks_uri }: { readonly jwks?: unknown; readonly jwks_uri?: unknown }): boolean =>
  jwks !== undefined || jwks_uri !== undefined

/** The digest of a client's secret and when it ends; `null` is never. */
export const ClientSecret = Schema.Struct({ digest: Digest, expiresAt: Schema.NullOr(EpochMillis) })
export type ClientSecret = typeof ClientSecret.Type

/**
 * How it came to be known: the client registered itself (RFC 7591), the operator did, or somebody approved a request of
 * the client that a document describes (Client ID Metadata Document).
 */
export const ClientOrigin = Schema.Literals(["dynamic", "operator", "document"])
export type ClientOrigin = typeof ClientOrigin.Type

/**
 * What a client is let do that others are not, as the operator said when adding it. `first-party`: it belongs to who runs
 * the server. Who is signed in is not asked what it may, errors go back to it before anybody is, and it may leave out the
 * nonce and, if it proves itself, PKCE.
 */
export const ClientPolicy = Schema.Literals(["first-party"])
export type ClientPolicy = typeof ClientPolicy.Type
