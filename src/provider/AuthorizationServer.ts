/**
 * The authorization server: coarse, atomic operations, one per command of the core.
 *
 * Every answer is a fold over the log. A refusal is an {@link OAuthError} after whatever it proved was recorded;
 * {@link Unavailable} and {@link RateLimited} mean that nothing was decided. Nothing that only reads changes anything.
 */
import type * as Effect from "effect/Effect"
import type {
  Access,
  Client,
  ClientOrigin,
  EpochMillis,
  Grant,
  GrantId,
  OpenGrant,
  RegisteredClient,
} from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { Introspection } from "../protocol/index.ts"
import type { Account } from "./AccountStanding.ts"
import type { Accounts } from "./Accounts.ts"
import type { AskingClient } from "./ClientDocuments.ts"
import type { ClientManagement } from "./ClientManagement.ts"
import type { Settings } from "./Config.ts"
import type { InitialAccessToken } from "./InitialAccess.ts"
import type { OpenGrantRequest } from "./Decoding.ts"
import type { ServerContext } from "./features/Feature.ts"
import type { DeviceAuthorization, DeviceOperations } from "./Devices.ts"
import type { Features } from "./features/Features.ts"
import type { OAuthError, Unavailable } from "./OAuthError.ts"
import type { CarriedValues } from "./CarriedValues.ts"
import type { Passkeys } from "./Passkeys.ts"
import type { Sessions } from "./Sessions.ts"
import type {
  Credentials,
  ExchangeTokenRequest,
  Failure,
  IssueTokenRequest,
  DeviceRequest,
  RedeemCodeRequest,
  RedeemDeviceCodeRequest,
  RefreshRequest,
  RevokeTokenRequest,
  SingleUse,
} from "./TokenRequests.ts"
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthToken,
  RefreshToken,
  RequestParams,
} from "./Records.ts"

/** What became of an authorization request. */
export type Authorized =
  /** Approved: the browser goes back to the client with this code. */
  | {
      readonly _tag: "Approved"
      /** The code for the client. */
      readonly code: string
    }
  /** Somebody else takes over: the browser goes there. */
  | {
      readonly _tag: "Elsewhere"
      /** The address that the browser is sent to. */
      readonly location: string
    }
  /** Nobody is signed in and there is no way to. */
  | { readonly _tag: "LoginUnavailable" }

/** What the wire protocol needs of whoever keeps the tokens: ours, or anybody's provider behind `fromOAuthProvider`. */
export interface ProtocolServer {
  /** The configuration, with every default filled in. */
  readonly settings: Settings
  /** What is switched on: metadata, routes and what clients can register for follow from it. */
  readonly features: Features
  /** What features may ask of any server. */
  readonly serverContext: ServerContext
  /** The time as this server may claim to know it, in milliseconds since the epoch. */
  readonly now: () => EpochMillis
  /** Whether a refresh may be asked for again inside the retry window; a client that did so elsewhere would look like a thief. */
  readonly isRefreshRetryable: boolean
  /**
   * The client that asks for something: as it is registered, or as its document says now; `undefined` for one that is
   * not known, and a refusal that says why for one whose document cannot be read or used.
   */
  readonly findClient: (
    clientId: string,
  ) => Effect.Effect<OAuthClientInformationFull | undefined, OAuthError | Unavailable>
  /**
   * The client of something that was granted or is under way: as its document says now, or as somebody last approved it
   * where that cannot be read.
   */
  readonly knownClient: (clientId: string) => Effect.Effect<OAuthClientInformationFull | undefined, Unavailable>
  /**
   * Registers a client by what it says of itself (RFC 7591 section 3.1), within the limits for strangers.
   * `initialAccessToken`: what an operator invited the client with, where that is needed.
   */
  readonly registerClient: (
    metadata: unknown,
    initialAccessToken?: string,
  ) => Effect.Effect<OAuthClientInformationFull, Failure>
  /** Whether requests for this redirect URI are approved without asking, for which somebody counts as signed in. */
  readonly isAutoApproved: (redirectUri: string) => boolean
  /** Answers an authorization request at once, where that can be: by auto-approval, or by the provider behind. */
  readonly authorize: (clientId: string, params: RequestParams) => Effect.Effect<Authorized, Failure>
  /** The tokens for a code (RFC 6749 section 4.1.3); a second time ends the grant. */
  readonly redeemCode: (request: RedeemCodeRequest) => Effect.Effect<OAuthToken, Failure>
  /** What a device asks for, kept until somebody answers or it expires (RFC 8628 3.1). */
  readonly requestDevice: (request: DeviceRequest) => Effect.Effect<DeviceAuthorization, Failure>
  /** The tokens of what was approved; refused while nobody has answered (RFC 8628 3.4, 3.5). */
  readonly redeemDeviceCode: (request: RedeemDeviceCodeRequest) => Effect.Effect<OAuthToken, Failure>
  /** The tokens for a refresh token (RFC 6749 section 6), which is spent by it. */
  readonly refresh: (request: RefreshRequest) => Effect.Effect<OAuthToken, Failure>
  /** A token that nobody is asked for: client credentials by default, or another grant type of the kind. */
  readonly issueToken: (request: IssueTokenRequest) => Effect.Effect<OAuthToken, Failure>
  /** An access token for another, which is less, and ends with it (RFC 8693). */
  readonly exchangeToken: (request: ExchangeTokenRequest) => Effect.Effect<OAuthToken, Failure>
  /** Ends a token (RFC 7009 section 2.1); one that is not known is no failure. */
  readonly revokeToken: (request: RevokeTokenRequest) => Effect.Effect<void, Failure>
  /** What a token is, to who may know it (RFC 7662 section 2.2). */
  readonly introspect: (credentials: Credentials, token: string) => Effect.Effect<Introspection, Failure>
}

/** A client that an operator adds; `metadata` as in RFC 7591 section 2. */
export interface NewClient {
  /** As in RFC 7591 section 2; it is read and judged. */
  readonly metadata: unknown
  /** Chosen by the caller; minted when absent. */
  readonly clientId?: string
  /** Chosen by the caller, at least 22 characters; minted when absent and the client needs one. */
  readonly clientSecret?: string
  /** Who asks for it: `dynamic` counts against the quota and gets the configured secret lifetime. Default `operator`. */
  readonly origin?: ClientOrigin
  /** `first-party`: a client of the operator's own, for which people who are signed in need not be asked. */
  readonly policy?: "first-party"
  /** Makes it a resource server: it may introspect tokens for exactly this resource. */
  readonly audience?: string
}

/** A grant from which something is alive, and the client that it was given to. */
export interface Connection {
  /** The grant, in its newest state. */
  readonly grant: OpenGrant
  /** The client, as it is registered. */
  readonly client: RegisteredClient
}

/** A page of connections. */
export interface Connections {
  /** The newest first. */
  readonly connections: ReadonlyArray<Connection>
  /** Where to go on: the grant to start behind; `undefined` when there are no older ones. */
  readonly after: string | undefined
}

/** Some of a list: what comes behind `after`, or what it begins with. */
export interface Page {
  /** Behind which entry to go on: the id that the last page ended with; absent for the first page. */
  readonly after?: string
  /** The other way round: the list begins at its end, and what is behind `after` is what came before it. */
  readonly isReversed?: boolean
  /** How many are given at most; every list has a default of its own. */
  readonly limit?: number
}

/** The server in full: the protocol, and what an operator or an embedding program does. */
export interface AuthorizationServer extends ProtocolServer, ClientManagement {
  /** Invites one client to register itself; the token is good for a day by default. */
  readonly newInitialAccessToken: (options?: {
    readonly lifetimeSeconds?: number
  }) => Effect.Effect<InitialAccessToken, Failure>
  /** The accounts of the built-in login. */
  readonly accounts: Accounts
  /** Browser sessions of the built-in login. */
  readonly sessions: Sessions
  /** Passkeys of the accounts of the built-in login. */
  readonly passkeys: Passkeys
  /** What a browser carries from one request to the next. */
  readonly carried: CarriedValues
  /** The id of the grant that a request would open: the same for the same text, and nobody's guess. */
  readonly requestId: (text: string) => GrantId
  /** The id of a grant that is not there yet. */
  readonly newGrantId: () => GrantId
  /** Whether these are the credentials of a confidential client; the client's public face if so. */
  readonly authenticateClient: (
    credentials: Credentials,
  ) => Effect.Effect<OAuthClientInformationFull | undefined, Unavailable>
  /**
   * The client that these credentials prove to be, if it is a confidential one, registered for the grant type, that the
   * server has it for; nothing is used up by asking.
   */
  readonly clientFor: (
    credentials: Credentials,
    grantType: string,
  ) => Effect.Effect<OAuthClientInformationFull, Failure>
  /** The resource that a client is the server of. */
  readonly audienceOf: (clientId: string) => Effect.Effect<string | undefined, Unavailable>
  /** The subject by whom somebody goes here whom another issuer knows; `undefined` for who can be nobody here. */
  readonly subjectOf: (issuer: string, sub: string) => Effect.Effect<string | undefined, Unavailable>
  /**
   * The client that these credentials prove to be, a public one by its name alone; fails where they do not, and where it
   * is disabled. What they used up is taken.
   */
  readonly requireClient: (credentials: Credentials) => Effect.Effect<OAuthClientInformationFull, Failure>
  /** Takes what may be used once; fails with the refusal of the first that was taken before. */
  readonly useOnce: (claims: ReadonlyArray<SingleUse>) => Effect.Effect<void, Failure>
  /** The account of a subject, by an id that is text. */
  readonly accountOf: (subjectId: string) => Effect.Effect<Account | undefined, Failure>
  /** Registers a client for the operator; its secret is in this answer and in no other. */
  readonly addClient: (client: NewClient) => Effect.Effect<OAuthClientInformationFull, Failure>
  /** Puts other metadata in the place of what is registered. */
  readonly updateClient: (clientId: string, metadata: unknown) => Effect.Effect<OAuthClientInformationFull, Failure>
  /** Gives a confidential client another secret; the old one is taken for `overlapSeconds` more, default 0. */
  readonly rotateClientSecret: (
    clientId: string,
    options?: { readonly overlapSeconds?: number },
  ) => Effect.Effect<OAuthClientInformationFull, Failure>
  /** Suspends a client and everything that it was given. */
  readonly disableClient: (clientId: string) => Effect.Effect<void, Failure>
  /** Ends the suspension: what has not expired meanwhile is alive again. */
  readonly enableClient: (clientId: string) => Effect.Effect<void, Failure>
  /** Ends a client for good, with everything that it was given; its id is never taken again. */
  readonly deleteClient: (clientId: string) => Effect.Effect<void, Failure>
  /** As it is registered, or was last approved. */
  readonly client: (clientId: string) => Effect.Effect<RegisteredClient | undefined, Unavailable>
  /** What {@link findClient} finds, as it stands here, with the document that says so. */
  readonly askingClient: (clientId: string) => Effect.Effect<AskingClient | undefined, OAuthError | Unavailable>
  /** The newest first. */
  readonly clients: (page?: Page) => Effect.Effect<ReadonlyArray<Client>, Unavailable>

  /**
   * What {@link openGrant} would grant now, or why it would not; without an approval, to whomever is asked. Changes
   * nothing.
   */
  readonly preview: (
    request: Omit<OpenGrantRequest, "approval"> & Partial<Pick<OpenGrantRequest, "approval">>,
  ) => Effect.Effect<Access, Failure>
  /** Grants what was asked for, and gives the code; a request is answered once. */
  readonly openGrant: (
    request: OpenGrantRequest,
  ) => Effect.Effect<{ readonly grantId: GrantId; readonly code: string }, Failure>
  /** Answers a request with no, once. */
  readonly denyGrant: (request: {
    readonly grantId: string
    readonly clientId: string
    readonly subjectId: string
    readonly redirectUri: string
  }) => Effect.Effect<void, Failure>
  /** What devices asked for, and the answers to it. */
  readonly devices: DeviceOperations["devices"]
  /** `by`: the subject that gave it, or `operator`. */
  readonly revokeGrant: (grantId: string, by: string) => Effect.Effect<void, Failure>
  /** A grant in its newest state; `Absent` where there is none. */
  readonly grant: (grantId: string) => Effect.Effect<Grant, Unavailable>
  /** The newest first. */
  readonly grants: (
    where: { readonly clientId?: string; readonly subjectId?: string },
    page?: Page,
  ) => Effect.Effect<ReadonlyArray<Grant>, Unavailable>

  /** What somebody has connected: grants of theirs from which something is alive, the newest first, a page at a time. */
  readonly connections: (subjectId: string, page?: Page) => Effect.Effect<Connections, Unavailable>

  /** Ends every grant that a subject gave so far. Where none stands, nothing is added to the log. */
  readonly revokeSubjectSessions: (subjectId: string) => Effect.Effect<void, Failure>
  /** Ends every grant of a subject, which may not sign in any more. */
  readonly disableSubject: (subjectId: string) => Effect.Effect<void, Failure>
  /** Lets a subject sign in again; what ended stays ended. */
  readonly enableSubject: (subjectId: string) => Effect.Effect<void, Failure>
  /**
   * Ends every grant of a subject for good and removes what identifies it: account, browser sessions, and the key that
   * sealed where its requests came from. Whatever of it was done before is not done twice.
   */
  readonly forgetSubject: (subjectId: string) => Effect.Effect<void, Failure>
  /** Whether a subject may not sign in: disabled, or forgotten. */
  readonly isSubjectDisabled: (subjectId: string) => Effect.Effect<boolean, Unavailable>
  /** Ends everything that was opened before, for a reason that stands in the log. */
  readonly raiseIssuerEpoch: (reason: string) => Effect.Effect<void, Failure>

  /** The record of a code, for its own client, spent or expired or not, while its grant is open. */
  readonly loadCode: (clientId: string, code: string) => Effect.Effect<AuthorizationCode | undefined, Unavailable>
  /** The record of a refresh token, likewise. */
  readonly loadRefreshToken: (clientId: string, token: string) => Effect.Effect<RefreshToken | undefined, Unavailable>
  /** The record of an access token that is alive. */
  readonly verify: (token: string) => Effect.Effect<AccessToken | undefined, Unavailable>
  /** The same, at once; throws a {@link StoreFault}. */
  readonly verifySync: (token: string) => AccessToken | undefined

  /** Removes the rows of what has been dead for ten minutes, 128 grants at a time. Happens by itself as grants are opened. */
  readonly prune: Effect.Effect<void, StoreFault>
}
