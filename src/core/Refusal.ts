/**
 * Every reason to say no, with the OAuth error code and the sentence that go over the wire.
 *
 * One table, so that a reason that no test provokes is easy to find. A sentence says what to change and nothing about
 * anybody else's state: what a caller may not know is answered like what does not exist.
 */
import type { OAuthErrorCode } from "../protocol/ErrorCode.ts"

const UNKNOWN_CODE = "the code is not known, has ended, or belongs to another client; start a new authorization request"
const UNKNOWN_DEVICE_CODE =
  "the device code is not known, has ended, or belongs to another client; start a new device authorization request"
const UNKNOWN_REFRESH =
  "the refresh token is not known, has ended, or belongs to another client; start a new authorization request"

/** Every reason to refuse, with its OAuth error code and the sentence that goes with it. */
//= RFC6749-5.2-error-codes
export const refusals = {
  "issuer-already-initialized": ["invalid_request", "this log already has an issuer"],
  "issuer-not-initialized": ["temporarily_unavailable", "this log has no issuer yet"],

  "client-id-taken": ["invalid_client_metadata", "the client id is taken; an id is registered once"],
  "client-quota-exhausted": ["access_denied", "no more clients can register themselves; ask the operator"],
  "client-metadata-too-large": ["invalid_client_metadata", "the client metadata is larger than 4096 bytes"],
  "client-redirect-uri-bad": ["invalid_redirect_uri", "a redirect URI cannot be registered"],
  "client-redirect-uri-missing": [
    "invalid_redirect_uri",
    "a client that uses authorization codes needs a redirect URI",
  ],
  "client-response-type-mismatch": [
    "invalid_client_metadata",
    "response_types is [`code`] for a client that uses authorization codes and empty for any other",
  ],
  "client-refresh-without-code": [
    "invalid_client_metadata",
    "grant_types has refresh_token without a grant type that refresh tokens come from, such as authorization_code",
  ],
  "client-public-with-secret": [
    "invalid_client_metadata",
    "a client with token_endpoint_auth_method none has no secret",
  ],
  "client-confidential-without-secret": [
    "invalid_client_metadata",
    "a confidential client needs a secret, or keys in jwks or jwks_uri",
  ],
  "client-has-keys": ["invalid_client_metadata", "the client proves itself by its keys, and has no secret to replace"],
  "client-keys-twice": ["invalid_client_metadata", "jwks and jwks_uri exclude one another: send one of them"],
  "client-keys-uri-bad": ["invalid_client_metadata", "the keys of the client cannot be fetched from its jwks_uri"],
  "client-logout-uri-bad": [
    "invalid_client_metadata",
    "the client cannot be told anything at its backchannel_logout_uri",
  ],
  "client-public-for-itself": [
    "invalid_client_metadata",
    "grant_types has client_credentials, which a client with token_endpoint_auth_method none cannot use",
  ],
  "client-scope-bad": ["invalid_client_metadata", "scope is not a space-separated list of scope tokens"],
  "client-auth-method-fixed": [
    "invalid_client_metadata",
    "token_endpoint_auth_method cannot change between none and a secret; register a new client",
  ],

  "client-of-document": [
    "invalid_client_metadata",
    "a client is either registered or what the document at its client id says: change it there",
  ],

  "client-policy-not-operators": ["invalid_client_metadata", "clients are given a policy by the operator alone"],

  "client-unknown": ["invalid_client", "the client is not known; register it"],
  "client-unauthenticated": ["invalid_client", "the client did not prove itself; check client id, secret and method"],
  "client-disabled": ["unauthorized_client", "the client is disabled; ask the operator"],
  "client-may-not": ["unauthorized_client", "the client is not registered for this grant type"],
  "client-key-missing": [
    "invalid_dpop_proof",
    "the client is registered for tokens that are bound to a key: send a proof of one",
  ],
  "client-registered-itself": [
    "unauthorized_client",
    "a client that registered itself cannot use this grant type; ask the operator to add one",
  ],

  "request-answered": ["invalid_request", "this authorization request was answered already; start a new one"],
  "client-document-changed": [
    "invalid_request",
    "the document that describes the client has changed since it was shown; start a new request",
  ],
  "nonce-missing": [
    "invalid_request",
    "nonce is missing: a client that asks for openid sends one, which the ID token repeats",
  ],
  "challenge-missing": ["invalid_request", "code_challenge is missing: use PKCE with S256"],
  "request-expired": ["invalid_request", "this authorization request has expired; start a new one"],
  "redirect-uri-unregistered": ["invalid_request", "the redirect URI is not registered for this client"],
  "auto-approval-off-loopback": ["access_denied", "requests are approved without asking on this machine only"],
  "subject-disabled": ["access_denied", "the account is disabled"],
  "subject-forgotten": ["access_denied", "the account is gone for good; sign in with another"],
  "scope-not-offered": ["invalid_scope", "none of the scopes is known here"],
  "scope-not-registered": ["invalid_scope", "the client is not registered for a scope that is known here"],
  "resource-not-offered": ["invalid_target", "a resource is not known here"],
  "resource-not-named": [
    "invalid_target",
    "resource is missing, and more than one is known here: name the one that the token is for",
  ],

  "code-unknown": ["invalid_grant", UNKNOWN_CODE],
  "code-of-another-client": ["invalid_grant", UNKNOWN_CODE],
  "code-expired": ["invalid_grant", UNKNOWN_CODE],
  "code-replayed": ["invalid_grant", "the code was redeemed before; the grant is revoked"],
  "code-attempt-wrong": [
    "invalid_grant",
    "code_verifier, redirect_uri or key is not the one this code was requested with",
  ],

  "authorization-pending": ["authorization_pending", "nobody has answered yet; ask again after the interval"],
  "device-code-unknown": ["invalid_grant", UNKNOWN_DEVICE_CODE],
  "device-code-of-another-client": ["invalid_grant", UNKNOWN_DEVICE_CODE],
  "device-code-expired": ["expired_token", "the device code has expired; start a new device authorization request"],
  "device-code-replayed": ["invalid_grant", "the device code was redeemed before; the grant is revoked"],
  "device-request-denied": ["access_denied", "the user said no"],

  "refresh-unknown": ["invalid_grant", UNKNOWN_REFRESH],
  "refresh-of-another-client": ["invalid_grant", UNKNOWN_REFRESH],
  "refresh-expired": ["invalid_grant", UNKNOWN_REFRESH],
  "refresh-reused": ["invalid_grant", "the refresh token was used before; the grant is revoked"],
  "refresh-key-wrong": [
    "invalid_grant",
    "the proof is not by the key that this refresh token, or its first answer, belongs to",
  ],
  "refresh-key-unavailable": ["temporarily_unavailable", "this server cannot repeat that answer now; try again"],
  "refresh-retries-exhausted": [
    "invalid_scope",
    "this refresh token was answered for too many scopes or resources; use its successor",
  ],

  "subject-token-bad": ["invalid_request", "subject_token is not alive, or not one that may be exchanged here"],
  "actor-token-bad": ["invalid_request", "actor_token is not alive, or not one that may be exchanged here"],
  "exchange-key-wrong": [
    "invalid_request",
    "a token that is exchanged is bound to a key, and the request does not prove that key",
  ],
  "actor-may-not": ["invalid_request", "subject_token names who may act, and it is somebody else"],
  "exchange-too-deep": ["invalid_request", "the token came of too many exchanges to be exchanged once more"],

  "grant-ended": ["invalid_grant", "the grant has ended; start a new authorization request"],
  "scope-exceeds-grant": ["invalid_scope", "a scope was not granted"],
  "details-exceed-grant": [
    "invalid_authorization_details",
    "authorization_details has what was not granted; a detail that is narrowed keeps all its members",
  ],
  "details-not-offered": [
    "invalid_authorization_details",
    "the client may not have authorization details of a type that it asks for",
  ],
  "resource-exceeds-grant": ["invalid_target", "a resource was not granted"],
} as const satisfies Record<string, readonly [OAuthErrorCode, string]>

/** The name of a reason to refuse. */
export type RefusalReason = keyof typeof refusals
export const refusalReasons = Object.keys(refusals) as ReadonlyArray<RefusalReason>

/** A refusal: its reason, and the error code and sentence that a caller is told. */
export interface Refused {
  readonly _tag: "Refused"
  /** What a program decides by. */
  readonly reason: RefusalReason
  /** What a client is told, in the words of the RFCs. */
  readonly error: OAuthErrorCode
  /** The sentence that goes with it. */
  readonly description: string
}

/** `detail` names what was wrong with the input; it is the caller's own input, so it may be shown to the caller. */
export const refused = (reason: RefusalReason, detail?: string): Refused => {
  const [error, sentence] = refusals[reason]
  return { _tag: "Refused", reason, error, description: detail === undefined ? sentence : `${sentence}: ${detail}` }
}
