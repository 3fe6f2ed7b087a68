/**
 * What a caller asks of the token side of the server, as it has it: text, and what stands beside it.
 *
 * The same whether it came over the wire or from a program that embeds the server. Nothing here is judged or believed.
 */
import type { DirectBasis } from "../core/index.ts"
import type { AuthorizationDetail } from "../protocol/index.ts"
import type { OAuthError, RateLimited, Unavailable } from "./OAuthError.ts"

/** A refusal, an outage, or a limit that was reached. */
export type Failure = OAuthError | Unavailable | RateLimited

/**
 * A value that may be used once, such as the `jti` of an assertion: taken in the transaction of what it is used for.
 * Whoever uses it again before `until` (milliseconds since the epoch) gets `refusal`. The key begins with the name of the
 * feature whose it is, so that two features do not share one.
 */
export interface SingleUse {
  /** The value, behind the name of its feature. */
  readonly key: string
  /** How long it is remembered: milliseconds since the epoch. */
  readonly until: number
  /** What whoever uses it again is told. */
  readonly refusal: OAuthError
}

/** Who calls, and the secret it showed, if any. */
export interface Credentials {
  /** The id that the caller gives. */
  readonly clientId: string
  /** The secret that the caller showed; absent where it showed none. */
  readonly clientSecret?: string
  /** Whether the caller was authenticated already: by an in-process caller, or by a feature that verified its proof. */
  readonly isAuthenticated?: true
  /** Whether a feature found the caller's proof wrong: then it is nobody, a public client neither. */
  readonly hasFailed?: true
  /** What was used up to prove all this. */
  readonly claims?: ReadonlyArray<SingleUse>
}

/** What a token request proves besides the code or token itself. `jkt`: thumbprint of a key that was proven. */
export interface Proof {
  /** The PKCE verifier (RFC 7636 section 4.5). */
  readonly codeVerifier?: string
  /** The redirect URI that the code was asked for with. */
  readonly redirectUri?: string
  /** The resources that the token is for (RFC 8707); by default all that were granted. */
  readonly resource?: ReadonlyArray<string>
  /** The authorization details that the token is for (RFC 9396 section 6); by default all that were granted. */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** The thumbprint of a key that was proven (RFC 7638). */
  readonly jkt?: string
}

/** A code, and what proves that it is the client's (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export interface RedeemCodeRequest extends Proof {
  /** Who calls. */
  readonly credentials: Credentials
  /** The code. */
  readonly code: string
}

/** What a device asks for (RFC 8628 section 3.1). */
export interface DeviceRequest {
  readonly credentials: Credentials
  readonly scopes?: ReadonlyArray<string>
  readonly resource?: ReadonlyArray<string>
}

/** A device code, asked with until somebody has answered (RFC 8628 section 3.4). */
export interface RedeemDeviceCodeRequest {
  readonly credentials: Credentials
  /** As the device was given it. */
  readonly deviceCode: string
  /** Resources to narrow the tokens to; all that were approved by default. */
  readonly resource?: ReadonlyArray<string>
  readonly jkt?: string
  /** Seconds between two questions with one code, until somebody has answered; default 5. */
  readonly interval?: number
}

/** A refresh token, and how much of what was granted is asked for (RFC 6749 section 6). */
export interface RefreshRequest {
  /** Who calls. */
  readonly credentials: Credentials
  /** The refresh token. */
  readonly refreshToken: string
  /** The scopes that are asked for; by default all that were granted. */
  readonly scopes?: ReadonlyArray<string>
  /** The resources that the token is for (RFC 8707); by default all that were granted. */
  readonly resource?: ReadonlyArray<string>
  /** The authorization details that the token is for (RFC 9396 section 6); by default all that were granted. */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** The thumbprint of a key that was proven (RFC 7638). */
  readonly jkt?: string
}

/** A token that nobody is asked for: a grant of its own, without code and refresh token. */
export interface IssueTokenRequest {
  /** Who calls. */
  readonly credentials: Credentials
  /** The grant type that the client must be registered for; client credentials by default. */
  readonly grantType?: string
  /** The client acts for itself by default; else the policy that stands for a subject. */
  readonly basis?: typeof DirectBasis.Encoded
  /** The scopes that are asked for; the default ones where absent. */
  readonly scopes?: ReadonlyArray<string>
  /** The resources that the token is for (RFC 8707); the default one where absent. */
  readonly resource?: ReadonlyArray<string>
  /**
   * What it allows besides (RFC 9396), of types that the operator registered the client for; nothing where absent.
   */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** The thumbprint of a key that was proven (RFC 7638). */
  readonly jkt?: string
  /** What the request uses up besides what the credentials did. */
  readonly claims?: ReadonlyArray<SingleUse>
  /** Clients and subjects that act for the policy's subject, the current one first; nobody by default. */
  readonly actors?: ReadonlyArray<string>
  /** When the token ends at the latest, milliseconds since the epoch; as any other by default. */
  readonly until?: number
}

/** One token for another (RFC 8693 section 2.1), as the named policy allows. */
export interface ExchangeTokenRequest {
  /** Who calls. */
  readonly credentials: Credentials
  /** An access token of this server. */
  readonly subjectToken: string
  /** An access token of this server, of whoever acts; by default the client does. */
  readonly actorToken?: string
  /** The grant type that the client must be registered for; token exchange by default. */
  readonly grantType?: string
  /** What let it: shown wherever the exchange is explained. */
  readonly policy: string
  /** The client, or subject, that alone may exchange the new token further; by default whoever policy lets. */
  readonly mayAct?: string
  /** Of the presented token's: all of them by default. */
  readonly scopes?: ReadonlyArray<string>
  /** Of the resources of the presented token; all of them by default. */
  readonly resource?: ReadonlyArray<string>
  /** Of what the presented token allows besides (RFC 9396), with no more in it; all of it by default. */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** The types of that which may be left; all by default. */
  readonly detailTypes?: ReadonlyArray<string>
  /** The thumbprint of a key that was proven (RFC 7638). */
  readonly jkt?: string
  /** What the request uses up besides what the credentials did. */
  readonly claims?: ReadonlyArray<SingleUse>
}

/** A token that its client ends (RFC 7009 section 2.1). */
export interface RevokeTokenRequest {
  /** Who calls. */
  readonly credentials: Credentials
  /** The token that is to end, of either kind. */
  readonly token: string
  /** Whether an access token ends its grant as well; a refresh token always does. Default `false`. */
  readonly cascade?: boolean
}
