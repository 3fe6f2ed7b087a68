/**
 * What goes wrong at a resource server, for three audiences: who configures it, who runs it, and who calls it.
 *
 * Each class has a code to decide by and a sentence to read. What is for the operator never reaches a caller.
 */

/** What is wrong with how a resource was set up. */
export type ResourceFaultCode =
  "option_invalid" | "resource_invalid" | "authorization_server_invalid" | "scope_invalid" | "endpoint_invalid"

/** Options that cannot be worked with, told when they are given; the message says what to change. */
export class ResourceFault extends Error {
  readonly _tag = "ResourceFault"
  override readonly name = "ResourceFault"
  readonly code: ResourceFaultCode

  constructor({ code, message }: { readonly code: ResourceFaultCode; readonly message: string }) {
    super(message)
    this.code = code
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

/** A verifier that cannot tell now; the message is for the operator and says what to do. */
export class VerifierUnavailable extends Error {
  readonly _tag = "VerifierUnavailable"
  override readonly name = "VerifierUnavailable"
  readonly code: UnavailableCode
  readonly retryAfterSeconds: number

  constructor({ code, message, retryAfterSeconds, ...options }: UnavailableDetails) {
    super(message, options)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface UnavailableDetails {
  readonly code: UnavailableCode
  readonly message: string
  readonly retryAfterSeconds: number
  readonly cause?: unknown
}

/** Why a request was not let in. */
export type RefusalCode =
  "missing_token" | "invalid_request" | "invalid_token" | "insufficient_scope" | "temporarily_unavailable"

/** An answer as plain data. */
export interface PlainReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A request that was not let in, and the answer that tells its client what to do about it. */
export class AccessRefused extends Error {
  readonly _tag = "AccessRefused"
  override readonly name = "AccessRefused"
  readonly code: RefusalCode
  readonly reply: PlainReply

  constructor({ code, message, reply }: RefusalDetails) {
    super(message)
    this.code = code
    this.reply = reply
  }
}

export interface RefusalDetails {
  readonly code: RefusalCode
  readonly message: string
  readonly reply: PlainReply
}
