/**
 * An authorization request, read: where its parameters are, whose it is, what it asks for (OAuth 2.1 4.1.1).
 *
 * One of the sources that are switched on gives the parameters. What is wrong with them is told in the client's words;
 * only where client and redirect URI do not belong together there is nobody to tell but the person. Asks nobody
 * anything, and judges nothing that the core judges.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { redirectUriFault, redirectUriMatches } from "../protocol/index.ts"
import {
  OAuthError,
  isAcr,
  oauthError,
  type OAuthClientInformationFull,
  type ProtocolServer,
  type RequestParams,
  type Unavailable,
} from "../provider/index.ts"
import type { AuthorizationRequestRead, FeatureContext } from "../provider/features/Feature.ts"
import type { Features } from "../provider/features/Features.ts"
import { optional, scopeList, type Parameters } from "../provider/features/Form.ts"
import { detailsFault, readDetails, unservedFault } from "../provider/features/details/ReadDetails.ts"
import type { WireRequest } from "../provider/features/Wire.ts"
import { settled } from "../provider/features/Settled.ts"
import type { ClientTarget, Fault } from "./ClientAnswer.ts"

const MAX_STATE_CHARACTERS = 4096
const MAX_HINT_CHARACTERS = 128
const MAX_ACR_VALUES = 16
const MAX_NONCE_CHARACTERS = 512

/** A request as it was read, and by which sources. */
export interface SourcedRequest extends AuthorizationRequestRead {
  readonly sources: ReadonlyArray<string>
}

export interface Target extends ClientTarget {
  readonly client: OAuthClientInformationFull
  readonly isExplicit: boolean
  readonly request: SourcedRequest
}

/** Read by the source that knows it by a parameter of its own, else as the query itself. */
export const readRequest = (
  { authorizationRequestSources: sources }: Features,
  query: URLSearchParams,
  request: WireRequest,
  context: FeatureContext,
): Effect.Effect<SourcedRequest, OAuthError | Unavailable> => {
  const isSent = (parameter: string) => query.getAll(parameter).some((value) => value !== "")
  const [known, other] = sources.filter(({ parameter }) => parameter !== undefined && isSent(parameter))
  if (other !== undefined) {
    const ways = `${known!.parameter} and ${other.parameter}`
    return Effect.fail(oauthError("invalid_request", `the request comes by ${ways}: use one of them`))
  }
  const source = known ?? sources.find(({ parameter }) => parameter === undefined)!
  return Effect.map(settled(source.read(query, request, context)), (read) => ({
    ...read,
    sources: [source.name, ...(read.through ?? [])],
  }))
}

export const invalidRequest = (description: string): Fault => ({ error: "invalid_request", description })

/** The client and its redirect URI; the failure is a sentence for a page, because there is nobody to send it to. */
//= OAUTH21-2.3.5-no-redirect-on-bad-uri
export const targetOf = (server: ProtocolServer, request: SourcedRequest) =>
  Effect.gen(function* () {
    const { features, settings } = server
    const { parameters: query } = request
    const [clientId, ...otherIds] = query.getAll("client_id").filter((value) => value !== "")
    const [asked, ...otherUris] = query.getAll("redirect_uri").filter((value) => value !== "")
    if (otherIds.length > 0 || otherUris.length > 0) {
      return Result.fail("The link names more than one client or redirect URI.")
    }
    if (clientId === undefined) return Result.fail("The link names no client: client_id is missing.")
    const found = yield* Effect.result(server.findClient(clientId))
    //= CIMD-4.3-abort
    if (Result.isFailure(found)) {
      const { failure } = found
      return failure instanceof OAuthError
        ? Result.fail(`The client cannot be told: ${failure.description}.`)
        : yield* Effect.fail(failure)
    }
    const client = found.success
    if (client === undefined) return Result.fail("The client is not known here; it has to register first.")
    const redirectUri = redirectUriFor(client, asked, settings.appSchemes)
    if (redirectUri === undefined) {
      return Result.fail(
        asked === undefined
          ? "The link names no redirect URI, and the client has not registered exactly one."
          : "The redirect URI is not one that the client has registered.",
      )
    }
    const states = query.getAll("state")
    const state = states.length === 1 && states[0] !== "" ? states[0] : undefined
    const modes = query.getAll("response_mode").filter((mode) => mode !== "query" && features.responseModes.has(mode))
    const responseMode = modes.length === 1 ? modes[0] : undefined
    const isExplicit = asked !== undefined
    return Result.succeed<Target>({ clientId, client, redirectUri, isExplicit, state, responseMode, request })
  })

/** Of the registered ones, only what could be registered today: a list of schemes may have got shorter. */
const redirectUriFor = (
  client: OAuthClientInformationFull,
  asked: string | undefined,
  appSchemes: ReadonlyArray<string>,
): string | undefined => {
  //= OAUTH21-2.3-redirect-no-fragment
  const registered = client.redirect_uris.filter((uri) => redirectUriFault(uri, appSchemes) === undefined)
  if (asked === undefined) return registered.length === 1 ? registered[0] : undefined
  //= OAUTH21-2.3.1-exact-redirect-match
  return registered.some((uri) => redirectUriMatches(uri, asked)) ? asked : undefined
}

/** Why a request of this client cannot have come this way; `undefined` where it can. */
const demandOf = ({ client, request }: Target, { authorizationRequestSources: sources }: Features) =>
  sources
    .filter(({ name }) => !request.sources.includes(name))
    .map(({ demand }) => demand?.(client))
    .find((sentence) => sentence !== undefined)

/** What is asked for besides scopes; a server that has no type of it knows no such parameter. */
const detailsIn = (parameters: Parameters, { client }: Target, { authorizationDetailsTypes: types }: Features) => {
  const details = types.size === 0 ? undefined : readDetails(parameters.get("authorization_details"))
  if (details === undefined || details instanceof OAuthError) return details
  const { authorization_details_types: own = [...types.keys()] } = client
  const fault = unservedFault(types, details)
  if (fault !== undefined) return fault
  if (!details.every(({ type }) => own.includes(type))) {
    return detailsFault("the client is not registered for a type of authorization details that it asks for")
  }
  return details
}

export const paramsOf = (
  parameters: Parameters,
  target: Target,
  features: Features,
): Result.Result<RequestParams, Fault> => {
  const fail = (description: string) => Result.fail(invalidRequest(description))
  const { responseModes, senderConstraints, openIdProvider } = features
  const { fault, grantId, jkt: proven } = target.request
  if (fault !== undefined) return Result.fail(fault)
  const demand = demandOf(target, features)
  if (demand !== undefined) return fail(demand)
  //= OAUTH21-4.1.1-missing-response-type
  //= RFC9700-2.1.2-no-implicit
  const responseType = parameters.get("response_type")
  if (responseType === undefined) return fail("response_type is missing")
  if (responseType !== "code") {
    return Result.fail({ error: "unsupported_response_type", description: "response_type is not code" })
  }
  if (!responseModes.has(parameters.get("response_mode") ?? "query")) {
    return fail(`response_mode is not ${[...responseModes.keys()].join(" or ")}`)
  }
  if (parameters.get("request") !== undefined || parameters.get("request_uri") !== undefined) {
    return fail("request objects are not supported")
  }
  if ((target.state?.length ?? 0) > MAX_STATE_CHARACTERS) {
    return fail(`state is longer than ${MAX_STATE_CHARACTERS} characters`)
  }
  //= OAUTH21-4.1.2.1-reject-no-challenge
  const codeChallenge = parameters.get("code_challenge")
  //= RFC9700-2.1.1-pkce-downgrade
  const method = parameters.get("code_challenge_method")
  // Where people sign in to clients of the operator's own, the core knows which of these need none.
  const isChallenged = openIdProvider === undefined || codeChallenge !== undefined || method !== undefined
  if (isChallenged) {
    if (codeChallenge === undefined) return fail("code_challenge is missing: use PKCE with S256")
    //= OAUTH21-4.1.2.1-unsupported-method
    if (method !== "S256") return fail("code_challenge_method is not S256")
    if (!/^[0-9A-Za-z_-]{43}$/.test(codeChallenge)) return fail("code_challenge is not 43 characters of base64url")
  }
  const nonce = openIdProvider === undefined ? undefined : parameters.get("nonce")
  if ((nonce?.length ?? 0) > MAX_NONCE_CHARACTERS)
    return fail(`nonce is longer than ${MAX_NONCE_CHARACTERS} characters`)
  const asked = senderConstraints.map((constraint) => constraint.requested?.(parameters))
  const [named] = asked.filter((one) => one !== undefined)
  if (named instanceof OAuthError) return Result.fail(named)
  if (named !== undefined && proven !== undefined && named !== proven) {
    return fail("the key that the request names is not the one that was proven when it was pushed")
  }
  const details = detailsIn(parameters, target, features)
  if (details instanceof OAuthError) return Result.fail(details)
  return Result.succeed({
    codeChallenge: codeChallenge ?? null,
    redirectUri: target.redirectUri,
    redirectUriProvidedExplicitly: target.isExplicit,
    ...optional("state", target.state),
    ...optional("responseMode", target.responseMode),
    ...optional("scopes", scopeList(parameters)),
    ...optional("resource", parameters.list("resource")),
    ...optional("authorizationDetails", details),
    ...optional("jkt", proven ?? named),
    ...optional("nonce", nonce),
    ...optional("grantId", grantId),
  })
}

/** What the client asks of the login (OpenID Connect Core 3.1.2.1, RFC 9470 4). */
export interface PromptOptions {
  readonly isSilent: boolean
  readonly maxAgeSeconds: number | undefined
  readonly loginHint: string | undefined
  /** Whether the person has to be asked, whatever a policy says. */
  readonly isConsentAsked: boolean
  /** Strengths that there are here, one of which the login has to be of. */
  readonly acrValues: ReadonlyArray<string> | undefined
}

/** The strengths asked for that there are; a server that knows of none knows no such parameter. */
//= RFC9470-5-acr-necessary
const acrValuesIn = (
  parameters: Parameters,
  { acrValues: known }: Features,
): Result.Result<ReadonlyArray<string> | undefined, Fault> => {
  const text = parameters.get("acr_values")
  if (text === undefined || known.length === 0) return Result.succeed(undefined)
  const asked = [...new Set(text.split(" ").filter((value) => value !== ""))]
  if (asked.length === 0 || asked.length > MAX_ACR_VALUES || !asked.every(isAcr)) {
    return Result.fail(invalidRequest(`acr_values is not a list of 1 to ${MAX_ACR_VALUES} names, separated by spaces`))
  }
  const possible = asked.filter((value) => known.includes(value))
  if (possible.length > 0) return Result.succeed(possible)
  const description = `acr_values names none of the strengths that a login can have here: ${known.join(", ")}`
  return Result.fail({ error: "unmet_authentication_requirements", description })
}

export const promptOptionsOf = (parameters: Parameters, features: Features): Result.Result<PromptOptions, Fault> => {
  const prompts = (parameters.get("prompt") ?? "").split(" ").filter((prompt) => prompt !== "")
  const unknown = prompts.find((prompt) => !["none", "login", "consent", "select_account"].includes(prompt))
  if (unknown !== undefined) return Result.fail(invalidRequest("prompt is not none, login, consent or select_account"))
  if (prompts.includes("none") && prompts.length > 1) {
    return Result.fail(invalidRequest("prompt has none beside others"))
  }
  const maxAge = parameters.get("max_age")
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) {
    return Result.fail(invalidRequest("max_age is not a number of seconds"))
  }
  const acrValues = acrValuesIn(parameters, features)
  if (Result.isFailure(acrValues)) return Result.fail(acrValues.failure)
  const isLoginAsked = prompts.includes("login") || prompts.includes("select_account")
  return Result.succeed({
    isSilent: prompts.includes("none"),
    isConsentAsked: prompts.includes("consent"),
    maxAgeSeconds: isLoginAsked ? 0 : maxAge === undefined ? undefined : Number(maxAge),
    loginHint: parameters.get("login_hint")?.slice(0, MAX_HINT_CHARACTERS),
    acrValues: acrValues.success,
  })
}
