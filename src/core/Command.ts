/**
 * What can be asked of the machine, with everything needed to answer: time, ids, digests, facts.
 *
 * Whoever builds a command has turned secrets into facts already: whether a client proved itself, which refresh token
 * was presented, what a verifier hashes to. A command never carries a secret and never needs I/O to be decided.
 */
import * as Schema from "effect/Schema"
import { DetailTexts } from "./AuthorizationDetails.ts"
import { Authentication } from "./Client.ts"
import { ClientMetadata, ClientOrigin, ClientPolicy, ClientSecret, GrantType } from "./ClientMetadata.ts"
import { Actor, Ancestor, Approval, AuthorizationRequest, DirectBasis, MAX_ANCESTORS } from "./Event.ts"
import { ClientId, Digest, Generation, GrantId, Jkt, KeyId, StreamVersion, SubjectId, Text } from "./Ids.ts"
import { VerifierFact } from "./Pkce.ts"
import { RedirectUri } from "./RedirectUri.ts"
import { Resource, Resources } from "./Resource.ts"
import { Scopes } from "./Scope.ts"
import { EpochMillis, Lifetimes } from "./Time.ts"

/**
 * What the server has to give: its scopes and those given when none are asked for; the resources that it knows, whether
 * any other may be named as well, and the one meant when none is; and the grant types that it has for who registered
 * itself. `identity`: the scopes that ask who somebody is, and the resource that says so, where it has them.
 */
export const Offer = Schema.Struct({
  scopes: Scopes,
  defaultScopes: Scopes,
  resources: Schema.Array(Resource),
  isAnyResourceOffered: Schema.Boolean,
  defaultResource: Schema.NullOr(Resource),
  registrationGrants: Schema.Array(GrantType),
  identity: Schema.optionalKey(Schema.Struct({ scopes: Scopes, resource: Resource })),
})
export type Offer = typeof Offer.Type

/**
 * Which refresh token of the grant was presented. `Current` brings the digests of the successor it would get,
 * `Previous` that of the access token a retry would get (`null`: what it was derived with is not at hand), `Older`
 * what the log says of it.
 */
export const PresentedRefresh = Schema.TaggedUnion({
  Current: { successor: Schema.Struct({ refreshToken: Digest, accessToken: Digest, keyId: KeyId }) },
  Previous: { accessToken: Schema.NullOr(Digest) },
  Older: { digest: Digest, generation: Generation, jkt: Schema.NullOr(Jkt) },
  Unknown: {},
})
export type PresentedRefresh = typeof PresentedRefresh.Type

/** What was presented for revocation, as the grant knows it. */
export const PresentedToken = Schema.TaggedUnion({
  AccessToken: { digest: Digest },
  RefreshToken: {},
  Unknown: {},
})
export type PresentedToken = typeof PresentedToken.Type

/** The version of the grant's stream that it is decided at: a refresh token names it. */
const versioned = { afterVersion: StreamVersion }

const client = { clientId: ClientId, at: EpochMillis }
/** The document that the metadata is of, for a client that one describes. */
const metadataDigestIfAny = Schema.optionalKey(Digest)
const subject = { subjectId: SubjectId, at: EpochMillis }
const authenticated = { clientId: ClientId, authentication: Authentication, at: EpochMillis }

/** Everything that can be asked of the machine, as a schema that reads foreign data. */
export const Command = Schema.TaggedUnion({
  InitializeIssuer: { issuer: Text(2048), keyId: KeyId, at: EpochMillis },
  RaiseIssuerEpoch: { reason: Text(256), at: EpochMillis },

  RegisterClient: {
    ...client,
    metadata: ClientMetadata,
    secret: Schema.NullOr(ClientSecret),
    audience: Schema.NullOr(Resource),
    origin: ClientOrigin,
    policy: Schema.optionalKey(ClientPolicy),
    metadataDigest: metadataDigestIfAny,
    registrationToken: Schema.optionalKey(Digest),
    appSchemes: Schema.Array(Schema.String),
    isQuotaLeft: Schema.Boolean,
  },
  /** `secret`: another one, or none, for a client that proves itself in another way from now on. */
  UpdateClient: {
    ...client,
    metadata: ClientMetadata,
    secret: Schema.optionalKey(Schema.NullOr(ClientSecret)),
    metadataDigest: metadataDigestIfAny,
    appSchemes: Schema.Array(Schema.String),
  },
  /** `overlapUntil`: until then the secret that is replaced is taken as well; default not at all. */
  RotateClientSecret: { ...client, secret: ClientSecret, overlapUntil: Schema.optionalKey(EpochMillis) },
  DisableClient: client,
  EnableClient: client,
  DeleteClient: client,

  OpenGrant: {
    ...client,
    grantId: GrantId,
    basis: Approval,
    request: AuthorizationRequest,
    scopes: Schema.NullOr(Scopes),
    resources: Resources,
    authorizationDetails: Schema.optionalKey(DetailTexts),
    offer: Offer,
    metadataDigest: Schema.NullOr(Digest),
    requestedAt: EpochMillis,
    code: Digest,
    lifetimes: Lifetimes,
  },
  DenyGrant: { ...client, grantId: GrantId, subjectId: SubjectId, redirectUri: RedirectUri },
  /** What a device asked for (RFC 8628) is approved; `code` is its device code. */
  ApproveDevice: {
    ...client,
    grantId: GrantId,
    basis: Approval,
    scopes: Schema.NullOr(Scopes),
    resources: Resources,
    offer: Offer,
    metadataDigest: Schema.NullOr(Digest),
    requestedAt: EpochMillis,
    code: Digest,
    lifetimes: Lifetimes,
  },
  DenyDevice: { ...client, grantId: GrantId, subjectId: SubjectId, code: Digest },
  RedeemDeviceCode: {
    ...authenticated,
    ...versioned,
    grantId: GrantId,
    /** Whether the grant, or what waits for an answer, has that device code. */
    isCodeKnown: Schema.Boolean,
    /** Whose request waits, and until when; `null` where none does. */
    waiting: Schema.NullOr(Schema.Struct({ clientId: ClientId, expiresAt: EpochMillis })),
    resources: Schema.NullOr(Resources),
    jkt: Schema.NullOr(Jkt),
    accessToken: Digest,
    refreshToken: Digest,
    lifetimes: Lifetimes,
  },
  RedeemCode: {
    ...authenticated,
    ...versioned,
    grantId: GrantId,
    isCodeKnown: Schema.Boolean,
    verifier: Schema.NullOr(VerifierFact),
    redirectUri: Schema.NullOr(Schema.String),
    resources: Schema.NullOr(Resources),
    authorizationDetails: Schema.optionalKey(DetailTexts),
    jkt: Schema.NullOr(Jkt),
    accessToken: Digest,
    refreshToken: Digest,
    lifetimes: Lifetimes,
  },
  Refresh: {
    ...authenticated,
    ...versioned,
    grantId: GrantId,
    presented: PresentedRefresh,
    scopes: Schema.NullOr(Scopes),
    resources: Schema.NullOr(Resources),
    authorizationDetails: Schema.optionalKey(DetailTexts),
    jkt: Schema.NullOr(Jkt),
    lifetimes: Lifetimes,
  },
  RevokeToken: { ...authenticated, grantId: GrantId, presented: PresentedToken, cascade: Schema.Boolean },
  /** By the subject that gave the grant, or by the operator if it is `null`. */
  RevokeGrant: { grantId: GrantId, subjectId: Schema.NullOr(SubjectId), at: EpochMillis },
  /** By any grant type that asks nobody. */
  IssueToken: {
    ...authenticated,
    grantId: GrantId,
    grantType: GrantType,
    basis: DirectBasis,
    scopes: Schema.NullOr(Scopes),
    resources: Resources,
    offer: Offer,
    jkt: Schema.NullOr(Jkt),
    accessToken: Digest,
    lifetimes: Lifetimes,
    authorizationDetails: Schema.optionalKey(DetailTexts),
    /** Who acts for the subject, the current one first; nobody by default. */
    actors: Schema.optionalKey(Schema.Array(Actor).check(Schema.isMaxLength(MAX_ANCESTORS))),
  },
  /** One token for another, of less and of nothing more; `mayAct` alone may exchange that one further. */
  ExchangeToken: {
    ...authenticated,
    grantId: GrantId,
    grantType: GrantType,
    subject: Ancestor,
    actor: Schema.NullOr(Ancestor),
    policy: Text(128),
    mayAct: Schema.NullOr(Actor),
    scopes: Schema.NullOr(Scopes),
    resources: Schema.NullOr(Resources),
    authorizationDetails: Schema.optionalKey(DetailTexts),
    /** Of what the token allows besides, the types that may be left of it; all by default. */
    detailTypes: Schema.optionalKey(Schema.Array(Schema.String)),
    offer: Offer,
    jkt: Schema.NullOr(Jkt),
    accessToken: Digest,
    lifetimes: Lifetimes,
  },

  RevokeSubjectSessions: subject,
  DisableSubject: subject,
  EnableSubject: subject,
  ForgetSubject: subject,
})
export type Command = typeof Command.Type

/** The tag of a command. */
export type CommandType = Command["_tag"]

/** The command with a tag. */
export type CommandOf<Type extends CommandType> = Extract<Command, { _tag: Type }>
export const commandTypes = Object.keys(Command.cases) as ReadonlyArray<CommandType>
