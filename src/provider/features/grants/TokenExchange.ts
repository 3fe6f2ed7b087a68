/**
 * `grant_type=urn:ietf:params:oauth:grant-type:token-exchange`: one token for another (RFC 8693).
 *
 * A token of this server leads to a grant that came of it, which the core judges with all its ancestors. A JWT of a trusted
 * issuer leads to a grant by a policy, which ends no later than the JWT says. Either way the client proves itself before
 * anything is looked at, and whoever acts is told. It gives access tokens alone, and never a refresh token.
 */
import { actorsIn, includesResource } from "../../../protocol/index.ts"
import { refusals } from "../../../core/index.ts"
import { OAuthError, oauthError } from "../../OAuthError.ts"
import type { AccessToken, OAuthClientInformationFull } from "../../Records.ts"
import { detailsOutOfPlace, readDetails } from "../details/ReadDetails.ts"
import type { Caller, FeatureContext, GrantType } from "../Feature.ts"
import type { TokenIntention } from "../TokenIntention.ts"
import { optional, scopeList, type Parameters } from "../Form.ts"
import { trustedIssuers, type TrustedIssuer, type TrustedIssuers, type VerifiedJwt } from "../issuers/TrustedIssuer.ts"
import {
  ownTokens,
  type ExchangeAllowed,
  type ExchangeAsked,
  type ExchangePolicy,
  type VerifiedToken,
} from "./ExchangePolicy.ts"

/** What may be exchanged, and by whom. */
export interface TokenExchangeOptions {
  /** By default a client exchanges its own tokens, and those for the resource that it is the server of. */
  readonly policy?: ExchangePolicy
  /** Issuers whose JWTs are taken as subject tokens; none by default. */
  readonly issuers?: ReadonlyArray<TrustedIssuer>
}

export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"

const TYPE = "urn:ietf:params:oauth:token-type:"
const ACCESS_TOKEN = `${TYPE}access_token`

/** What a JWT of each type calls itself (RFC 9068 2.1, RFC 7519 5.1), so that no kind passes for another. */
const typs: Readonly<Record<string, ReadonlyArray<string | undefined>>> = {
  [ACCESS_TOKEN]: ["at+jwt", "application/at+jwt"],
  [`${TYPE}jwt`]: [undefined, "JWT"],
  [`${TYPE}id_token`]: [undefined, "JWT"],
}

const bad = (description: string): OAuthError => oauthError("invalid_request", description)
const badSubject = (why: string) => bad(`subject_token cannot be exchanged: ${why}`)

/** Exchanging tokens, as `policy` allows; throws a `ConfigFault` for an issuer that cannot be trusted. */
export const tokenExchange = ({ policy = ownTokens, issuers = [] }: TokenExchangeOptions = {}): GrantType => {
  const trusted = trustedIssuers(issuers)
  return {
    kind: "grant type",
    name: TOKEN_EXCHANGE,
    requirements: ["RFC8693-2.2.2-errors"],
    responseMembers: { issued_token_type: ACCESS_TOKEN },
    registrationFault: ({ token_endpoint_auth_method: method }) =>
      method === "none" ? "a client that exchanges tokens proves itself: `none` is no way to" : undefined,
    read: async (_request, form, caller, context) => {
      const fault = formFault(form)
      if (fault !== undefined) return fault
      // Who proves nothing learns nothing about what it brings.
      const client = await context.clientFor(caller, TOKEN_EXCHANGE)
      if (client instanceof OAuthError) return client
      return exchanging({ form, caller, context, client, policy, trusted })
    },
  }
}

//= RFC8693-2.2.2-errors
const formFault = (form: Parameters): OAuthError | undefined => {
  const [subject, type] = [form.get("subject_token"), form.get("subject_token_type")]
  if (subject === undefined) return bad("subject_token is missing")
  if (type === undefined) return bad("subject_token_type is missing")
  if (!Object.hasOwn(typs, type)) return bad(`subject_token_type is not one of ${Object.keys(typs).join(", ")}`)
  const requested = form.get("requested_token_type") ?? ACCESS_TOKEN
  if (requested !== ACCESS_TOKEN) return bad(`requested_token_type is not ${ACCESS_TOKEN}, which is all that is issued`)
  const [actor, actorType] = [form.get("actor_token"), form.get("actor_token_type")]
  if (actor === undefined && actorType !== undefined) return bad("actor_token_type comes without actor_token")
  if (actor !== undefined && actorType !== ACCESS_TOKEN) return bad(`actor_token_type is not ${ACCESS_TOKEN}`)
  return undefined
}

interface Exchanging {
  readonly form: Parameters
  readonly caller: Caller
  readonly context: FeatureContext
  readonly client: OAuthClientInformationFull
  readonly policy: ExchangePolicy
  readonly trusted: TrustedIssuers
}

const exchanging = async (exchange: Exchanging): Promise<TokenIntention | OAuthError> => {
  const { form, context } = exchange
  const token = form.get("subject_token")!
  const own = form.get("subject_token_type") === ACCESS_TOKEN ? await context.accessOf(token) : undefined
  return own === undefined ? ofTrusted(exchange, token) : ofOurs(exchange, token, own)
}

const presented = (
  issuer: string,
  { clientId, subject, scopes, resource, authorizationDetails, actors, mayAct }: AccessToken,
): VerifiedToken => ({
  issuer,
  clientId,
  ...optional("subject", subject),
  scopes,
  resource,
  ...optional("authorizationDetails", authorizationDetails),
  actors: actors ?? [],
  ...optional("mayAct", mayAct),
})

/** A token of this server: what it came of is the core's to judge. */
const ofOurs = async (exchange: Exchanging, token: string, own: AccessToken): Promise<TokenIntention | OAuthError> => {
  const { form, context } = exchange
  const actorToken = form.get("actor_token")
  const actor = actorToken === undefined ? undefined : await context.accessOf(actorToken)
  if (actorToken !== undefined && actor === undefined) {
    const [error, description] = refusals["actor-token-bad"]
    return oauthError(error, description)
  }
  const subjectToken = presented(context.issuer, own)
  const allowed = await allowedFor(exchange, subjectToken, actor && presented(context.issuer, actor))
  if (!("policy" in allowed)) return allowed
  return {
    _tag: "ExchangeToken",
    subjectToken: token,
    ...optional("actorToken", actorToken),
    policy: allowed.policy,
    ...optional("mayAct", allowed.mayAct),
    scopes: allowed.scopes,
    resource: allowed.resource,
    ...optional("authorizationDetails", allowed.authorizationDetails),
    ...optional("detailTypes", allowed.detailTypes),
  }
}

/** A JWT of a trusted issuer: the client acts for the person that it is about. */
const ofTrusted = async (exchange: Exchanging, token: string): Promise<TokenIntention | OAuthError> => {
  const { form, context, client, trusted } = exchange
  if (form.get("actor_token") !== undefined) {
    return badSubject(
      "with an actor_token only one of this server can be, for the client itself acts for anybody else's",
    )
  }
  const misplaced = detailsOutOfPlace(form, "exchanging a token of another issuer")
  if (misplaced !== undefined) return misplaced
  const found = await trusted.verify(token, context.now())
  if ("fault" in found) return badSubject(found.fault)
  const fault = foreignFault(found, form.get("subject_token_type")!, context.issuer, client.client_id)
  if (fault !== undefined) return badSubject(fault)
  const { claims } = found
  const before = actorsIn(claims["act"])
  if (before === undefined) return badSubject("act cannot be read")

  const scopes = typeof claims["scope"] === "string" ? claims["scope"].split(" ").filter((one) => one !== "") : []
  const allowed = await allowedFor(exchange, {
    issuer: claims.iss,
    scopes,
    resource: [],
    actors: before,
    ...optional("mayAct", claims["may_act"] === undefined ? undefined : client.client_id),
    claims,
  })
  if (!("policy" in allowed)) return allowed
  const people = await Promise.all([claims.sub, ...before].map((sub) => context.subjectOf(claims.iss, sub)))
  const [subjectId, ...actors] = people
  if (subjectId === undefined || actors.includes(undefined)) return badSubject("sub cannot be anybody here")
  return {
    _tag: "IssueToken",
    basis: { _tag: "Policy", subjectId, approvedAt: context.now(), policy: allowed.policy },
    actors: [client.client_id, ...actors.filter((one) => one !== undefined)],
    until: claims.exp * 1000,
    scopes: allowed.scopes,
    resource: allowed.resource,
  }
}

/** Why a genuine token is none that this client may exchange here. */
const foreignFault = (
  { trusted, typ, claims }: VerifiedJwt,
  type: string,
  issuer: string,
  clientId: string,
): string | undefined => {
  if (!typs[type]!.includes(typ)) return `typ is not that of ${type}`
  const audience = [claims.aud ?? []].flat()
  const meant = trusted.audiences ?? [issuer]
  if (!audience.some((one) => meant.includes(one))) return "it is for somebody else"
  if (trusted.clients !== undefined && !trusted.clients.includes(clientId)) return "this client may not bring it"
  const mayAct = claims["may_act"]
  if (mayAct === undefined) return undefined
  const isNamed = typeof mayAct === "object" && mayAct !== null && "sub" in mayAct && mayAct.sub === clientId
  const isHere = isNamed && (!("iss" in mayAct) || mayAct.iss === issuer)
  return isHere ? undefined : "it names who may act, and that is somebody else"
}

type Allowed = ExchangeAllowed &
  Required<Pick<ExchangeAllowed, "scopes" | "resource">> &
  Pick<ExchangeAsked, "authorizationDetails">

/** What is left by the policy: of what was asked for, and of what the token has. */
const allowedFor = async (
  { form, context, client, policy }: Exchanging,
  subjectToken: VerifiedToken,
  actorToken?: VerifiedToken,
): Promise<Allowed | OAuthError> => {
  const scopes = scopeList(form)
  // RFC 8693 2.1: a service by its logical name is one by its address here.
  const named = [...(form.list("resource") ?? []), ...(form.list("audience") ?? [])]
  const resource = named.length === 0 ? undefined : named
  const details = readDetails(form.get("authorization_details"))
  if (details instanceof OAuthError) return details
  const allowed = await policy({
    issuer: context.issuer,
    client,
    ...optional("audience", await context.audienceOf(client.client_id)),
    subjectToken,
    ...optional("actorToken", actorToken),
    ...optional("scopes", scopes),
    ...optional("resource", resource),
    ...optional("authorizationDetails", details),
  })
  if (allowed === undefined) return bad("this client may not exchange this token")
  // What a token of ours has is the core's to judge; only a limit needs it here.
  const ownOf = (own: ReadonlyArray<string>, limit: ReadonlyArray<string> | undefined) =>
    limit === undefined && subjectToken.issuer === context.issuer ? [] : own
  const includes = (list: ReadonlyArray<string>, one: string) => list.includes(one)
  const left = leftOf(scopes, ownOf(subjectToken.scopes, allowed.scopes), allowed.scopes, includes)
  if (left === undefined) return oauthError("invalid_scope", "a scope is not one that may be had for this token")
  const leftResource = leftOf(
    resource,
    ownOf(subjectToken.resource, allowed.resource),
    allowed.resource,
    includesResource,
  )
  if (leftResource === undefined)
    return oauthError("invalid_target", "a resource is not one that may be had for this token")
  return { ...allowed, scopes: left, resource: leftResource, ...optional("authorizationDetails", details) }
}

/** What was asked for, within the token and the limit; without a wish, what both have. `undefined` where it goes beyond. */
const leftOf = (
  asked: ReadonlyArray<string> | undefined,
  own: ReadonlyArray<string>,
  limit: ReadonlyArray<string> | undefined,
  includes: (list: ReadonlyArray<string>, one: string) => boolean,
): ReadonlyArray<string> | undefined => {
  const there = own.length === 0 ? limit : limit === undefined ? own : own.filter((one) => includes(limit, one))
  if (there === undefined) return asked ?? []
  if (asked === undefined) return there.length === 0 ? undefined : there
  return asked.every((one) => includes(there, one)) ? asked : undefined
}
