/**
 * What a caller asks of the token side of the server, as it has it: text, and what stands beside it.
 *
 * The same whether it came over the wire or from a program that embeds the server. Nothing here is judged or believed.
 */
import type { DirectBasis } from "../core/index.ts"
import type { OAuthError, RateLimited, Unavailable } from "./OAuthError.ts"

/** A refusal, an outage, or a limit that was reached. */
export type Failure = OAuthError | Unavailable | RateLimited

/**
 * A value that may be used once, such as the `jti` of an assertion: taken in the transaction of what it is used for.
 * Whoever uses it again before `until` (milliseconds since the epoch) gets `refusal`. The key begins with the name of the
 * feature whose it is, so that two features do not share one.
 */
export interface SingleUse {
  readonly key: string
  readonly until: number
  readonly refusal: OAuthError
}

/** Who calls, and the secret it showed, if any. */
export interface Credentials {
  readonly clientId: string
  readonly clientSecret?: string
  /** Whether the caller was authenticated already: by an in-process caller, or by a feature that verified its proof. */
  readonly isAuthenticated?: true
  /** What was used up to prove all this. */
  readonly claims?: ReadonlyArray<SingleUse>
}

/** What a token request proves besides the code or token itself. `jkt`: thumbprint of a key that was proven. */
export interface Proof {
  readonly codeVerifier?: string
  readonly redirectUri?: string
  readonly resource?: ReadonlyArray<string>
  readonly jkt?: string
}

/** A code, and what proves that it is the client's (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export interface RedeemCodeRequest extends Proof {
  readonly credentials: Credentials
  readonly code: string
}

/** A refresh token, and how much of what was granted is asked for (RFC 6749 section 6). */
export interface RefreshRequest {
  readonly credentials: Credentials
  readonly refreshToken: string
  readonly scopes?: ReadonlyArray<string>
  readonly resource?: ReadonlyArray<string>
  readonly jkt?: string
}

/** A token that nobody is asked for: a grant of its own, without code and refresh token. */
export interface IssueTokenRequest {
  readonly credentials: Credentials
  /** The grant type that the client must be registered for; client credentials by default. */
  readonly grantType?: string
  /** The client acts for itself by default; else the policy that stands for a subject. */
  readonly basis?: typeof DirectBasis.Encoded
  readonly scopes?: ReadonlyArray<string>
  readonly resource?: ReadonlyArray<string>
  readonly jkt?: string
  /** What the request uses up besides what the credentials did. */
  readonly claims?: ReadonlyArray<SingleUse>
}

/** A token that its client ends (RFC 7009 section 2.1). */
export interface RevokeTokenRequest {
  readonly credentials: Credentials
  readonly token: string
  /** Whether an access token ends its grant as well; a refresh token always does. Default `false`. */
  readonly cascade?: boolean
}
