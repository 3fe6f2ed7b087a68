/**
 * How a request is refused: RFC 6750 challenges in the form that MCP clients find their way by.
 *
 * Every challenge says where the metadata is and which scopes are needed, all at once. None says anything about a token
 * beyond that it will not do.
 */
import { formatChallenge } from "../protocol/index.ts"
import { AccessRefused, type RefusalCode } from "./ResourceError.ts"

interface Refusal {
  readonly status: number
  /** What the client can do about it. */
  readonly message: string
}

//= MCP-AUTHZ-rs-401-403
const refusals = {
  missing_token: { status: 401, message: "send an access token in the header Authorization: Bearer" },
  invalid_request: { status: 400, message: "send one Authorization header with one token" },
  //= RFC6750-3.1-invalid-token-401
  invalid_token: { status: 401, message: "the access token is unknown, expired, revoked or for another resource" },
  //= RFC6750-3.1-insufficient-scope-403
  insufficient_scope: { status: 403, message: "the access token does not allow this: ask for every scope named" },
} as const satisfies Partial<Record<RefusalCode, Refusal>>

const bodyOf = (code: RefusalCode, message: string): string =>
  JSON.stringify(
    code === "missing_token" ? { error_description: message } : { error: code, error_description: message },
  )

/** The page that asked may read it, whatever its origin: a challenge is how its client finds the way. */
const headers = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "WWW-Authenticate, Retry-After",
}

/** Refuses with a challenge. */
export const challenges = (
  metadataUrl: string,
  scopes: ReadonlyArray<string>,
): ((code: keyof typeof refusals) => AccessRefused) => {
  //= MCP-AUTHZ-rs-scope-challenge
  const invitation = { resourceMetadata: metadataUrl, scopes }
  return (code) => {
    const { status, message } = refusals[code]
    //= OAUTH21-5.3.2-no-error-when-no-token
    const reason = code === "missing_token" ? {} : { error: code, description: message }
    const challenge = formatChallenge({ ...invitation, ...reason })
    const reply = { status, headers: { ...headers, "www-authenticate": challenge }, body: bodyOf(code, message) }
    return new AccessRefused({ code, message, reply })
  }
}

/** An outage says nothing about the token, so that no client throws it away: no challenge, but when to come again. */
export const comeAgain = (retryAfterSeconds: number): AccessRefused => {
  const code = "temporarily_unavailable"
  const message = "access tokens cannot be checked at the moment: try again"
  const retryAfter = { "retry-after": String(retryAfterSeconds) }
  return new AccessRefused({
    code,
    message,
    reply: { status: 503, headers: { ...headers, ...retryAfter }, body: bodyOf(code, message) },
  })
}
