/**
 * What goes wrong at the client, by the step that found it. The code is what a program decides by, the message says
 * what a person can do.
 *
 * No message and no member repeats a code, a verifier, a secret or a token.
 */
import { CodedError, type ErrorParts } from "../protocol/index.ts"

/** Options that cannot be worked with, told when they are given. */
export class OptionFault extends CodedError<ErrorParts<"option_invalid">> {
  override get _tag() {
    return "OptionFault" as const
  }
}

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
  /** No device authorization endpoint (RFC 8628): log in through a browser. */
  | "device_unsupported"

/** The authorization server behind a resource could not be found, or its metadata cannot be believed. */
export class DiscoveryError extends CodedError<ErrorParts<DiscoveryErrorCode>> {
  override get _tag() {
    return "DiscoveryError" as const
  }
}

export type RegistrationErrorCode =
  | "server_unavailable"
  /** The server registers nobody and takes no metadata document: give `clientId`. */
  | "registration_unsupported"
  | "registration_refused"
  | "registration_malformed"
  /** The credentials were used with another issuer before, or were given for another one. */
  | "issuer_changed"

/** The server did not register the client (RFC 7591). */
export class RegistrationError extends CodedError<ErrorParts<RegistrationErrorCode>> {
  override get _tag() {
    return "RegistrationError" as const
  }
}

export type AuthorizationErrorCode =
  /** The answer names another issuer, or none where one was announced; its code went nowhere. */
  | "issuer_mismatch"
  | "state_mismatch"
  | "response_malformed"
  /** The server said no: `error` is its own code. */
  | "refused"

interface AuthorizationErrorParts extends ErrorParts<AuthorizationErrorCode> {
  readonly error?: string
}

/** The server did not let the user's answer become a code, or its answer cannot be believed; `code` says which. */
export class AuthorizationError extends CodedError<AuthorizationErrorParts> {
  /** The server's own code, as `access_denied`. */
  declare readonly error?: string

  override get _tag() {
    return "AuthorizationError" as const
  }
}

/** The server does not know the client (any more), or not with this redirect URI: register anew. */
export class ClientNotFoundError extends CodedError<ErrorParts<"client_not_found">> {
  override get _tag() {
    return "ClientNotFoundError" as const
  }
}

export type CallbackErrorCode = "timed_out" | "port_taken" | "cancelled" | "not_started" | "pasted_malformed"

/** Nobody's answer arrived: it took too long, the port for the browser was taken, or somebody cancelled. */
export class CallbackError extends CodedError<ErrorParts<CallbackErrorCode>> {
  override get _tag() {
    return "CallbackError" as const
  }
}

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

interface TokenErrorParts extends ErrorParts<TokenErrorCode> {
  readonly error?: string
  readonly retryAfterSeconds?: number
  readonly isReplyLost?: boolean
}

/** No token was to be had; `code` says whether to log in again, or to come back later. */
export class TokenError extends CodedError<TokenErrorParts> {
  /** The server's own code, as `invalid_scope`. */
  declare readonly error?: string
  /** When to try again, in seconds from now; absent where the server does not say. */
  declare readonly retryAfterSeconds?: number
  /** Whether the request may have been carried out although its answer is not to be had. */
  declare readonly isReplyLost?: boolean

  override get _tag() {
    return "TokenError" as const
  }
}

/** Everything that the client rejects with; each has a `code` and a sentence. */
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

/** Whether something that was thrown is one of the client's own errors. */
export const isOAuthClientError = (error: unknown): error is OAuthClientError =>
  classes.some((one) => error instanceof one)
