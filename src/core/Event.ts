/**
 * What happened: every event that a log can hold, at its newest schema version.
 *
 * An event carries all that folding needs: times, digests, parents. It never carries a secret, nor anything that
 * names a person. A type once written is read for ever; `Upcast.ts` reads the older versions.
 */
import * as Schema from "effect/Schema"
import { DetailTexts } from "./AuthorizationDetails.ts"
import { ClientMetadata, ClientOrigin, ClientPolicy, ClientSecret } from "./ClientMetadata.ts"
import { ClientId, Digest, Epoch, Generation, GrantId, Jkt, KeyId, StreamVersion, SubjectId, Text } from "./Ids.ts"
import { LoginContext } from "./LoginContext.ts"
import { CodeChallenge } from "./Pkce.ts"
import { RedirectUri } from "./RedirectUri.ts"
import { Resource, Resources } from "./Resource.ts"
import { Scopes } from "./Scope.ts"
import { EpochMillis } from "./Time.ts"

const issuerEvents = {
  IssuerInitialized: { issuer: Text(2048), keyId: KeyId, initializedAt: EpochMillis },
  IssuerEpochRaised: { reason: Text(256), raisedAt: EpochMillis },
}

/** The document that the metadata is of, for a client that one describes. */
const metadataDigestIfAny = Schema.optionalKey(Digest)

const clientEvents = {
  ClientRegistered: {
    clientId: ClientId,
    metadata: ClientMetadata,
    secret: Schema.NullOr(ClientSecret),
    audience: Schema.NullOr(Resource),
    origin: ClientOrigin,
    policy: Schema.optionalKey(ClientPolicy),
    metadataDigest: metadataDigestIfAny,
    /** Of what the client reads and changes its registration with (RFC 7592). */
    registrationToken: Schema.optionalKey(Digest),
    registeredAt: EpochMillis,
  },
  /** `secret`: what the client proves itself with from now on, where that changed with its method. */
  ClientUpdated: {
    clientId: ClientId,
    metadata: ClientMetadata,
    secret: Schema.optionalKey(Schema.NullOr(ClientSecret)),
    metadataDigest: metadataDigestIfAny,
    updatedAt: EpochMillis,
  },
  /** `overlapUntil`: until then the secret that it replaced is taken as well. */
  ClientSecretRotated: {
    clientId: ClientId,
    secret: ClientSecret,
    overlapUntil: Schema.optionalKey(EpochMillis),
    rotatedAt: EpochMillis,
  },
  ClientDisabled: { clientId: ClientId, disabledAt: EpochMillis },
  ClientEnabled: { clientId: ClientId, enabledAt: EpochMillis },
  ClientDeleted: { clientId: ClientId, deletedAt: EpochMillis },
}

const subjectEvents = {
  SubjectSessionsRevoked: { subjectId: SubjectId, revokedAt: EpochMillis },
  SubjectDisabled: { subjectId: SubjectId, disabledAt: EpochMillis },
  SubjectEnabled: { subjectId: SubjectId, enabledAt: EpochMillis },
  SubjectForgotten: { subjectId: SubjectId, forgottenAt: EpochMillis },
}

const loginIfKnown = Schema.optionalKey(LoginContext)

const approvals = {
  User: { subjectId: SubjectId, approvedAt: EpochMillis, login: loginIfKnown },
  Auto: { subjectId: SubjectId, approvedAt: EpochMillis },
  Policy: { subjectId: SubjectId, approvedAt: EpochMillis, policy: Text(128), login: loginIfKnown },
}

/** Who approved a request for a subject: the subject itself, auto-approval, or a named policy. */
export const Approval = Schema.TaggedUnion(approvals)
export type Approval = typeof Approval.Type

/**
 * Why a grant exists: somebody approved it, the client acts for itself, or a token was exchanged for it as a named policy
 * allows. An exchange has the login of the grant that its token came of.
 */
export const Basis = Schema.TaggedUnion({
  ...approvals,
  ClientCredentials: {},
  Exchange: { policy: Text(128), login: loginIfKnown },
})
export type Basis = typeof Basis.Type

/** Why a token is issued though nobody is asked: a named policy stands for a subject, or the client acts for itself. */
export const DirectBasis = Schema.TaggedUnion({ Policy: approvals.Policy, ClientCredentials: {} })
export type DirectBasis = typeof DirectBasis.Type

/** No client needs more of it to tell its requests apart, and nobody is to fill the log with it. */
export const MAX_NONCE_CHARACTERS = 512

/** What the authorization request said, and the code stays bound to. */
export const AuthorizationRequest = Schema.Struct({
  redirectUri: RedirectUri,
  redirectUriProvidedExplicitly: Schema.Boolean,
  /** `null` for a client of the operator's own that proves itself, and sent none. */
  codeChallenge: Schema.NullOr(CodeChallenge),
  jkt: Schema.NullOr(Jkt),
  /** What an ID token repeats to the client (OpenID Connect Core 3.1.2.1); absent where there was none. */
  nonce: Schema.optionalKey(Text(MAX_NONCE_CHARACTERS)),
})
export type AuthorizationRequest = typeof AuthorizationRequest.Type

/** How many tokens a grant may have come of, and how many may have acted in turn. */
export const MAX_ANCESTORS = 8

/** An access token that something came of: its grant, and its digest there. */
export const Ancestor = Schema.Struct({ grantId: GrantId, digest: Digest })
export type Ancestor = typeof Ancestor.Type

/** Who acts for somebody: a client, or a subject of its own. */
export const Actor = Schema.Union([ClientId, SubjectId])
export type Actor = typeof Actor.Type

/**
 * What a grant came of (RFC 8693): every token that was exchanged on the way, the nearest first; who acts for its subject,
 * the current one first; and who alone may exchange its token further, `null` for whoever policy lets.
 */
export const Descent = Schema.Struct({
  ancestors: Schema.Array(Ancestor).check(Schema.isMaxLength(MAX_ANCESTORS)),
  actors: Schema.Array(Actor).check(Schema.isMaxLength(MAX_ANCESTORS)),
  mayAct: Schema.NullOr(Actor),
})
export type Descent = typeof Descent.Type

/** What a device asked for (RFC 8628): nothing that the code stays bound to but its client. */
export const DeviceRequest = Schema.Struct({ requestedAt: EpochMillis })
export type DeviceRequest = typeof DeviceRequest.Type

/** The epochs a grant was opened under; `subject` is `null` where there is none. */
export const Epochs = Schema.Struct({ issuer: Epoch, client: Epoch, subject: Schema.NullOr(Epoch) })
export type Epochs = typeof Epochs.Type

export const AttemptFault = Schema.Literals([
  "verifier_missing",
  "verifier_malformed",
  "verifier_wrong",
  "redirect_uri_wrong",
  "key_wrong",
])
export type AttemptFault = typeof AttemptFault.Type

export const AccessTokenEnd = Schema.Literals(["client", "limit"])
export const GrantEnd = Schema.Literals(["code_replayed", "refresh_token_reused", "client", "subject", "operator"])
export type GrantEnd = typeof GrantEnd.Type

/** An access token as it is issued: its digest, its parent, its scopes and resources, and its expiry. */
export const AccessToken = Schema.Struct({
  digest: Digest,
  generation: Generation,
  parent: Schema.NullOr(Digest),
  scopes: Scopes,
  resources: Resources,
  authorizationDetails: Schema.optionalKey(DetailTexts),
  jkt: Schema.NullOr(Jkt),
  issuedAt: EpochMillis,
  expiresAt: EpochMillis,
})
export type AccessToken = typeof AccessToken.Type

/**
 * Every refresh token as it is issued. `afterVersion` is the version of the stream at which its append began, and stands
 * in the token as well; `null` for one from before tokens named it.
 */
const refreshToken = {
  grantId: GrantId,
  digest: Digest,
  generation: Generation,
  parent: Digest,
  afterVersion: Schema.NullOr(StreamVersion),
  jkt: Schema.NullOr(Jkt),
}

const grantEvents = {
  GrantOpened: {
    grantId: GrantId,
    clientId: ClientId,
    subjectId: Schema.NullOr(SubjectId),
    basis: Basis,
    /** `null` where there was none: a client acts for itself, or a device asked. */
    request: Schema.NullOr(AuthorizationRequest),
    /** There if a device asked; then the code of the grant is its device code. */
    device: Schema.optionalKey(DeviceRequest),
    scopes: Scopes,
    resources: Resources,
    authorizationDetails: Schema.optionalKey(DetailTexts),
    refreshable: Schema.Boolean,
    metadataDigest: Schema.NullOr(Digest),
    epochs: Epochs,
    openedAt: EpochMillis,
    expiresAt: EpochMillis,
    /** Only of what came of other tokens. */
    descent: Schema.optionalKey(Descent),
  },
  GrantDenied: {
    grantId: GrantId,
    clientId: ClientId,
    subjectId: SubjectId,
    /** Where the answer went; absent where a device asked. */
    redirectUri: Schema.optionalKey(RedirectUri),
    /** The device code that is answered with the denial. */
    deviceCode: Schema.optionalKey(Digest),
    deniedAt: EpochMillis,
  },
  AuthorizationCodeIssued: { grantId: GrantId, digest: Digest, issuedAt: EpochMillis, expiresAt: EpochMillis },
  AuthorizationCodeRedeemed: { grantId: GrantId, redeemedAt: EpochMillis },
  AuthorizationCodeReplayed: { grantId: GrantId, replayedAt: EpochMillis },
  AuthorizationCodeAttemptRefused: { grantId: GrantId, fault: AttemptFault, refusedAt: EpochMillis },
  AccessTokenIssued: { grantId: GrantId, ...AccessToken.fields },
  AccessTokenRevoked: { grantId: GrantId, digest: Digest, reason: AccessTokenEnd, revokedAt: EpochMillis },
  RefreshTokenIssued: { ...refreshToken, issuedAt: EpochMillis, expiresAt: EpochMillis },
  RefreshTokenRotated: { ...refreshToken, keyId: KeyId, rotatedAt: EpochMillis, expiresAt: EpochMillis },
  RefreshTokenRetried: { grantId: GrantId, generation: Generation, accessToken: Digest, retriedAt: EpochMillis },
  RefreshTokenReused: {
    grantId: GrantId,
    digest: Digest,
    generation: Generation,
    reusedAt: EpochMillis,
  },
  GrantRevoked: { grantId: GrantId, reason: GrantEnd, revokedAt: EpochMillis },
}

/** What happened to the issuer. */
export const IssuerEvent = Schema.TaggedUnion(issuerEvents)
export type IssuerEvent = typeof IssuerEvent.Type

/** What happened to a client. */
export const ClientEvent = Schema.TaggedUnion(clientEvents)
export type ClientEvent = typeof ClientEvent.Type

/** What happened to a subject. */
export const SubjectEvent = Schema.TaggedUnion(subjectEvents)
export type SubjectEvent = typeof SubjectEvent.Type

/** What happened to a grant. */
export const GrantEvent = Schema.TaggedUnion(grantEvents)
export type GrantEvent = typeof GrantEvent.Type

export const isClientEvent = (event: Event): event is ClientEvent => event._tag in clientEvents
export const isGrantEvent = (event: Event): event is GrantEvent => event._tag in grantEvents
export const isIssuerEvent = (event: Event): event is IssuerEvent => event._tag in issuerEvents
export const isSubjectEvent = (event: Event): event is SubjectEvent => event._tag in subjectEvents

/** Everything that can happen, as a schema that reads foreign data; `upcast` reads stored events of every age. */
export const Event = Schema.TaggedUnion({ ...issuerEvents, ...clientEvents, ...subjectEvents, ...grantEvents })
export type Event = typeof Event.Type

/** The tag of an event. */
export type EventType = Event["_tag"]

export const eventTypes = Object.keys(Event.cases) as ReadonlyArray<EventType>

/** When a grant's event happened: the time of the command that it was decided on. */
export const happenedAt = (event: GrantEvent): EpochMillis => {
  switch (event._tag) {
    case "GrantOpened":
      return event.openedAt
    case "GrantDenied":
      return event.deniedAt
    case "AuthorizationCodeRedeemed":
      return event.redeemedAt
    case "AuthorizationCodeReplayed":
      return event.replayedAt
    case "AuthorizationCodeAttemptRefused":
      return event.refusedAt
    case "AuthorizationCodeIssued":
    case "AccessTokenIssued":
    case "RefreshTokenIssued":
      return event.issuedAt
    case "RefreshTokenRotated":
      return event.rotatedAt
    case "RefreshTokenRetried":
      return event.retriedAt
    case "RefreshTokenReused":
      return event.reusedAt
    case "AccessTokenRevoked":
    case "GrantRevoked":
      return event.revokedAt
    default:
      return event satisfies never
  }
}

/** The digest of the code or token that an event brought into being. */
export const issuedDigest = (event: Event): Digest | undefined => {
  switch (event._tag) {
    case "AuthorizationCodeIssued":
    case "AccessTokenIssued":
    case "RefreshTokenIssued":
    case "RefreshTokenRotated":
      return event.digest
    default:
      return undefined
  }
}
