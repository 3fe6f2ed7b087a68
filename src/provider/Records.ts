/**
 * The records that go in and out: those of the ten-method contract, and what goes over the wire.
 *
 * What goes over the wire has the RFCs' snake_case members; every other record is camelCase. Times are in seconds since
 * the epoch, as in tokens and metadata.
 */
import { detailOf, formatScopes, type AuthorizationDetail, type VerifiedAccess } from "../protocol/index.ts"
import type * as Protocol from "../protocol/index.ts"
import {
  actingOf,
  authenticationOf,
  usableScopes,
  wholeSeconds,
  type AccessToken as AccessState,
  type ClientMetadata,
  type EpochMillis,
  type OpenGrant,
  type RegisteredClient,
  type Scopes,
} from "../core/index.ts"
import type { LiveAccess } from "../projection/index.ts"
import { frozen } from "./Frozen.ts"

/** A public key that signatures are verified with (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2). */
export interface PublicKey {
  readonly kty: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
}

/** What a client says of itself (RFC 7591 section 2), as it is kept here. */
export interface OAuthClientMetadata extends Protocol.OAuthClientMetadata {
  readonly redirect_uris: ReadonlyArray<string>
  readonly application_type?: "web" | "native"
  /** RFC 7517 section 5. */
  readonly jwks?: { readonly keys: ReadonlyArray<PublicKey> }
  /** The algorithm of its assertions at the token endpoint. */
  readonly token_endpoint_auth_signing_alg?: string
  /** RFC 9126 section 6. */
  readonly require_pushed_authorization_requests?: boolean
  /** RFC 9101 section 10.5. */
  readonly require_signed_request_object?: boolean
  /** The algorithm of its request objects (RFC 9101). */
  readonly request_object_signing_alg?: string
  /** The algorithm of the answers that it is given by the browser (JARM). */
  readonly authorization_signed_response_alg?: string
  /** RFC 9701 section 6. */
  readonly introspection_signed_response_alg?: string
  /** RFC 9449 section 5.2. */
  readonly dpop_bound_access_tokens?: boolean
  /** RFC 9396 section 10. */
  readonly authorization_details_types?: ReadonlyArray<string>
  /** The algorithm of its ID tokens (OpenID Connect Dynamic Client Registration 2). */
  readonly id_token_signed_response_alg?: string
  /** Whether it knows people by ids of its own (OpenID Connect Core 8); default `public`. */
  readonly subject_type?: "public" | "pairwise"
  /** Where the browser may go after signing out (OpenID Connect RP-Initiated Logout 3.1). */
  readonly post_logout_redirect_uris?: ReadonlyArray<string>
  /** Where it is told that somebody signed out (OpenID Connect Back-Channel Logout 2.2). */
  readonly backchannel_logout_uri?: string
}

/** What this server answers to a registration (RFC 7591 section 3.2.1). */
export interface OAuthClientInformationFull extends OAuthClientMetadata, Protocol.IssuedCredentials {}

/** What the token endpoint answers (RFC 6749 section 5.1). */
export interface OAuthToken extends Protocol.OAuthToken {
  /** A token that is bound to a key (RFC 9449 section 5) is none for bearers. */
  readonly token_type: "Bearer" | "DPoP"
  /** Seconds from when the answer was made. */
  readonly expires_in: number
  /** Who signed in, and how, for the client that asked (OpenID Connect Core 3.1.3.3). */
  readonly id_token?: string
  /** Of what was given for another token (RFC 8693 section 2.2.1). */
  readonly issued_token_type?: string
}

/** An authorization code and what it was requested with. Times are in seconds since the epoch. */
export interface AuthorizationCode {
  /** The code itself. */
  readonly code: string
  /** The client that it was issued to. */
  readonly clientId: string
  /** The scopes that were granted. */
  readonly scopes: ReadonlyArray<string>
  /** When it expires. */
  readonly expiresAt: number
  /** The challenge that it was asked for with (RFC 7636 section 4.2). */
  readonly codeChallenge: string
  /** The redirect URI that it was asked for with. */
  readonly redirectUri: string
  /** Whether the request named that redirect URI itself. */
  readonly redirectUriProvidedExplicitly: boolean
  /** The resources that were granted (RFC 8707). */
  readonly resource: ReadonlyArray<string>
  /** Who approved it; absent where nobody did. */
  readonly subject?: string
}

/** A refresh token and what was granted with it. Times are in seconds since the epoch. */
export interface RefreshToken {
  /** The token itself. */
  readonly token: string
  /** The client that it was issued to. */
  readonly clientId: string
  /** The scopes that were granted. */
  readonly scopes: ReadonlyArray<string>
  /** When it expires; absent where it never does. */
  readonly expiresAt?: number
  /** The resources that were granted (RFC 8707). */
  readonly resource: ReadonlyArray<string>
  /** Who approved it; absent where nobody did. */
  readonly subject?: string
}

/** A token that is alive, whose client is always known here. */
export interface AccessToken extends VerifiedAccess {
  readonly clientId: string
}

/** What somebody who wants a code has said (RFC 6749 4.1.1, RFC 7636, RFC 8707). */
export interface AuthorizationParams {
  /** What comes back to the client as it is. */
  readonly state?: string
  /** The scopes that are asked for; the default ones where absent. */
  readonly scopes?: ReadonlyArray<string>
  /** The S256 challenge of the verifier (RFC 7636 section 4.2). */
  readonly codeChallenge: string
  /** Where the answer goes. */
  readonly redirectUri: string
  /** Whether the request named it itself, or the client has only one. */
  readonly redirectUriProvidedExplicitly: boolean
  /** The resources that tokens are asked for (RFC 8707). */
  readonly resource?: ReadonlyArray<string>
  /** What is asked for besides scopes (RFC 9396). */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** The thumbprint of a key that was proven: the code is for its holder alone. */
  readonly jkt?: string
  /** How the answer gets back to the client; in the query by default. */
  readonly responseMode?: string
  /** What the ID token repeats (OpenID Connect Core 3.1.2.1). */
  readonly nonce?: string
  /** The grant that it opens, where that was settled when the client pushed the request; default one that is new. */
  readonly grantId?: string
}

/** The same of a client that may ask without a challenge; whether it may, is judged with the rest. */
export interface RequestParams extends Omit<AuthorizationParams, "codeChallenge"> {
  readonly codeChallenge: string | null
}

/** Whole seconds that remain, never more than there are. */
export const secondsLeft = (now: EpochMillis, end: number): number => Math.max(0, wholeSeconds(end - now))

/**
 * What is stored of a client, as RFC 7591 shows it; with its secret only at the moment that it was made. Of the scopes
 * that it named it is told those it can use, among those there are.
 */
//= RFC7591-3.2.1-return-all-metadata
//= RFC7591-3.2.1-secret-expiry-field
export const clientInformation = (
  client: RegisteredClient,
  there: { readonly scopes: Scopes; readonly defaultScopes: Scopes },
  secret?: string,
): OAuthClientInformationFull => ({
  client_id: client.clientId,
  client_id_issued_at: wholeSeconds(client.registeredAt),
  ...(secret === undefined ? {} : { client_secret: secret }),
  ...(client.secret === null ? {} : { client_secret_expires_at: wholeSeconds(client.secret.expiresAt ?? 0) }),
  ...withoutAbsent(frozen(client.metadata)),
  ...(client.metadata.scope === undefined ? {} : scopeMember(usableScopes(client, there))),
})

/** An empty scope is never written. */
const scopeMember = (scopes: Scopes) => (scopes.length === 0 ? {} : { scope: formatScopes(scopes) })

const withoutAbsent = ({ redirect_uris, scope, ...others }: ClientMetadata): OAuthClientMetadata => ({
  redirect_uris,
  ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
})

const subjectOf = (subjectId: string | null) => (subjectId === null ? {} : { subject: subjectId })

export const codeRecord = (code: string, grant: OpenGrant): AuthorizationCode | undefined =>
  grant.code === null || grant.request === null || grant.request.codeChallenge === null
    ? undefined
    : {
        code,
        clientId: grant.clientId,
        scopes: frozen(grant.scopes),
        expiresAt: wholeSeconds(grant.code.expiresAt),
        codeChallenge: grant.request.codeChallenge,
        redirectUri: grant.request.redirectUri,
        redirectUriProvidedExplicitly: grant.request.redirectUriProvidedExplicitly,
        resource: frozen(grant.resources),
        ...subjectOf(grant.subjectId),
      }

export const refreshRecord = (token: string, grant: OpenGrant, expiresAt: number): RefreshToken => ({
  token,
  clientId: grant.clientId,
  scopes: frozen(grant.scopes),
  expiresAt: wholeSeconds(expiresAt),
  resource: frozen(grant.resources),
  ...subjectOf(grant.subjectId),
})

export const accessRecord = (
  token: string,
  state: AccessState,
  owner: Pick<LiveAccess, "clientId" | "subjectId" | "descent" | "login">,
): AccessToken => ({
  token,
  clientId: owner.clientId,
  scopes: frozen(state.scopes),
  expiresAt: wholeSeconds(state.expiresAt),
  issuedAt: wholeSeconds(state.issuedAt),
  resource: frozen(state.resources),
  ...(state.authorizationDetails === undefined
    ? {}
    : { authorizationDetails: state.authorizationDetails.map(detailOf) }),
  ...subjectOf(owner.subjectId),
  ...(state.jkt === null ? {} : { jkt: state.jkt }),
  ...actingOf(owner.descent),
  ...authenticationOf(owner.login),
})
