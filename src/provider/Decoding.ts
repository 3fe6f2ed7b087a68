/**
 * What callers say, as the core knows it: foreign text becomes ids, scopes, resources, redirect URIs and moments here.
 *
 * Whatever comes from outside, over the wire or from a program that embeds the server, passes here before a command is
 * made of it. What is none of these is the caller's own mistake, told in OAuth's words; it never reaches the core or
 * the store, where it would look like an outage.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  MAX_DETAILS,
  detailText,
  distinctResources,
  type AuthorizationDetail,
  type OAuthErrorCode,
} from "../protocol/index.ts"
import {
  Acr,
  Actor,
  Amr,
  Approval,
  AuthorizationRequest,
  ClientId,
  DetailTexts,
  Digest,
  DirectBasis,
  EpochMillis,
  GrantId,
  GrantType,
  Jkt,
  LoginContext,
  MAX_ANCESTORS,
  RedirectUri,
  Resources,
  Scopes,
  SubjectId,
  Text,
  refusals,
} from "../core/index.ts"
import { StoreFault } from "../log/index.ts"
import { oauthError, type OAuthError } from "./OAuthError.ts"

type Reader<A> = (value: unknown) => Effect.Effect<A, OAuthError>

/** Reads a value by its schema. Any other value is refused with this error. */
export const readerOf = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  error: OAuthErrorCode,
  description: string,
): Reader<S["Type"]> => {
  const decode = Schema.decodeUnknownResult(schema)
  return (value) => Effect.fromResult(Result.mapError(decode(value), () => oauthError(error, description)))
}

/** Reads what stands in a row beside the log, for use in a read of the store. */
const storedAs = <S extends Schema.ConstraintDecoder<unknown>>(schema: S): ((value: unknown) => S["Type"]) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (value) =>
    Result.getOrThrowWith(decode(value), (cause) => {
      const message = "a row of an account, a session or a device is damaged: remove it, or restore a backup"
      return new StoreFault({ reason: "corrupt", message, cause })
    })
}

export const storedSubjectId = storedAs(SubjectId)
export const storedDigest = storedAs(Digest)
export const storedGrantId = storedAs(GrantId)
export const storedLogin = storedAs(LoginContext)

/** A text that cannot be a client id is answered like an unknown client. */
export const clientIdOf = readerOf(ClientId, ...refusals["client-unknown"])
export const grantTypeOf = readerOf(GrantType, "unsupported_grant_type", "grant_type is not a name or URI")
export const grantIdOf = readerOf(GrantId, "invalid_request", "a grant id is 22 letters and digits")
export const subjectIdOf = readerOf(
  SubjectId,
  "invalid_request",
  "a subject id begins with sub_; accounts have names, subjects ids",
)
export const redirectUriOf = readerOf(RedirectUri, "invalid_request", "redirect_uri is not a URI")
export const sessionDigestOf = readerOf(Digest, "invalid_request", "a session is named by its `digest`, 43 characters")
export const timeOf = readerOf(EpochMillis, "invalid_request", "a time is a whole number of milliseconds since 1970")
const momentAt = readerOf(EpochMillis, "invalid_request", "requestedAt is not a moment in milliseconds since 1970")
export const approvalOf = readerOf(
  Approval,
  "invalid_request",
  "the approval names no subject, moment or policy as it should",
)
export const directBasisOf = readerOf(
  DirectBasis,
  "invalid_request",
  "the basis of a token names no subject, moment or policy as it should",
)
/** What a login says of itself, foreign text; a time in milliseconds since the epoch. */
export interface LoginSays {
  readonly authTime?: unknown
  readonly acr?: unknown
  readonly amr?: unknown
}

export const isAcr = Schema.is(Acr)
export const isAmr = Schema.is(Amr)
const isMoment = Schema.is(EpochMillis)

/** What can be kept of what a login says: no moment that is still to come, and no name that is none. */
export const loginContextOf = ({ authTime, acr, amr }: LoginSays, now: EpochMillis): LoginContext => {
  const said = typeof authTime === "number" ? Math.floor(authTime) : undefined
  return {
    authTime: isMoment(said) && said <= now ? said : now,
    ...(isAcr(acr) ? { acr } : {}),
    ...(isAmr(amr) && amr.length > 0 ? { amr } : {}),
  }
}

const requestOf = readerOf(
  AuthorizationRequest,
  "invalid_request",
  "the request has no redirect URI or S256 challenge that can be one",
)
export const digestOf = readerOf(Digest, "invalid_request", "metadataDigest is not a SHA-256 in base64url")
const READABLE_ACTOR = "an actor is a client id, or a subject id that begins with sub_"
export const actorOf = readerOf(Actor, "invalid_request", READABLE_ACTOR)
export const actorsOf = readerOf(
  Schema.Array(Actor).check(Schema.isMaxLength(MAX_ANCESTORS)),
  "invalid_request",
  `${READABLE_ACTOR}, and at most ${MAX_ANCESTORS} of them act in turn`,
)
export const policyOf = readerOf(Text(128), "invalid_request", "the name of a policy has at most 128 characters")
const thumbprintOf = readerOf(Jkt, "invalid_request", "jkt is not a key thumbprint")

export const jktOf = (jkt: string | undefined): Effect.Effect<Jkt | null, OAuthError> =>
  jkt === undefined ? Effect.succeed(null) : thumbprintOf(jkt)

const readScopes = readerOf(Scopes, "invalid_scope", "scope is not a space-separated list of at most 64 scope tokens")
const readResources = readerOf(
  Resources,
  "invalid_target",
  "a resource is not an absolute URI without fragment, or there are more than 16",
)

/** The list without repetitions. A value that is not a list is left for its schema to refuse. */
const distinct = (list: unknown): unknown => (Array.isArray(list) ? [...new Set(list)] : list)

/** The scopes asked for; `null` when none were named, an empty list included. */
//= OAUTH21-3.1-empty-is-absent
export const scopesOf = (asked: ReadonlyArray<string> | null | undefined): Effect.Effect<Scopes | null, OAuthError> =>
  !asked?.length ? Effect.succeed(null) : readScopes(distinct(asked))

/** The resources asked for; `null` when none were named. Two spellings of one are one, as it was spelled first. */
//= RFC8707-2-absolute-no-fragment
export const resourcesOf = (
  asked: ReadonlyArray<string> | null | undefined,
): Effect.Effect<Resources | null, OAuthError> =>
  !asked?.length ? Effect.succeed(null) : Effect.map(readResources(distinct(asked)), distinctResources)

const readDetails = readerOf(
  DetailTexts,
  "invalid_authorization_details",
  `authorization_details has what is no object with a type, or more than ${MAX_DETAILS} of them`,
)

/** The authorization details asked for, as a member of a command: absent where none were named. */
export const detailsOf = (
  asked: ReadonlyArray<AuthorizationDetail> | undefined,
): Effect.Effect<{ readonly authorizationDetails?: DetailTexts }, OAuthError> => {
  if (asked === undefined || (Array.isArray(asked) && asked.length === 0)) return Effect.succeed({})
  const texts = Array.isArray(asked) ? [...new Set(asked.map(detailText))] : asked
  return Effect.map(readDetails(texts), (authorizationDetails) => ({ authorizationDetails }))
}

/** What somebody is to approve, as a caller has it: text, which is read when it comes in. */
export interface OpenGrantRequest {
  /** The client that asked. */
  readonly clientId: string
  /** Who approved it, and how. */
  readonly approval: typeof Approval.Encoded
  /** What the code will be bound to. */
  readonly request: typeof AuthorizationRequest.Encoded
  /** `null`, like an empty list, stands for the default scopes. */
  readonly scopes: ReadonlyArray<string> | null
  /** The resources that were asked for (RFC 8707); none for the default. */
  readonly resources: ReadonlyArray<string>
  /** What was asked for besides (RFC 9396). */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** The id of the authorization request if it was minted earlier; by default one is minted. */
  readonly grantId?: string
  /** The SHA-256 of the metadata document that was shown of the client, in base64url, where it has one. */
  readonly metadataDigest?: string
  /** When the request came, milliseconds since the epoch; default now. */
  readonly requestedAt?: number
}

/** A whole authorization request, whoever approves it. */
export const openingOf = Effect.fnUntraced(function* (asked: Omit<OpenGrantRequest, "approval">) {
  const { grantId, requestedAt, metadataDigest } = asked
  return {
    clientId: yield* clientIdOf(asked.clientId),
    grantId: grantId === undefined ? undefined : yield* grantIdOf(grantId),
    request: yield* requestOf(asked.request),
    scopes: yield* scopesOf(asked.scopes),
    resources: (yield* resourcesOf(asked.resources)) ?? [],
    ...(yield* detailsOf(asked.authorizationDetails)),
    metadataDigest: metadataDigest === undefined ? null : yield* digestOf(metadataDigest),
    requestedAt: requestedAt === undefined ? undefined : yield* momentAt(requestedAt),
  }
})

export type Opening = Effect.Success<ReturnType<typeof openingOf>>
