/**
 * What goes wrong at the client, by the step that found it. The code is what a program decides by, the message says
 * what a person can do.
 *
 * No message and no member repeats a code, a verifier, a secret or a token.
 */
import * as Data from "effect/Data"

/** Options that cannot be worked with, told when they are given. */
export class OptionFault extends Data.TaggedError("OptionFault")<{
  readonly code: "option_invalid"
  readonly message: string
}> {}

export type DiscoveryErrorCode =
  /** The network, a timeout or a 5xx: try again later. */
  | "server_unavailable"
  /** No well-known location has a document that can be read. */
  | "metadata_not_found"
  /** A document does not say what is needed. */
  | "metadata_malformed"
  /** The document is of another issuer than the one that was looked up. */
  | "issuer_mismatch"
  /** The document is of another resource than the one that is called. */
  | "resource_mismatch"
  /** An endpoint lies at another origin than its issuer and was not allowed by `endpointOrigins`. */
  | "endpoint_foreign"
  /** Neither TLS nor loopback: nothing secret goes there. */
  | "endpoint_insecure"
  /** No S256: a code could be redeemed by whoever sees it. */
  | "pkce_unsupported"

export class DiscoveryError extends Data.TaggedError("DiscoveryError")<{
  readonly code: DiscoveryErrorCode
  readonly message: string
  readonly cause?: unknown
}> {}

export type RegistrationErrorCode =
  | "server_unavailable"
  /** The server registers nobody and takes no metadata document: give `clientId`. */
  | "registration_unsupported"
  | "registration_refused"
  | "registration_malformed"
  /** The credentials were used with another issuer before, or were given for another one. */
  | "issuer_changed"

export class RegistrationError extends Data.TaggedError("RegistrationError")<{
  readonly code: RegistrationErrorCode
  readonly message: string
  readonly cause?: unknown
}> {}

export type AuthorizationErrorCode =
  /** The answer names another issuer, or none where one was announced; its code went nowhere. */
  | "issuer_mismatch"
  | "state_mismatch"
  | "response_malformed"
  /** The server said no: `error` is its own code. */
  | "refused"

export class AuthorizationError extends Data.TaggedError("AuthorizationError")<{
  readonly code: AuthorizationErrorCode
  readonly message: string
  /** The server's own code, as `access_denied`. */
  readonly error?: string
  readonly cause?: unknown
}> {}

/** The server does not know the client (any more), or not with this redirect URI: register anew. */
export class ClientNotFoundError extends Data.TaggedError("ClientNotFoundError")<{
  readonly code: "client_not_found"
  readonly message: string
}> {}

export type CallbackErrorCode = "timed_out" | "port_taken" | "cancelled" | "not_started" | "pasted_malformed"

export class CallbackError extends Data.TaggedError("CallbackError")<{
  readonly code: CallbackErrorCode
  readonly message: string
  readonly cause?: unknown
}> {}

export type TokenErrorCode =
  /** The network, a timeout, 429 or a 5xx: what is stored is kept, try again after `retryAfterSeconds`. */
  | "server_unavailable"
  /** `invalid_grant`, or what the server writes for it: what was presented is dead, log in again. */
  | "grant_ended"
  /** `invalid_client`, `unauthorized_client`: the server does not take the client (any more). */
  | "client_refused"
  /** The server said no for another reason, which the message tells: what is stored is kept. */
  | "request_refused"
  | "response_malformed"
  /** There is nothing to make a token from: log in. */
  | "login_required"

export class TokenError extends Data.TaggedError("TokenError")<{
  readonly code: TokenErrorCode
  readonly message: string
  readonly error?: string
  readonly retryAfterSeconds?: number
  /** Whether the request may have been carried out although its answer is not to be had. */
  readonly isReplyLost?: boolean
  readonly cause?: unknown
}> {}

export type OAuthClientError =
  | OptionFault
  | DiscoveryError
  | RegistrationError
  | AuthorizationError
  | ClientNotFoundError
  | CallbackError
  | TokenError

const classes = [
  OptionFault,
  DiscoveryError,
  RegistrationError,
  AuthorizationError,
  ClientNotFoundError,
  CallbackError,
  TokenError,
]

export const isOAuthClientError = (error: unknown): error is OAuthClientError =>
  classes.some((one) => error instanceof one)
