/** What a token endpoint answers (RFC 6749 section 5.1), as any server writes it. */
export interface OAuthToken {
  /** What is presented to the resource server. */
  readonly access_token: string
  /** How it is presented: `Bearer` (RFC 6750) or `DPoP` (RFC 9449), in whatever case the server writes it. */
  readonly token_type: string
  /** Seconds from when the answer was made. */
  readonly expires_in?: number
  /** The granted scopes, separated by spaces; absent where they are those that were asked for. */
  readonly scope?: string
  /** What the next access token is obtained with; absent where there is none. */
  readonly refresh_token?: string
}
