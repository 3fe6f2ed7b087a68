/**
 * What is said of a client: its metadata (RFC 7591 section 2), and what a server answers to a registration.
 *
 * The members are the RFC's own. Every server may leave out what it does not keep, so all but the id are optional here.
 */

/** What a client says of itself (RFC 7591 section 2). */
export interface OAuthClientMetadata {
  /** Where answers to its authorization requests may be sent. */
  readonly redirect_uris?: ReadonlyArray<string>
  /** How it authenticates at the token endpoint, as `none` or `client_secret_basic`. */
  readonly token_endpoint_auth_method?: string
  /** The grant types that it uses, as `authorization_code`. */
  readonly grant_types?: ReadonlyArray<string>
  /** The response types that it uses, as `code`. */
  readonly response_types?: ReadonlyArray<string>
  /** The scopes that it may ask for, separated by spaces. */
  readonly scope?: string
  /** `web` or `native` (OpenID Connect Dynamic Client Registration 1.0 section 2). */
  readonly application_type?: string
  /** What people are shown as its name. */
  readonly client_name?: string
  /** A page about it. */
  readonly client_uri?: string
  /** A picture of it. */
  readonly logo_uri?: string
  /** Whom to write to, as addresses of mail. */
  readonly contacts?: ReadonlyArray<string>
  /** Its terms of service. */
  readonly tos_uri?: string
  /** What it does with data of people. */
  readonly policy_uri?: string
  /** Where its public keys are, as a JWK set (RFC 7517). */
  readonly jwks_uri?: string
  /** Its public keys by value, as a JWK set (RFC 7517). */
  readonly jwks?: unknown
  /** The same for every installation of one program. */
  readonly software_id?: string
  /** The version of that program. */
  readonly software_version?: string
}

/** What a server gives a client that it registers (RFC 7591 section 3.2.1). */
export interface IssuedCredentials {
  /** The id of the client. */
  readonly client_id: string
  /** Only in the answer that it was made for, and never for a public client. */
  readonly client_secret?: string
  /** Seconds since the epoch. */
  readonly client_id_issued_at?: number
  /** Seconds since the epoch; 0 is never. */
  readonly client_secret_expires_at?: number
  /** What it reads, replaces and deletes its registration with (RFC 7592 section 3). */
  readonly registration_access_token?: string
  /** Where it does so. */
  readonly registration_client_uri?: string
}

/** What a server answers to a registration (RFC 7591 section 3.2.1). */
export interface OAuthClientInformationFull extends OAuthClientMetadata, IssuedCredentials {}
