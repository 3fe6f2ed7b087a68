/**
 * `GET /authorize`: a client asks for a code, through a browser (OAuth 2.1 4.1.1).
 *
 * Nobody is sent anywhere before client and redirect URI are known to belong together. After that, an error goes back
 * to the client only when somebody is signed in and the client is vouched for; else it is shown here, with a link. Nothing is one-time on GET: asking
 * twice opens two grants, and a code that nobody redeems expires.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isLoopbackHost } from "../../protocol/index.ts"
import {
  OAuthError,
  requestOf,
  type AuthorizationParams,
  type Failure,
  type ProtocolServer,
} from "../../provider/index.ts"
import type { FeatureContext } from "../../provider/features/Feature.ts"
import {
  invalidRequest,
  paramsOf,
  promptOptionsOf,
  sourceOf,
  targetOf,
  type PromptOptions,
  type Target,
} from "../AuthorizationParameters.ts"
import { MAX_PATH_CHARACTERS, consentPath } from "../AuthorizationRequests.ts"
import { settled } from "../Caller.ts"
import { answerClient, isVouchedFor, tellClient, type Fault } from "../ClientAnswer.ts"
import type { BrowserFlow } from "../BrowserFlow.ts"
import { optional, parseParameters } from "../../provider/features/Form.ts"
import type { SignedIn } from "../login/Login.ts"
import { elsewherePage, failurePage, messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { redirect } from "../Reply.ts"
import { isForwarded } from "../Source.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"

export const authorize =
  (server: ProtocolServer, flow: BrowserFlow | undefined, context: FeatureContext): Endpoint =>
  (request) =>
    Effect.gen(function* () {
      const { settings } = server
      const given = new URLSearchParams(request.query)
      const query = yield* settled(sourceOf(server.features, given).read(given, request, context))
      const found = yield* targetOf(server, query)
      if (Result.isFailure(found)) return yield* messagePage(settings, 400, found.failure)
      const target = found.success

      const isAutomatic = server.isAutoApproved(target.redirectUri) && isFromThisMachine(request)
      const signedIn = isAutomatic ? undefined : yield* flow?.login.current(request) ?? Effect.succeed(undefined)
      const refuse = (fault: Fault) => refusal(server, flow, target, fault, isAutomatic ? "automatic" : signedIn)
      const parameters = Result.mapError(parseParameters(query), invalidRequest)
      const params = Result.flatMap(parameters, (read) => paramsOf(read, target, server.features))
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
    return yield* tellClient(server, target, fault, mayRedirect)
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
          return answerClient(server, target, { code: outcome.code })
        case "Elsewhere":
          return Effect.succeed(redirect(outcome.location))
        case "LoginUnavailable":
          return messagePage(server.settings, 501, strings.login.unavailable)
      }
    }),
    Effect.catch((failure) => (failure instanceof OAuthError ? refuse(failure) : Effect.fail(failure))),
  )
