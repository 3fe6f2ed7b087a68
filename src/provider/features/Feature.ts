/**
 * Protocol features as values: each is one file that exports one, and a server has those that are in its list.
 *
 * A feature reads requests and says what they ask for and prove; it decides nothing, stores nothing and answers nobody
 * before the core has decided. Metadata, routing and the rules of registration follow from the list. A reader gives its
 * answer at once or as a Promise; a request that it refuses gets the `OAuthError` that it returns (not throws).
 */
import type { AuthorizationDetail, Introspection } from "../../protocol/index.ts"
import type { OAuthError } from "../OAuthError.ts"
import type { OAuthClientInformationFull } from "../Records.ts"
import type { Credentials, SingleUse } from "../TokenRequests.ts"
import type { AccessTokenId } from "../Token.ts"
import type {
  AuthorizationRequestRead,
  Caller,
  FeatureAnswer,
  FeatureContext,
  PageVisitor,
  ServerContext,
} from "./FeatureContext.ts"
import type { TokenIntention } from "./TokenIntention.ts"
import type { Described } from "./Described.ts"
import type { ClientDocument, ClientReading } from "./clients/ClientDocument.ts"
import type { Parameters } from "./Form.ts"
import type { PasskeyFeature } from "./login/PasskeyFeature.ts"
import type { IssuedAccessToken } from "./IssuedAccessToken.ts"
import type { OpenIdProvider } from "./openid/OpenIdProvider.ts"
import type { WireReply, WireRequest } from "./Wire.ts"

export type { AuthorizationRequestRead, Caller, FeatureAnswer, FeatureContext, PageVisitor, ServerContext }

/** A way to a token at the token endpoint (RFC 6749 4.5). */
export interface GrantType extends Described {
  readonly kind: "grant type"
  /** What the request asks for, or why it is none of this type. */
  readonly read: (
    request: WireRequest,
    form: Parameters,
    caller: Caller,
    context: FeatureContext,
  ) => FeatureAnswer<TokenIntention>
  /** Members that each of its token responses has besides (RFC 6749 5.1). */
  readonly responseMembers?: Readonly<Record<string, string>>
}

/** A way for clients to prove themselves (RFC 6749 2.3). */
export interface ClientAuthentication extends Described {
  readonly kind: "client authentication"
  /** The part of a request that it reads; `client_id`: nothing that only some requests have. */
  readonly reads: "authorization" | "client_secret" | "client_assertion" | "client_id"
  /** Whether it proves anything: then its clients are confidential. */
  readonly isProof: boolean
  /** Whether its clients get a secret when they register; default {@link isProof}. Others register their keys. */
  readonly usesSecret?: boolean
  /** `undefined` where the request names no client. */
  readonly read: (
    request: WireRequest,
    form: Parameters,
    context: FeatureContext,
  ) => FeatureAnswer<Credentials | undefined>
}

/** A key that a request proved. */
export interface ProvenKey {
  /** The thumbprint of the key (RFC 7638). */
  readonly jkt: string
  /** What the proof used up. */
  readonly claims: ReadonlyArray<SingleUse>
  /** Headers that the answer has besides, by lower-case name, whatever it is. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What a key is proven for: the token that is issued now, the one that an authorization request will lead to, or that of
 * the `Authorization` header, which is used here.
 */
export type KeyPurpose = "token" | "authorization request" | "resource"

/** A proof that the caller holds a key, to which what it gets is bound (RFC 9449). */
export interface SenderConstraint extends Described {
  readonly kind: "sender constraint"
  /** The key that the request proves; `undefined` where it brings no proof. */
  readonly read: (
    request: WireRequest,
    context: FeatureContext,
    purpose: KeyPurpose,
  ) => FeatureAnswer<ProvenKey | undefined>
  /** The thumbprint of the key that an authorization request asks to be bound to; `undefined` where it names none. */
  readonly requested?: (parameters: Parameters) => string | OAuthError | undefined
  /** Headers of its answers that pages of every origin may read. */
  readonly exposedHeaders?: ReadonlyArray<string>
}

/**
 * The form that access tokens have. A token is always known here by its handle, the opaque text that leads to its rows;
 * another form carries the handle in it, or the id that the handle leads to, so that it is verified, introspected,
 * revoked and repeated like any other. An id is no secret: a form that carries one proves by itself that it is genuine.
 */
export interface AccessTokenFormat extends Described {
  readonly kind: "access token format"
  /** Whether such a token has this form; the first one in the list that says so is used. */
  readonly isFor: (issued: IssuedAccessToken) => boolean
  /** The token that the client gets, with the handle in it. */
  readonly write: (handle: string, issued: IssuedAccessToken, context: ServerContext) => string | Promise<string>
  /** The handle or id in a token that was presented; `undefined` where it is none of this form, or not genuine. */
  readonly handleOf: (token: string, context: ServerContext) => TokenHandle | Promise<TokenHandle>
  /** How many seconds its tokens live at most, where that is less than is configured, and for which resources. */
  readonly lifetime?: { readonly seconds: number; readonly isFor: (resources: ReadonlyArray<string>) => boolean }
}

/** What was found in a token: its handle, or the id that a handle leads to. */
export type TokenHandle = string | AccessTokenId | undefined

/** A form that introspection answers have for who asks for it by its media type; JSON is that of all others. */
export interface IntrospectionFormat extends Described {
  readonly kind: "introspection format"
  /** As it stands in `Accept` and in `Content-Type`. */
  readonly mediaType: string
  /** The body of the answer to this client, which proved itself. */
  readonly write: (answer: Introspection, clientId: string, context: FeatureContext) => Promise<string>
}

/** One more member of a token response (RFC 6749 5.1). */
export interface TokenResponseMember extends Described {
  readonly kind: "token response member"
  /** Its value, or `undefined` where the response has none. */
  readonly of: (issued: IssuedAccessToken, context: ServerContext) => unknown
}

/** A type of what may be allowed besides scopes (RFC 9396 2). */
export interface AuthorizationDetailsType extends Described {
  readonly kind: "authorization details type"
  /** Why such a detail cannot be asked for, in a sentence; `undefined` where it can. */
  readonly fault: (detail: AuthorizationDetail) => string | undefined
  /** What people are asked, in words that go on from "It wants to". */
  readonly words: (detail: AuthorizationDetail) => string
}

/** Where the parameters of an authorization request are (RFC 6749 4.1.1, RFC 9126, RFC 9101). */
export interface AuthorizationRequestSource extends Described {
  readonly kind: "authorization request source"
  /** The parameter by which a request of this source is known; absent for the query itself. */
  readonly parameter?: string
  /** A refusal is shown to the person and told to no client: nobody knows yet whose request it is. */
  readonly read: (
    query: URLSearchParams,
    request: WireRequest,
    context: FeatureContext,
  ) => FeatureAnswer<AuthorizationRequestRead>
  /** Why a request of this client must come this way, in a sentence; `undefined` where it need not. */
  readonly demand?: (client: OAuthClientInformationFull) => string | undefined
}

/** A form that the browser posts to the client by itself (OAuth 2.0 Form Post Response Mode). */
export interface PostedForm {
  /** The address that it is posted to. */
  readonly action: string
  /** The values of its hidden fields, by name. */
  readonly fields: Readonly<Record<string, string>>
}

/** Where an answer goes: an address, a form that the browser posts, or a page that has it. */
export type ResponseWay = string | PostedForm | WireReply

/** What a response mode may ask, and for whom the answer is. */
export interface ResponseContext extends FeatureContext {
  /** The client that the answer is for. */
  readonly clientId: string
}

/** How an answer gets to the client by way of the browser (OAuth 2.0 Multiple Response Type Encoding Practices 2.1). */
export interface ResponseMode extends Described {
  readonly kind: "response mode"
  /** The address that the browser is sent to, the form that it posts, or the page that it is given. */
  readonly respond: (
    redirectUri: string,
    parameters: Readonly<Record<string, string | undefined>>,
    context: ResponseContext,
  ) => ResponseWay | Promise<ResponseWay>
}

/**
 * Where clients are known from. Nothing of what a source reads is kept in the log until somebody approves a request of
 * the client; from then on the client is known here, and what it was granted does not depend on the source any more.
 */
export interface ClientSource extends Described {
  readonly kind: "client source"
  /** Whether a client with such an id is known from here; the first one in the list that says so is asked. */
  readonly isOf: (clientId: string) => boolean
  /** What the client is now, or why that cannot be known, in a sentence; absent for what is registered here. */
  readonly read?: (clientId: string, reading: ClientReading) => FeatureAnswer<ClientDocument>
}

/** An endpoint that a client calls with a form and its credentials, such as that of pushed requests (RFC 9126). */
export interface ClientEndpoint extends Described {
  readonly kind: "client endpoint"
  /** Behind the issuer's own path. */
  readonly path: `/${string}`
  /** What a key that the caller proves is for here; a proof is not looked at by default. */
  readonly keyPurpose?: KeyPurpose
  /** The status of an answer that is no refusal; default 200. */
  readonly status?: 200 | 201
  /** The body of the answer, which is JSON. */
  readonly answer: (
    request: WireRequest,
    form: Parameters,
    caller: Caller,
    context: FeatureContext,
  ) => FeatureAnswer<object>
}

/** An endpoint that anybody may read by GET, such as the keys that signatures are verified by (RFC 7517). */
export interface PublicEndpoint extends Described {
  readonly kind: "public endpoint"
  /** Behind the issuer's own path. */
  readonly path: `/${string}`
  /** The reply, as it goes out. */
  readonly answer: (request: WireRequest, context: FeatureContext) => FeatureAnswer<WireReply>
}

/** Lets who registered itself manage its registration, where it is told to (RFC 7592). */
export interface RegistrationManagement extends Described {
  readonly kind: "registration management"
  /** Behind the issuer's own path; the client stands in the query. */
  readonly path: `/${string}`
}

/**
 * Where devices ask, and where somebody answers for them (RFC 8628): an endpoint for clients, and a page behind the
 * server's own login, by its own consent, where the server has one.
 */
export interface DeviceAuthorizationEndpoint extends Described {
  readonly kind: "device authorization"
  /** Where clients ask; behind the issuer's own path. */
  readonly path: `/${string}`
  /** Where people enter the code; likewise. */
  readonly page: `/${string}`
  /** Seconds that a device waits between two questions. */
  readonly interval: number
}

/**
 * A page for people, by the issuer's own name only, where the server has a login of its own. What is posted to it came
 * from a page of this server.
 */
export interface PageFeature extends Described {
  readonly kind: "page"
  /** What it is asked by; a form is posted to it by `POST`. */
  readonly method: "GET" | "POST"
  /** Behind the issuer's own path. */
  readonly path: `/${string}`
  /** `sign in`: somebody is to sign in, and comes back here. */
  readonly answer: (
    request: WireRequest,
    visitor: PageVisitor | undefined,
    context: FeatureContext,
  ) => WireReply | "sign in" | Promise<WireReply | "sign in">
}

/**
 * Strengths that logins here are of, by names that mean something to clients and resource servers (RFC 9470). Which login is
 * of which is the login's own to say: `acr` in what it says of who is signed in.
 */
export interface LoginStrengths extends Described {
  readonly kind: "login strengths"
  /** The names, at least one. A client may demand them in `acr_values`. */
  readonly acrValues: ReadonlyArray<string>
}

/** A value of the list that a server is given: one of the kinds. */
export type Feature =
  | GrantType
  | ClientAuthentication
  | SenderConstraint
  | AccessTokenFormat
  | TokenResponseMember
  | AuthorizationDetailsType
  | AuthorizationRequestSource
  | ResponseMode
  | ClientSource
  | ClientEndpoint
  | IntrospectionFormat
  | PublicEndpoint
  | RegistrationManagement
  | DeviceAuthorizationEndpoint
  | PageFeature
  | LoginStrengths
  | PasskeyFeature
  | OpenIdProvider
