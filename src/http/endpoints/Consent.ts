/**
 * `/consent`: somebody sees who asks for what, and says yes or no (OAuth 2.1 4.1.1, RFC 9700 4.11).
 *
 * What was shown travels in the form and is what is granted, to the client as it was shown. Looking changes nothing;
 * the answer is given once, by `GrantOpened` or `GrantDenied` on the request's own stream, whatever tabs, replays and
 * instances there are.
 */
import { hash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { EpochMillis, RegisteredClient } from "../../core/index.ts"
import {
  OAuthError,
  requestOf,
  type AuthorizationServer,
  type Failure,
  type OpenGrantRequest,
} from "../../provider/index.ts"
import { pendingRequest, resumePath, type PendingRequest } from "../AuthorizationRequests.ts"
import { answerClient, isVouchedFor, readyToAnswer, tellClient, type ClientTarget } from "../ClientAnswer.ts"
import { detailViews } from "../DetailViews.ts"
import { inBrowserFlow, type BrowserFlow } from "../BrowserFlow.ts"
import { byPolicy, isAnother, isFirstParty, loginRequired } from "../FirstParty.ts"
import { optional } from "../../provider/features/Form.ts"
import type { SignedIn } from "../login/Login.ts"
import { shortfallOf, unmet, type Shortfall } from "../login/LoginDemand.ts"
import { appNameOf } from "../pages/AppName.ts"
import { consentPage } from "../pages/ConsentPage.ts"
import { failurePage, messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { approvalBy, heldBy, isPresent, loginFor } from "../Presence.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"

/** What the consent form stands for: the request, and what was shown; who was asked is bound by the form itself. */
interface Shown {
  readonly pending: PendingRequest
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  readonly client: string
  /** The document that says what the client is, where it is known from one. */
  readonly metadataDigest?: string
}

export const showConsent = (flow: BrowserFlow): Endpoint =>
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { server, browser, login } = flow
      const { settings } = server
      const carried = new URLSearchParams(request.query).get("request") ?? ""
      const pending = yield* pendingRequest(flow, carried, browser.identify(request).browser)
      if (pending === undefined) return yield* messagePage(settings, 400, strings.consent.unreadable)
      const fault = yield* faultOf(server, pending)
      if (fault !== undefined) return yield* messagePage(settings, 400, fault)

      const signedIn = yield* login.current(request)
      const shortfall = signedIn && shortfallOf(signedIn, pending, isAskedFor(pending))
      const isMeant = signedIn !== undefined && !(yield* isAnother(flow, pending, signedIn))
      // INVARIANT: nobody is asked for ever by one request: whoever was asked and falls short still ends it.
      if (signedIn !== undefined && shortfall !== undefined && isAskedFor(pending)) {
        return yield* tellUnmet(flow, pending, signedIn, shortfall)
      }
      //= OAUTH21-3.1-auth-user-first
      if (!isMeant || shortfall !== undefined || !(yield* isPresent(flow, request, signedIn))) {
        // Nobody is asked where nobody may be, nor twice for somebody else.
        if (pending.isSilent === true || (signedIn !== undefined && !isMeant && isAskedFor(pending))) {
          return yield* tellRequired(flow, pending)
        }
        const hint = optional("hint", pending.loginHint ?? signedIn?.account)
        return yield* login.ask(request, { ...(yield* loginOf(flow, pending, signedIn)), ...hint })
      }
      const isUnasked = pending.isConsentAsked !== true && (yield* isFirstParty(server, pending.clientId))
      return isUnasked
        ? yield* answered(flow, pending, (ready) => approvalByPolicy(ready, pending, signedIn))
        : yield* consentOf(flow, pending, signedIn)
    }),
  )

/** What somebody is asked, as it is now; `fault` says why again. */
const consentOf = (
  flow: BrowserFlow,
  pending: PendingRequest,
  signedIn: SignedIn,
  fault?: string,
): Effect.Effect<WireReply, Failure> =>
  Effect.gen(function* () {
    const { server, forms, login } = flow
    const { settings } = server
    const asking = yield* server.askingClient(pending.clientId)
    if (asking === undefined) return yield* messagePage(settings, 400, strings.consent.clientUnknown)
    const { client } = asking
    const document = optional("metadataDigest", asking.metadataDigest)
    const asked = { ...grantRequest(pending, signedIn, server.now()), ...document }
    const offered = yield* Effect.result(server.preview(asked))
    if (Result.isFailure(offered)) {
      // Nobody has pressed anything yet.
      const isVouched = yield* isVouchedFor(server, pending.clientId, pending.params.redirectUri, signedIn.subjectId)
      return yield* refusal(flow, pending, offered.failure, isVouched)
    }

    const { scopes, resources } = offered.success
    const details = detailViews(server.features, pending.params.authorizationDetails)
    // A type may be served no more: nobody is granted what nobody was shown.
    if (details instanceof OAuthError) return yield* failurePage(settings, details)
    const shown: Shown = { pending, scopes, resources, client: digestOf(client), ...document }
    const form = yield* forms.issue("consent", { browser: pending.browser, session: heldBy(flow, signedIn) }, shown)
    return yield* consentPage(settings, {
      form,
      account: signedIn.name,
      client,
      redirectUri: pending.params.redirectUri,
      scopes,
      resources,
      details,
      canSwitch: login.signOut !== undefined,
      ...optional("fault", fault),
    })
  })

export const answerConsent = (flow: BrowserFlow): Endpoint =>
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { server, forms, login } = flow
      const { settings } = server
      const signedIn = yield* login.current(request)
      if (signedIn === undefined) return yield* messagePage(settings, 403, strings.consent.signedOut)
      const received = yield* forms.receive<Shown>("consent", request, heldBy(flow, signedIn))
      if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
      const { content: shown, fields, isTooEarly } = received.success
      const { pending } = shown
      const fault = yield* faultOf(server, pending)
      if (fault !== undefined) return yield* messagePage(settings, 400, fault)

      const decision = fields.get("decision")
      if (decision === "switch") return yield* switchAccount(flow, request, pending)
      // INVARIANT: what is granted goes back to a login as it was demanded, also where another began since.
      if (shortfallOf(signedIn, pending, isAskedFor(pending)) !== undefined) {
        return yield* login.ask(request, yield* loginOf(flow, pending, signedIn))
      }
      //= OAUTH21-7.11-clickjacking
      if (isTooEarly) return yield* consentOf(flow, pending, signedIn, strings.form.tooEarly)
      switch (decision) {
        case "deny":
          return yield* answered(flow, pending, (ready) => denial(ready, pending, signedIn))
        case "allow": {
          const asking = yield* server.askingClient(pending.clientId)
          if (asking?.metadataDigest !== shown.metadataDigest) {
            return yield* consentOf(flow, pending, signedIn, strings.consent.documentChanged)
          }
          if (asking === undefined || digestOf(asking.client) !== shown.client) {
            return yield* messagePage(settings, 409, strings.consent.clientChanged)
          }
          // INVARIANT: what was shown is what is granted (ConsentComesFirst), also where the request left it to the server.
          if (!(yield* isStillOffered(server, shown, signedIn))) {
            return yield* consentOf(flow, pending, signedIn, strings.consent.accessChanged)
          }
          return yield* answered(flow, pending, (ready) => approval(ready, shown, signedIn))
        }
        default:
          return yield* messagePage(settings, 400, strings.consent.noDecision)
      }
    }),
  )

/** Why the request cannot be answered any more, in a sentence; `undefined` while it can. */
const faultOf = (server: AuthorizationServer, { grantId, requestedAt }: PendingRequest) =>
  Effect.map(server.grant(grantId), (grant) => {
    if (grant._tag !== "Absent") return strings.consent.answered
    return server.now() < requestedAt + server.settings.lifetimes.public.request ? undefined : strings.consent.expired
  })

/** A client as it was shown: changed since, it would be another one that gets the code. */
const digestOf = ({ metadata }: RegisteredClient): string => hash("sha256", JSON.stringify(metadata), "base64url")

/** What nobody can be granted any more is left to {@link approval} to refuse. */
const isStillOffered = (server: AuthorizationServer, { pending, scopes, resources }: Shown, signedIn: SignedIn) =>
  Effect.match(server.preview(grantRequest(pending, signedIn, server.now())), {
    onFailure: () => true,
    onSuccess: (now) => JSON.stringify([now.scopes, now.resources]) === JSON.stringify([scopes, resources]),
  })

const grantRequest = (
  { clientId, params, grantId, requestedAt }: PendingRequest,
  signedIn: SignedIn,
  approvedAt: EpochMillis,
): OpenGrantRequest => ({
  clientId,
  grantId,
  requestedAt,
  approval: approvalBy(signedIn, approvedAt),
  request: requestOf(params),
  scopes: params.scopes ?? null,
  resources: params.resource ?? [],
  ...optional("authorizationDetails", params.authorizationDetails),
})

/** Where the answer to the request goes. */
const targetOf = ({ clientId, params }: PendingRequest): ClientTarget => ({ ...params, clientId })

//= OAUTH21-4.1.2-challenge-bound-to-code
const approval = (flow: BrowserFlow, { pending, scopes, resources, metadataDigest }: Shown, signedIn: SignedIn) =>
  Effect.flatMap(
    flow.server.openGrant({
      ...grantRequest(pending, signedIn, flow.server.now()),
      ...optional("metadataDigest", metadataDigest),
      scopes,
      resources,
    }),
    ({ code }) => answerClient(flow, targetOf(pending), { code }),
  )

/** The client is answered though nobody was asked: that a policy let it stands in the log. */
const approvalByPolicy = (flow: BrowserFlow, pending: PendingRequest, signedIn: SignedIn) => {
  const request = grantRequest(pending, signedIn, flow.server.now())
  return Effect.flatMap(
    flow.server.openGrant({ ...request, approval: byPolicy(approvalBy(signedIn, flow.server.now())) }),
    ({ code }) => answerClient(flow, targetOf(pending), { code }),
  )
}

const denial = (flow: BrowserFlow, pending: PendingRequest, { subjectId }: SignedIn) =>
  Effect.andThen(
    flow.server.denyGrant({
      grantId: pending.grantId,
      clientId: pending.clientId,
      subjectId,
      redirectUri: pending.params.redirectUri,
    }),
    answerClient(flow, targetOf(pending), { error: "access_denied", error_description: "the user said no" }),
  )

const answered = (
  flow: BrowserFlow,
  pending: PendingRequest,
  answer: (ready: BrowserFlow) => Effect.Effect<WireReply, Failure>,
): Effect.Effect<WireReply, Failure> =>
  Effect.flatMap(readyToAnswer(flow, targetOf(pending)), (ready) =>
    Effect.catch(answer(ready), (failure) => refusal(ready, pending, failure, true)),
  )

/** What the client got wrong goes to the client; a request that is no more is a matter for the person. */
const refusal = (
  flow: BrowserFlow,
  pending: PendingRequest,
  failure: Failure,
  mayRedirect: boolean,
): Effect.Effect<WireReply, Failure> => {
  if (!(failure instanceof OAuthError)) return Effect.fail(failure)
  const { server } = flow
  const { error } = failure
  return error === "invalid_request" || error === "invalid_client"
    ? Effect.flatMap(faultOf(server, pending), (fault) =>
        fault === undefined ? failurePage(server.settings, failure) : messagePage(server.settings, 400, fault),
      )
    : tellClient(flow, targetOf(pending), failure, mayRedirect)
}

/** What a login is asked for on the way to this request. */
const loginOf = (flow: BrowserFlow, pending: PendingRequest, signedIn: SignedIn | undefined) =>
  Effect.gen(function* () {
    const path = yield* resumePath(flow, { ...pending, isAsked: true })
    const asking = yield* flow.server.askingClient(pending.clientId)
    const { authenticatedAfter, acrValues } = pending
    const demand = { ...optional("authenticatedAfter", authenticatedAfter), ...optional("acrValues", acrValues) }
    return { ...loginFor(flow, path, signedIn), ...demand, ...optional("app", asking && appNameOf(asking.client)) }
  })

const isAskedFor = ({ isAsked = false }: PendingRequest): boolean => isAsked

/** Ends the request: who signed in for it falls short of what it demands. */
const tellUnmet = (flow: BrowserFlow, pending: PendingRequest, { subjectId }: SignedIn, shortfall: Shortfall) =>
  Effect.flatMap(isVouchedFor(flow.server, pending.clientId, pending.params.redirectUri, subjectId), (isVouched) =>
    tellClient(flow, targetOf(pending), unmet(shortfall), isVouched),
  )

/** Ends the request: nobody is there who is meant. */
const tellRequired = (flow: BrowserFlow, pending: PendingRequest) =>
  Effect.flatMap(isFirstParty(flow.server, pending.clientId), (mayRedirect) =>
    tellClient(flow, targetOf(pending), loginRequired, mayRedirect),
  )

/** Somebody else signs in, and is asked the same. */
const switchAccount = (flow: BrowserFlow, request: WireRequest, pending: PendingRequest) =>
  Effect.flatMap(loginOf(flow, pending, undefined), (asked) => flow.login.ask(request, asked))
