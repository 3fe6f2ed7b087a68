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
import { OAuthError, type Failure, type ProtocolServer, type RequestParams } from "../../provider/index.ts"
import type { FeatureContext } from "../../provider/features/Feature.ts"
import {
  invalidRequest,
  paramsOf,
  promptOptionsOf,
  type PromptOptions,
  type Target,
} from "../AuthorizationParameters.ts"
import { MAX_PATH_CHARACTERS, consentPath } from "../AuthorizationRequests.ts"
import { answerClient, isVouchedFor, readyToAnswer, tellClient, type Answering, type Fault } from "../ClientAnswer.ts"
import type { BrowserFlow } from "../BrowserFlow.ts"
import { isFirstParty } from "../FirstParty.ts"
import { optional, parseParameters } from "../../provider/features/Form.ts"
import type { SignedIn } from "../login/Login.ts"
import { elsewherePage, failurePage, messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { limitedRequest } from "../DescribedClients.ts"
import type { Limits } from "../Limits.ts"
import { redirect } from "../Reply.ts"
import { faultOf } from "../RequestJudgement.ts"
import { isForwarded } from "../Source.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"

export const authorize =
  (server: ProtocolServer, flow: BrowserFlow | undefined, context: FeatureContext, limits: Limits): Endpoint =>
  (request) =>
    Effect.gen(function* () {
      const answering = { server, context }
      const { read, target: found } = yield* limitedRequest(server, limits, context, request)
      if (Result.isFailure(found)) return yield* messagePage(server.settings, 400, found.failure)
      const target = found.success

      const isAutomatic = server.isAutoApproved(target.redirectUri) && isFromThisMachine(request)
      const signedIn = isAutomatic ? undefined : yield* flow?.login.current(request) ?? Effect.succeed(undefined)
      const refuse = (fault: Fault) => refusal(answering, flow, target, fault, isAutomatic ? "automatic" : signedIn)
      const parameters = Result.mapError(parseParameters(read.parameters), invalidRequest)
      const params = Result.flatMap(parameters, (parsed) => paramsOf(parsed, target, server.features))
      if (Result.isFailure(params)) return yield* refuse(params.failure)
      if (isAutomatic || flow === undefined) return yield* answer(answering, target, params.success, refuse)

      const fault = yield* faultOf(flow.server, target, params.success)
      if (fault !== undefined) return yield* refuse(fault)
      const prompt = Result.flatMap(parameters, (parsed) => promptOptionsOf(parsed, server.features))
      if (Result.isFailure(prompt)) return yield* refuse(prompt.failure)
      const isUnasked = yield* isFirstParty(flow.server, target.clientId)
      //= OIDC-3.1.2.1-prompt-none
      if (prompt.success.isSilent && (signedIn === undefined || !isUnasked)) return yield* refuse(silentFault(signedIn))
      const hint = yield* hintOf(server, context, target, Result.getOrThrow(parameters).get("id_token_hint"))
      if (Result.isFailure(hint)) return yield* refuse(hint.failure)
      const asked = { ...prompt.success, subjectHint: hint.success }
      return yield* goOn(flow, request, target, params.success, asked, refuse)
    }).pipe(Effect.catch((failure) => failurePage(server.settings, failure)))

type Refuse = (fault: Fault) => Effect.Effect<WireReply, Failure>

/** Whom the client means by an ID token that it shows; where people do not sign in to clients, nobody. */
const hintOf = (
  { features: { openIdProvider } }: ProtocolServer,
  context: FeatureContext,
  { clientId }: Target,
  idToken: string | undefined,
): Effect.Effect<Result.Result<string | undefined, Fault>> =>
  openIdProvider === undefined || idToken === undefined
    ? Effect.succeed(Result.succeed(undefined))
    : Effect.map(
        Effect.promise(() => openIdProvider.hintOf(idToken, context)),
        (hint) =>
          hint?.clientId === clientId
            ? Result.succeed(hint.sub)
            : Result.fail(invalidRequest("id_token_hint is no ID token that this client got here")),
      )

/** Told to the client where somebody is there, or stands in for everybody, and the client is vouched for. */
const refusal = (
  answering: Answering,
  flow: BrowserFlow | undefined,
  target: Target,
  fault: Fault,
  present: SignedIn | "automatic" | undefined,
) =>
  Effect.gen(function* () {
    const mayRedirect =
      present === "automatic" ||
      (flow !== undefined &&
        (present === undefined
          ? yield* isFirstParty(flow.server, target.clientId)
          : yield* isVouchedFor(flow.server, target.clientId, target.redirectUri, present.subjectId)))
    return yield* tellClient(answering, target, fault, mayRedirect)
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
  params: RequestParams,
  prompt: PromptOptions & { readonly subjectHint: string | undefined },
  refuse: Refuse,
) =>
  Effect.gen(function* () {
    const { settings } = flow.server
    if (!flow.browser.isAtHome(request)) return yield* elsewherePage(settings, request)
    const { browser, recognised } = flow.browser.identify(request)
    const { maxAgeSeconds, loginHint, acrValues, isSilent, isConsentAsked, subjectHint } = prompt
    const carried = {
      clientId: target.clientId,
      params,
      browser,
      ...(maxAgeSeconds === undefined ? {} : { authenticatedAfter: flow.server.now() - maxAgeSeconds * 1000 }),
      ...optional("acrValues", acrValues),
      ...optional("loginHint", loginHint),
      ...optional("subjectHint", subjectHint),
      ...(isSilent ? { isSilent } : {}),
      ...(isConsentAsked ? { isConsentAsked } : {}),
    }
    const path = yield* consentPath(flow, carried, prompt)
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
  answering: Answering,
  target: Target,
  params: RequestParams,
  refuse: Refuse,
): Effect.Effect<WireReply, Failure> =>
  Effect.gen(function* () {
    const ready = yield* readyToAnswer(answering, target)
    return { ready, outcome: yield* answering.server.authorize(target.clientId, params) }
  }).pipe(
    Effect.flatMap(({ ready, outcome }) => {
      switch (outcome._tag) {
        case "Approved":
          return answerClient(ready, target, { code: outcome.code })
        case "Elsewhere":
          return Effect.succeed(redirect(outcome.location))
        case "LoginUnavailable":
          return messagePage(answering.server.settings, 501, strings.login.unavailable)
      }
    }),
    Effect.catch((failure) => (failure instanceof OAuthError ? refuse(failure) : Effect.fail(failure))),
  )

/** A request that a form brings goes on as an address: the browser comes by itself then, with the cookies that are its own. */
//= OIDC-3.1.2.1-methods
export const postedRequests = ({ features, settings: { issuer } }: ProtocolServer): { readonly POST?: Endpoint } =>
  features.openIdProvider === undefined
    ? {}
    : {
        POST: ({ path, body }) =>
          Effect.succeed(redirect(`${new URL(issuer).origin}${path}?${new URLSearchParams(body)}`)),
      }
