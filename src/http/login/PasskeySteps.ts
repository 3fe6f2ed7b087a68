/**
 * Passkeys at the built-in login: alone, after the password, and added on the way where one is needed.
 *
 * What the password proved travels sealed with the page that asks for the passkey, bound to the browser and to the account
 * as it stood; nobody is signed in before both are there. Who has no account and who has no passkey are told the same as
 * whoever shows a wrong one.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  PHISHING_RESISTANT,
  PasskeyName,
  orUnavailable,
  type AccountStanding,
  type Failure,
  type PasskeyChallenge,
  type PasskeyFault,
  type SignedInByPasskey,
} from "../../provider/index.ts"
import type { WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { paths } from "../Metadata.ts"
import { messagePage } from "../pages/MessagePage.ts"
import type { PasskeyFormView } from "../pages/PasskeyForm.ts"
import { newPasskeyPage, passkeyStepPage, type PasskeyFaultView } from "../pages/PasskeyPages.ts"
import { strings } from "../pages/Strings.ts"
import type { BrowserSessions } from "./BrowserSessions.ts"
import type { Login, LoginParts, LoginRequest } from "./Login.ts"

const words = strings.passkey

/** What the forms of a login stand for. */
export type Asked = Pick<LoginRequest, "returnTo" | "app" | "acrValues">

/** What a form with a passkey stands for; `after` is whose password was right before. */
interface PasskeyAsked {
  readonly asked: Asked
  readonly challenge: PasskeyChallenge
  readonly after?: AccountStanding
}

const ALONE = "passkey"
const NEW = "new passkey"

export interface PasskeySteps {
  /** What the login page asks of a browser that has a passkey. */
  readonly offer: (browserId: string, asked: Asked) => Effect.Effect<PasskeyFormView, Failure>
  /** The page that comes after the right password; `undefined` where the password is enough. */
  readonly afterPassword: (
    request: WireRequest,
    standing: AccountStanding,
    asked: Asked,
  ) => Effect.Effect<WireReply | undefined, Failure>
  readonly endpoints: Login["endpoints"]
}

interface StepParts extends LoginParts {
  readonly sessions: BrowserSessions
  /** The login page again, with what was wrong. */
  readonly again: (request: WireRequest, asked: Asked, fault: PasskeyFaultView) => Effect.Effect<WireReply, Failure>
}

/** Whether somebody asked for a login that a password alone never is. */
export const isPasskeyDemanded = ({ acrValues }: Asked): boolean => acrValues?.includes(PHISHING_RESISTANT) ?? false

const isName = Schema.is(PasskeyName)

/** The names by which an answer is counted as an attempt: of the account, or of what it says to be. */
const claimedBy = (answer: string): string => {
  const id = /"id":"([0-9A-Za-z_-]{1,1364})"/.exec(answer)?.[1]
  return `passkey ${id ?? ""}`
}

const faults: Readonly<Record<PasskeyFault, PasskeyFaultView>> = {
  refused: { status: 403, sentence: words.refused },
  late: { status: 400, sentence: words.late },
  changed: { status: 409, sentence: strings.login.changed },
  known: { status: 409, sentence: words.known },
  full: { status: 409, sentence: words.full },
}

export const passkeySteps = ({ server, browser, forms, passwords, sessions, again }: StepParts): PasskeySteps => {
  const { settings, passkeys, features } = server
  const policy = features.passkeys?.policy

  const formFor = (browserId: string, kind: string, content: PasskeyAsked) =>
    forms.issue<PasskeyAsked>(kind, { browser: browserId, session: null }, content)
  /** For a browser that has posted a form, and so is known. */
  const formOf = (request: WireRequest, kind: string, content: PasskeyAsked) =>
    formFor(browser.identify(request).browser, kind, content)

  const offer: PasskeySteps["offer"] = (browserId, asked) =>
    Effect.gen(function* () {
      const { challenge, options } = yield* orUnavailable(passkeys.ask())
      return { form: yield* formFor(browserId, ALONE, { asked, challenge }), options }
    })
  const step = (request: WireRequest, after: AccountStanding, asked: Asked, fault?: PasskeyFaultView) =>
    Effect.gen(function* () {
      const { challenge, options } = yield* orUnavailable(passkeys.ask(after.account.subjectId))
      const form = yield* formOf(request, ALONE, { asked, challenge, after })
      return yield* passkeyStepPage(settings, { form, options }, fault)
    })
  const addition = (
    request: WireRequest,
    after: AccountStanding,
    asked: Asked,
    { name = words.firstName, fault }: { readonly name?: string; readonly fault?: PasskeyFaultView } = {},
  ) =>
    Effect.gen(function* () {
      const { challenge, options } = yield* orUnavailable(passkeys.askNew(after.account))
      const form = yield* formOf(request, NEW, { asked, challenge, after })
      const because = policy === "required" ? words.needed : words.demanded
      return yield* newPasskeyPage(settings, { form, options, name, because }, fault)
    })

  /** What a passkey came to: the way on, or the page of before with a fault. */
  const goOn = (
    request: WireRequest,
    asked: Asked,
    outcome: Result.Result<SignedInByPasskey, PasskeyFaultView>,
    onFault: (fault: PasskeyFaultView) => Effect.Effect<WireReply, Failure>,
  ) => (Result.isSuccess(outcome) ? sessions.lead(request, outcome.success, asked.returnTo) : onFault(outcome.failure))

  /** Counted like a password, and looked at when its turn has come. */
  const counted = <A>(
    request: WireRequest,
    name: string,
    look: Effect.Effect<Result.Result<A, PasskeyFault>, Failure>,
  ): Effect.Effect<Result.Result<A, PasskeyFaultView>, Failure> =>
    Effect.map(passwords.attempt(request.source, name, look), (attempted) =>
      Result.flatMap(attempted, (outcome) => Result.mapError(outcome, (fault) => faults[fault])),
    )

  const received = (request: WireRequest, kind: string) => forms.receive<PasskeyAsked>(kind, request, null)

  const use: Login["endpoints"][number][2] = (request) =>
    Effect.gen(function* () {
      const got = yield* received(request, ALONE)
      if (Result.isFailure(got)) return yield* messagePage(settings, 400, got.failure)
      const { asked, challenge, after } = got.success.content
      const answer = got.success.fields.get("answer") ?? ""
      const replacedId = browser.read(request, "session")
      const outcome = yield* counted(
        request,
        after?.account.name ?? claimedBy(answer),
        passkeys.signIn({ answer, challenge, after, replacedId }),
      )
      return yield* goOn(request, asked, outcome, (fault) =>
        // What the password proved is good for one page, and not for ever.
        after === undefined || fault.sentence !== words.refused
          ? again(request, asked, fault)
          : step(request, after, asked, fault),
      )
    })

  const add: Login["endpoints"][number][2] = (request) =>
    Effect.gen(function* () {
      const got = yield* received(request, NEW)
      if (Result.isFailure(got)) return yield* messagePage(settings, 400, got.failure)
      const { content, fields } = got.success
      const { asked, challenge, after } = content
      if (after === undefined) return yield* messagePage(settings, 400, strings.form.stale)
      const name = (fields.get("name") ?? "").trim()
      const faulty = (fault: PasskeyFaultView) => addition(request, after, asked, { name, fault })
      if (!isName(name)) return yield* faulty({ status: 400, sentence: words.badName })
      const answer = fields.get("answer") ?? ""
      const replacedId = browser.read(request, "session")
      const outcome = yield* counted(
        request,
        after.account.name,
        passkeys.addFirst({ answer, challenge, standing: after, name, replacedId }),
      )
      return yield* goOn(request, asked, outcome, (fault) =>
        fault.status === 403 ? faulty({ ...fault, sentence: words.notMade }) : again(request, asked, fault),
      )
    })

  return {
    offer,
    afterPassword: (request, standing, asked) =>
      Effect.gen(function* () {
        const isDemanded = isPasskeyDemanded(asked)
        if (policy === "on" && !isDemanded) return undefined
        const own = yield* orUnavailable(passkeys.list(standing.account.subjectId))
        if (own.length > 0) return yield* step(request, standing, asked)
        return policy === "required" || isDemanded ? yield* addition(request, standing, asked) : undefined
      }),
    endpoints: [
      ["POST", paths.passkey, use],
      ["POST", paths.newPasskey, add],
    ],
  }
}
