/**
 * The ten-method contract that people of the MCP ecosystem write providers to.
 *
 * Ours keeps it with stronger promises: `load…` gives a record without judging, `exchange…` is the only judge and
 * decides again whatever `load…` returned. Adapters lead both ways.
 */
import type { Proof } from "./TokenRequests.ts"
import type {
  AccessToken,
  AuthorizationCode,
  AuthorizationParams,
  OAuthClientInformationFull,
  OAuthToken,
  RefreshToken,
} from "./Records.ts"

type Maybe<A> = A | undefined | null

/** Promises that the ten methods do not make by themselves. By default none is made. */
export interface Capabilities {
  /** `exchange…` and `verifyToken` judge verifier, redirect URI, owner, scopes and expiry: nobody judges for them. */
  readonly isJudge: boolean
  /** A refresh whose answer got lost may be asked for again within the configured retry window; clients are told so. */
  readonly isRefreshRetryable: boolean
}

/** The ten-method contract. Times are in seconds since the epoch. */
export interface OAuthProvider {
  /** The client, without its secret in ours; providers that keep secrets in clear may give it. */
  getClient(clientId: string): Promise<Maybe<OAuthClientInformationFull>>
  /** Stores a registration; rejects when the id is taken. */
  registerClient(client: OAuthClientInformationFull): Promise<void>
  /**
   * Where the browser goes next: a login page, or the client's redirect URI with a code. Behind our wire protocol an
   * answer given at once gets its `iss`; a page that sends the browser back later adds the issuer as `iss` itself.
   */
  authorize(client: OAuthClientInformationFull, params: AuthorizationParams): Promise<string>
  /** The record of a code of this client; nothing for one that is not known, and for another client's. */
  loadAuthorizationCode(client: OAuthClientInformationFull, code: string): Promise<Maybe<AuthorizationCode>>
  /** The tokens for a code, once. */
  exchangeAuthorizationCode(
    client: OAuthClientInformationFull,
    code: AuthorizationCode,
    proof?: Proof,
  ): Promise<OAuthToken>
  /** The record of a refresh token of this client; nothing for one that is not known, and for another client's. */
  loadRefreshToken(client: OAuthClientInformationFull, token: string): Promise<Maybe<RefreshToken>>
  /** The tokens for a refresh token, with these scopes or fewer. */
  exchangeRefreshToken(
    client: OAuthClientInformationFull,
    token: RefreshToken,
    scopes: ReadonlyArray<string>,
    proof?: Proof,
  ): Promise<OAuthToken>
  /** The record of an access token; nothing for one that is not alive. */
  loadAccessToken(token: string): Promise<Maybe<AccessToken>>
  /** What a resource server calls for each request: a record of what is alive, or nothing. */
  verifyToken(token: string): Promise<Maybe<AccessToken>>
  /** Ends the token and, unless `cascade` is false, everything of its grant. */
  revokeToken(token: AccessToken | RefreshToken, options?: { readonly cascade?: boolean }): Promise<void>

  /** Whether this is the client's secret; without it, the secret that `getClient` gives is compared. */
  authenticateClient?(clientId: string, secret: string): Promise<boolean>
  /** The resource that a resource server may introspect tokens for. */
  audienceOf?(clientId: string): Promise<string | undefined>
  /** What it does itself; nothing of it by default. */
  readonly capabilities?: Capabilities
}
