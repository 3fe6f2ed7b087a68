/**
 * `GET /authorize`: a client asks for a code, through a browser (OAuth 2.1 4.1.1).
 *
 * Nobody is sent anywhere before client and redirect URI are known to belong together. After that, an error goes back
 * to the client only when somebody is signed in and the client is vouched for; else it is shown here, with a link. Nothing is one-time on GET: asking
 * twice opens two grants, and a code that nobody redeems expires.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isLoopbackHost, redirectUriFault, redirectUriMatches } from "../../protocol/index.ts"
import {
  OAuthError,
  requestOf,
  type AuthorizationParams,
  type Failure,
  type OAuthClientInformationFull,
  type ProtocolServer,
} from "../../provider/index.ts"
import { MAX_PATH_CHARACTERS, consentPath } from "../AuthorizationRequests.ts"
import { clientAddress, isVouchedFor, tellClient, type ClientTarget, type Fault } from "../ClientAnswer.ts"
import type { BrowserFlow } from "../BrowserFlow.ts"
import { optional, parseParameters, scopeList, type Parameters } from "../../provider/features/Form.ts"
import type { SignedIn } from "../login/Login.ts"
import { elsewherePage, failurePage, messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { redirect } from "../Reply.ts"
import { isForwarded } from "../Source.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"

const MAX_STATE_CHARACTERS = 4096
const MAX_HINT_CHARACTERS = 128

interface Target extends ClientTarget {
  readonly clientId: string
  readonly isExplicit: boolean
}

export const authorize =
  (server: ProtocolServer, flow: BrowserFlow | undefined): Endpoint =>
  (request) =>
    Effect.gen(function* () {
      const { settings } = server
      const query = new URLSearchParams(request.query)
      const found = yield* targetOf(server, query)
      if (Result.isFailure(found)) return yield* messagePage(settings, 400, found.failure)
      const target = found.success

      const isAutomatic = server.isAutoApproved(target.redirectUri) && isFromThisMachine(request)
      const signedIn = isAutomatic ? undefined : yield* flow?.login.current(request) ?? Effect.succeed(undefined)
      const refuse = (fault: Fault) => refusal(server, flow, target, fault, isAutomatic ? "automatic" : signedIn)
      const parameters = Result.mapError(parseParameters(query), invalidRequest)
      const params = Result.flatMap(parameters, (read) => paramsOf(read, target))
      if (Result.isFailure(params)) return yield* refuse(params.failure)
      if (isAutomatic || flow === undefined) return yield* answer(server, target, params.success, refuse)

      const judged = yield* Effect.result(flow.server.preview(unapproved(target, params.success)))
      if (Result.isFailure(judged)) {
        const { failure } = judged
        if (!(failure instanceof OAuthError)) return yield* failure
        return yield* refuse(failure)
      }
      const prompt = Result.flatMap(parameters, promptOptionsOf)
      if (Result.isFailure(prompt)) return yield* refuse(prompt.failure)
      if (prompt.success.isSilent) return yield* refuse(silentFault(signedIn))
      return yield* goOn(flow, request, target, params.success, prompt.success, refuse)
    }).pipe(Effect.catch((failure) => failurePage(server.settings, failure)))

/** The request as it would be put to whoever signs in: what nobody could be granted, nobody is asked. */
const unapproved = ({ clientId }: Target, params: AuthorizationParams) => ({
  clientId,
  request: requestOf(params),
  scopes: params.scopes ?? null,
  resources: params.resource ?? [],
})

type Refuse = (fault: Fault) => Effect.Effect<WireReply, Failure>

/** Told to the client where somebody is there, or stands in for everybody, and the client is vouched for. */
const refusal = (
  server: ProtocolServer,
  flow: BrowserFlow | undefined,
  target: Target,
  fault: Fault,
  present: SignedIn | "automatic" | undefined,
) =>
  Effect.gen(function* () {
    const mayRedirect =
      present === "automatic" ||
      (flow !== undefined &&
        present !== undefined &&
        (yield* isVouchedFor(flow.server, target.clientId, target, present.subjectId)))
    return yield* tellClient(server.settings, target, fault, mayRedirect)
  })

/** Nothing is remembered, so without asking nobody gets anything. */
const silentFault = (signedIn: SignedIn | undefined): Fault =>
  signedIn === undefined
    ? { error: "login_required", description: "nobody is signed in, and prompt=none asks to ask nobody" }
    : { error: "consent_required", description: "every request is approved anew, and prompt=none asks to ask nobody" }

/** On to consent, and to login on the way there if need be; the request travels along. */
const goOn = (
  flow: BrowserFlow,
  request: WireRequest,
  target: Target,
  params: AuthorizationParams,
  prompt: PromptOptions,
  refuse: Refuse,
) =>
  Effect.gen(function* () {
    const { settings } = flow.server
    if (!flow.browser.isAtHome(request)) return yield* elsewherePage(settings, request)
    const { browser, recognised } = flow.browser.identify(request)
    const { maxAgeSeconds, loginHint } = prompt
    const path = yield* consentPath(flow, {
      clientId: target.clientId,
      params,
      browser,
      authenticatedAfter: maxAgeSeconds === undefined ? 0 : flow.server.now() - maxAgeSeconds * 1000,
      ...optional("loginHint", loginHint),
    })
    if (path.length > MAX_PATH_CHARACTERS) {
      return yield* refuse(
        invalidRequest("the request is too long to be carried through login: shorten state and resource"),
      )
    }
    return recognised(redirect(flow.browser.homeOf(request) + path))
  })

/** Auto-approval is for this machine: by the address it came from, by the name it asked for, and with nobody in between. */
const isFromThisMachine = ({ source, headers }: WireRequest): boolean =>
  /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/.test(source) &&
  isLoopbackHost((headers["host"] ?? "").replace(/:\d{1,5}$/, "").toLowerCase()) &&
  !isForwarded(headers)

const invalidRequest = (description: string): Fault => ({ error: "invalid_request", description })

/** The client and its redirect URI; the failure is a sentence for a page, because there is nobody to send it to. */
//= OAUTH21-2.3.5-no-redirect-on-bad-uri
const targetOf = (server: ProtocolServer, query: URLSearchParams) =>
  Effect.gen(function* () {
    const [clientId, ...otherIds] = query.getAll("client_id").filter((value) => value !== "")
    const [asked, ...otherUris] = query.getAll("redirect_uri").filter((value) => value !== "")
    if (otherIds.length > 0 || otherUris.length > 0) {
      return Result.fail("The link names more than one client or redirect URI.")
    }
    if (clientId === undefined) return Result.fail("The link names no client: client_id is missing.")
    const client = yield* server.findClient(clientId)
    if (client === undefined) return Result.fail("The client is not known here; it has to register first.")
    const redirectUri = redirectUriFor(client, asked, server.settings.appSchemes)
    if (redirectUri === undefined) {
      return Result.fail(
        asked === undefined
          ? "The link names no redirect URI, and the client has not registered exactly one."
          : "The redirect URI is not one that the client has registered.",
      )
    }
    const states = query.getAll("state")
    const state = states.length === 1 && states[0] !== "" ? states[0] : undefined
    return Result.succeed<Target>({ clientId, redirectUri, isExplicit: asked !== undefined, state })
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

const paramsOf = (parameters: Parameters, target: Target): Result.Result<AuthorizationParams, Fault> => {
  const fail = (description: string) => Result.fail(invalidRequest(description))
  //= OAUTH21-4.1.1-missing-response-type
  //= RFC9700-2.1.2-no-implicit
  const responseType = parameters.get("response_type")
  if (responseType === undefined) return fail("response_type is missing")
  if (responseType !== "code") {
    return Result.fail({ error: "unsupported_response_type", description: "response_type is not code" })
  }
  if ((parameters.get("response_mode") ?? "query") !== "query") return fail("response_mode is not query")
  if (parameters.get("request") !== undefined || parameters.get("request_uri") !== undefined) {
    return fail("request objects are not supported")
  }
  if ((target.state?.length ?? 0) > MAX_STATE_CHARACTERS) {
    return fail(`state is longer than ${MAX_STATE_CHARACTERS} characters`)
  }
  //= OAUTH21-4.1.2.1-reject-no-challenge
  const codeChallenge = parameters.get("code_challenge")
  //= RFC9700-2.1.1-pkce-downgrade
  if (codeChallenge === undefined) return fail("code_challenge is missing: use PKCE with S256")
  //= OAUTH21-4.1.2.1-unsupported-method
  if (parameters.get("code_challenge_method") !== "S256") return fail("code_challenge_method is not S256")
  if (!/^[0-9A-Za-z_-]{43}$/.test(codeChallenge)) return fail("code_challenge is not 43 characters of base64url")
  return Result.succeed({
    codeChallenge,
    redirectUri: target.redirectUri,
    redirectUriProvidedExplicitly: target.isExplicit,
    ...optional("state", target.state),
    ...optional("scopes", scopeList(parameters)),
    ...optional("resource", parameters.list("resource")),
  })
}

/** What the client asks of the login (OpenID Connect Core 3.1.2.1, as far as it makes sense without it). */
interface PromptOptions {
  readonly isSilent: boolean
  readonly maxAgeSeconds: number | undefined
  readonly loginHint: string | undefined
}

const promptOptionsOf = (parameters: Parameters): Result.Result<PromptOptions, Fault> => {
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
  const isLoginAsked = prompts.includes("login") || prompts.includes("select_account")
  return Result.succeed({
    isSilent: prompts.includes("none"),
    maxAgeSeconds: isLoginAsked ? 0 : maxAge === undefined ? undefined : Number(maxAge),
    loginHint: parameters.get("login_hint")?.slice(0, MAX_HINT_CHARACTERS),
  })
}

const answer = (
  server: ProtocolServer,
  target: Target,
  params: AuthorizationParams,
  refuse: Refuse,
): Effect.Effect<WireReply, Failure> =>
  server.authorize(target.clientId, params).pipe(
    Effect.flatMap((outcome) => {
      switch (outcome._tag) {
        case "Approved":
          return Effect.succeed(redirect(clientAddress(server.settings, target, { code: outcome.code })))
        case "Elsewhere":
          return Effect.succeed(redirect(outcome.location))
        case "LoginUnavailable":
          return messagePage(server.settings, 501, strings.login.unavailable)
      }
    }),
    Effect.catch((failure) => (failure instanceof OAuthError ? refuse(failure) : Effect.fail(failure))),
  )
