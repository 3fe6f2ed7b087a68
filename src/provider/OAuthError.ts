/** What went wrong, as a caller is told: an OAuth error code with a sentence, or that it should try again later. */
import * as Data from "effect/Data"
import type { OAuthErrorCode } from "../protocol/index.ts"

/**
 * A refusal in OAuth's words (RFC 6749 5.2 and its relatives); `description` is for the developer of the client.
 *
 * @example
 * import { OAuthError, authorizationServer, ephemeralKeys, memoryStore } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const refused = await server.rotateClientSecret("nobody").catch((fault: unknown) => fault)
 * if (refused instanceof OAuthError) console.log(refused.error, refused.description)
 */
export class OAuthError extends Data.TaggedError("OAuthError")<{
  /** The code of the RFC, as `invalid_grant`. */
  readonly error: OAuthErrorCode
  /** What is wrong, in a sentence for the developer of the client. */
  readonly description: string
  /** Headers that the answer has besides, by lower-case name: a challenge, or a nonce to come again with. */
  readonly headers?: Readonly<Record<string, string>>
}> {
  /** Code and description. */
  override get message(): string {
    return `${this.error}: ${this.description}`
  }
}

/** Nothing was decided: try again later. `message` is for the operator and says what to do. */
export class Unavailable extends Data.TaggedError("Unavailable")<{
  /** What is wrong and what to do, for the operator. */
  readonly message: string
  /** When to come again, in seconds from now. */
  readonly retryAfterSeconds: number
  /** What was caught, where something was. */
  readonly cause?: unknown
}> {}

/** Nothing was decided, because too much was asked in too short a time. `message` is for the caller. */
export class RateLimited extends Data.TaggedError("RateLimited")<{
  /** What was asked too often, for the caller. */
  readonly message: string
  /** When to come again, in seconds from now. */
  readonly retryAfterSeconds: number
}> {}

export const rateLimited = (message: string, waitMillis: number): RateLimited =>
  new RateLimited({ message, retryAfterSeconds: Math.max(1, Math.ceil(waitMillis / 1000)) })

export const oauthError = (
  error: OAuthErrorCode,
  description: string,
  headers?: Readonly<Record<string, string>>,
): OAuthError => new OAuthError({ error, description, ...(headers === undefined ? {} : { headers }) })

export const unavailable = (message: string, retryAfterSeconds = 1, cause?: unknown): Unavailable =>
  new Unavailable({ message, retryAfterSeconds, ...(cause === undefined ? {} : { cause }) })
