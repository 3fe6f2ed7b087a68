/**
 * What goes wrong at a resource server, for three audiences: who configures it, who runs it, and who calls it.
 *
 * Each class has a code to decide by and a sentence to read. What is for the operator never reaches a caller.
 */
import { CodedError, type ErrorParts } from "../protocol/index.ts"

/** What is wrong with how a resource was set up. */
export type ResourceFaultCode =
  "option_invalid" | "resource_invalid" | "authorization_server_invalid" | "scope_invalid" | "endpoint_invalid"

/** Options that cannot be worked with, told when they are given; the message says what to change. */
export class ResourceFault extends CodedError<ErrorParts<ResourceFaultCode>> {
  override get _tag() {
    return "ResourceFault" as const
  }
}

/** Why a token could not be judged. */
export type UnavailableCode =
  | "unreachable"
  | "timed_out"
  | "busy"
  | "redirected"
  /** The endpoint does not take our credentials: a mistake in the configuration, not in anybody's token. */
  | "credentials_refused"
  | "answered_with_error"
  | "answer_malformed"
  | "verifier_failed"

interface UnavailableParts extends ErrorParts<UnavailableCode> {
  readonly retryAfterSeconds: number
}

/** A verifier that cannot tell now; the message is for the operator and says what to do. */
export class VerifierUnavailable extends CodedError<UnavailableParts> {
  /** When to ask again, in seconds from now. */
  declare readonly retryAfterSeconds: number

  override get _tag() {
    return "VerifierUnavailable" as const
  }
}

/** Why a request was not let in. */
export type RefusalCode =
  | "missing_token"
  | "invalid_request"
  | "invalid_token"
  | "insufficient_scope"
  | "insufficient_user_authentication"
  | "invalid_dpop_proof"
  | "use_dpop_nonce"
  | "temporarily_unavailable"

/** An answer as plain data. */
export interface PlainReply {
  /** The status code of HTTP. */
  readonly status: number
  /** By their names, in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON, or nothing. */
  readonly body: string
}

interface RefusalParts extends ErrorParts<RefusalCode> {
  readonly reply: PlainReply
}

/** A request that was not let in, and the answer that tells its client what to do about it. */
export class AccessRefused extends CodedError<RefusalParts> {
  /** What to answer: status, challenge and body (RFC 6750 section 3). */
  declare readonly reply: PlainReply

  override get _tag() {
    return "AccessRefused" as const
  }
}
