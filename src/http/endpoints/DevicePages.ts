/**
 * Where somebody answers for a device (RFC 8628 3.3): they enter the code that it shows, see who asks for what, from
 * where and when, and say yes or no.
 *
 * A code is looked up for who is signed in alone, and every look is counted, so that guessing takes an account and gets
 * nowhere. Looking changes nothing; a code is answered once, by whoever presses first. What was shown travels in the form
 * and is what is granted.
 */
import { hash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { RegisteredClient } from "../../core/index.ts"
import { readUserCode, shownUserCode } from "../../protocol/index.ts"
import { OAuthError, type DeviceApproval, type Failure, type WaitingDevice } from "../../provider/index.ts"
import { optional } from "../../provider/features/Form.ts"
import type { DeviceAuthorizationEndpoint } from "../../provider/features/Feature.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { inBrowserFlow, type BrowserFlow } from "../BrowserFlow.ts"
import type { Limits } from "../Limits.ts"
import type { SignedIn } from "../login/Login.ts"
import { pathOf } from "../Metadata.ts"
import { appNameOf } from "../pages/AppName.ts"
import { deviceDonePage, deviceEntryPage, deviceQuestionPage } from "../pages/DevicePage.ts"
import { failurePage, messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { approvalBy, heldBy, isPresent, loginFor } from "../Presence.ts"
import { sourceGroup } from "../Source.ts"

/** What the form stands for: the request, and what was shown of it. */
interface Shown {
  readonly userCode: string
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  readonly client: string
}

const FORM = "device"

/** The page of a code, behind which a login leads back to it. */
const pathFor = ({ server }: BrowserFlow, page: string, userCode: string): string =>
  `${pathOf(server.settings.issuer)}${page}?user_code=${shownUserCode(userCode)}`

const showDevice = (flow: BrowserFlow, page: string, limits: Limits) =>
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { server, login } = flow
      const { settings } = server
      const address = pathOf(settings.issuer) + page
      const typed = new URLSearchParams(request.query).get("user_code") ?? ""
      if (typed === "") return yield* deviceEntryPage(settings, { address })
      //= RFC8628-3.3-no-case-no-dash
      const userCode = readUserCode(typed)
      const again = (status: number, sentence: string, retryAfterSeconds?: number) =>
        deviceEntryPage(settings, {
          address,
          typed,
          fault: { status, sentence, ...optional("retryAfterSeconds", retryAfterSeconds) },
        })
      if (userCode === undefined) return yield* again(400, strings.device.unreadable)

      const signedIn = yield* login.current(request)
      if (signedIn === undefined || !(yield* isPresent(flow, request, signedIn))) {
        const asked = loginFor(flow, pathFor(flow, page, userCode), signedIn)
        return yield* login.ask(request, { ...asked, ...optional("hint", signedIn?.account) })
      }
      //= RFC8628-5.1-user-code
      const waitSeconds = yield* limits.userCode(request.source, signedIn.subjectId)
      if (waitSeconds > 0) return yield* again(429, strings.device.tooMany, waitSeconds)
      const waiting = yield* server.devices.waiting(userCode)
      if (waiting === undefined) return yield* again(404, strings.device.unknown)
      return yield* questionOf(flow, request, signedIn, waiting, address)
    }),
  )

/** What somebody is asked, as it is now; `fault` says why again. */
const questionOf = (
  flow: BrowserFlow,
  request: WireRequest,
  signedIn: SignedIn,
  waiting: WaitingDevice,
  address: string,
  fault?: string,
): Effect.Effect<WireReply, Failure> =>
  Effect.gen(function* () {
    const { server, forms, login, browser } = flow
    const { settings } = server
    const client = yield* clientOf(flow, waiting)
    if (client === undefined) return yield* messagePage(settings, 400, strings.consent.clientUnknown)
    const { scopes, resources } = yield* server.devices.preview(approvalOf(flow, waiting, signedIn))
    const { browser: id, recognised } = browser.identify(request)
    const shown: Shown = { userCode: waiting.userCode, scopes, resources, client: digestOf(client) }
    const form = yield* forms.issue(FORM, { browser: id, session: heldBy(flow, signedIn) }, shown)
    return recognised(
      yield* deviceQuestionPage(settings, {
        address,
        form,
        account: signedIn.name,
        client,
        scopes,
        resources,
        waiting,
        isSameAddress: waiting.address !== null && sourceGroup(waiting.address) === sourceGroup(request.source),
        canSwitch: login.signOut !== undefined,
        ...optional("fault", fault),
      }),
    )
  })

const answerDevice = (flow: BrowserFlow, page: string) =>
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { server, forms, login } = flow
      const { settings } = server
      const signedIn = yield* login.current(request)
      if (signedIn === undefined) return yield* messagePage(settings, 403, strings.consent.signedOut)
      const received = yield* forms.receive<Shown>(FORM, request, heldBy(flow, signedIn))
      if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
      const { content: shown, fields, isTooEarly } = received.success
      const decision = fields.get("decision")
      if (decision === "switch") {
        return yield* login.ask(request, loginFor(flow, pathFor(flow, page, shown.userCode), undefined))
      }
      const waiting = yield* server.devices.waiting(shown.userCode)
      //= RFC10027-mitigations-one-time-codes
      if (waiting === undefined) return yield* messagePage(settings, 400, strings.device.over)
      const again = (sentence: string) =>
        questionOf(flow, request, signedIn, waiting, pathOf(settings.issuer) + page, sentence)
      //= OAUTH21-7.11-clickjacking
      if (isTooEarly) return yield* again(strings.form.tooEarly)
      switch (decision) {
        case "deny": {
          const { subjectId } = signedIn
          const denial = server.devices.deny({ userCode: shown.userCode, subjectId })
          return yield* answered(flow, yield* shownNameOf(flow, waiting), "denied", denial)
        }
        case "allow": {
          const client = yield* clientOf(flow, waiting)
          if (client === undefined) return yield* messagePage(settings, 400, strings.consent.clientUnknown)
          if (digestOf(client) !== shown.client) {
            return yield* messagePage(settings, 409, strings.consent.clientChanged)
          }
          // INVARIANT: what was shown is what is granted (ConsentComesFirst), also where the request left it to the server.
          if (!(yield* isStillOffered(flow, shown, waiting, signedIn)))
            return yield* again(strings.consent.accessChanged)
          const { userCode, scopes, resources } = shown
          const approval = { ...approvalOf(flow, waiting, signedIn), userCode, scopes, resources }
          return yield* answered(flow, appNameOf(client), "allowed", server.devices.approve(approval))
        }
        default:
          return yield* messagePage(settings, 400, strings.consent.noDecision)
      }
    }),
  )

const approvalOf = (
  { server }: BrowserFlow,
  { userCode, scopes, resources }: WaitingDevice,
  signedIn: SignedIn,
): DeviceApproval => ({
  userCode,
  approval: approvalBy(signedIn, server.now()),
  scopes,
  resources,
})

/** What nobody can be granted any more is left to the approval to refuse. */
const isStillOffered = (flow: BrowserFlow, shown: Shown, waiting: WaitingDevice, signedIn: SignedIn) =>
  Effect.match(flow.server.devices.preview(approvalOf(flow, waiting, signedIn)), {
    onFailure: () => true,
    onSuccess: (now) => JSON.stringify([now.scopes, now.resources]) === JSON.stringify([shown.scopes, shown.resources]),
  })

/** The client that asks, as it is registered or as its document says. */
const clientOf = ({ server }: BrowserFlow, { clientId }: WaitingDevice) =>
  Effect.map(server.askingClient(clientId), (asking) => asking?.client)

/** What it calls itself, as far as that can be known now: saying no waits for nobody's document. */
const shownNameOf = (flow: BrowserFlow, waiting: WaitingDevice): Effect.Effect<string, Failure> =>
  Effect.catch(
    Effect.map(clientOf(flow, waiting), (client) => (client === undefined ? waiting.clientId : appNameOf(client))),
    (failure) => (failure instanceof OAuthError ? Effect.succeed(waiting.clientId) : Effect.fail(failure)),
  )

/** A client as it was shown: changed since, it would be another one that gets in. */
const digestOf = ({ metadata }: RegisteredClient): string => hash("sha256", JSON.stringify(metadata), "base64url")

/** What came of the answer; somebody may have been quicker. */
const answered = (
  { server }: BrowserFlow,
  name: string,
  outcome: "allowed" | "denied",
  answer: Effect.Effect<unknown, Failure>,
): Effect.Effect<WireReply, Failure> =>
  Effect.matchEffect(answer, {
    onSuccess: () => deviceDonePage(server.settings, outcome, name),
    onFailure: (failure) => {
      if (!(failure instanceof OAuthError)) return Effect.fail(failure)
      return failure.error === "invalid_request"
        ? messagePage(server.settings, 400, strings.device.over)
        : failurePage(server.settings, failure)
    },
  })

/** The page at which people enter the code that a device shows. */
export const devicePagesOf = (
  { page }: DeviceAuthorizationEndpoint,
  flow: BrowserFlow,
  limits: Limits,
): ReadonlyArray<readonly ["GET" | "POST", `/${string}`, Endpoint]> => [
  ["GET", page, showDevice(flow, page, limits)],
  ["POST", page, answerDevice(flow, page)],
]
