/**
 * `/account/passkeys`: where somebody adds passkeys and removes them.
 *
 * It takes a login of the last minutes, and one by a passkey where the account has any: who holds no more than a session, or
 * a password where there is more, changes nothing here. A removal is asked for once more, and signs other browsers out.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  PHISHING_RESISTANT,
  PasskeyName,
  orUnavailable,
  type Passkey,
  type PasskeyChallenge,
  type PasskeyFault,
} from "../../provider/index.ts"
import type { Parameters } from "../../provider/features/Form.ts"
import type { Endpoint, WireRequest } from "../../provider/features/Wire.ts"
import { inBrowserFlow, type BrowserFlow } from "../BrowserFlow.ts"
import type { SignedIn } from "../login/Login.ts"
import { shortfallOf } from "../login/LoginDemand.ts"
import { paths, pathOf } from "../Metadata.ts"
import { messagePage, wayToAccount } from "../pages/MessagePage.ts"
import { passkeysPage, removePasskeyPage, type PasskeyFaultView } from "../pages/PasskeyPages.ts"
import { strings } from "../pages/Strings.ts"
import { heldBy, isPresent, loginFor } from "../Presence.ts"
import { sayDone } from "./Account.ts"

const words = strings.passkey
const FORM = "passkeys"

/** How long ago somebody may have signed in to change what signs them in. */
const FRESH_MILLIS = 900_000

/** What the forms of the page stand for. */
interface Shown {
  readonly challenge: PasskeyChallenge
}

/** Somebody who may change passkeys, and those that there are. */
interface Owner {
  readonly signedIn: SignedIn & { readonly account: string }
  readonly own: ReadonlyArray<Passkey>
}

const isName = Schema.is(PasskeyName)

/** Why nothing was added. */
const sentences: Readonly<Record<PasskeyFault, string>> = {
  refused: words.notMade,
  late: words.lateToAdd,
  changed: strings.login.changed,
  known: words.known,
  full: words.full,
}

/** Whoever may change passkeys now, or what a browser gets instead. */
const ownerOf = (flow: BrowserFlow, request: WireRequest, isShown: boolean) =>
  Effect.gen(function* () {
    const { server, login } = flow
    const path = `${pathOf(server.settings.issuer)}${paths.passkeys}?change=1`
    const signedIn = yield* login.current(request)
    if (signedIn === undefined) return Result.fail(yield* login.ask(request, loginFor(flow, path, undefined)))
    const { account } = signedIn
    if (account === undefined) {
      const parts = { way: wayToAccount(server.settings) }
      return Result.fail(yield* messagePage(server.settings, 400, strings.account.noAction, parts))
    }
    const own = yield* orUnavailable(server.passkeys.list(signedIn.subjectId))
    const demand = {
      authenticatedAfter: server.now() - FRESH_MILLIS,
      ...(own.length === 0 ? {} : { acrValues: [PHISHING_RESISTANT] }),
    }
    const isThere =
      shortfallOf(signedIn, demand, false) === undefined && (isShown || (yield* isPresent(flow, request, signedIn)))
    if (!isThere) {
      const asked = { ...loginFor(flow, path, signedIn), ...demand, hint: account, because: words.prove }
      return Result.fail(yield* login.ask(request, asked))
    }
    return Result.succeed({ signedIn: { ...signedIn, account }, own } satisfies Owner)
  })

const pageOf = (
  flow: BrowserFlow,
  request: WireRequest,
  { signedIn, own }: Owner,
  { name = words.firstName, fault }: { readonly name?: string; readonly fault?: PasskeyFaultView } = {},
) =>
  Effect.gen(function* () {
    const { server, forms, browser } = flow
    const { subjectId, account } = signedIn
    const { challenge, options } = yield* orUnavailable(server.passkeys.askNew({ subjectId, name: account }))
    const { browser: id, recognised } = browser.identify(request)
    const form = yield* forms.issue<Shown>(FORM, { browser: id, session: heldBy(flow, signedIn) }, { challenge })
    return recognised(yield* passkeysPage(server.settings, { form, options, passkeys: own, name }, fault))
  })

export const showPasskeys = (flow: BrowserFlow): Endpoint =>
  inBrowserFlow(flow, (request) =>
    Effect.flatMap(ownerOf(flow, request, false), (owner) =>
      Result.isFailure(owner) ? Effect.succeed(owner.failure) : pageOf(flow, request, owner.success),
    ),
  )

export const actOnPasskeys = (flow: BrowserFlow): Endpoint =>
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { server, forms } = flow
      // The form stands for whoever was there when it was shown.
      const found = yield* ownerOf(flow, request, true)
      if (Result.isFailure(found)) return found.failure
      const owner = found.success
      const { signedIn, own } = owner
      const toAccount = { way: wayToAccount(server.settings) }
      const received = yield* forms.receive<Shown>(FORM, request, heldBy(flow, signedIn))
      if (Result.isFailure(received)) return yield* messagePage(server.settings, 400, received.failure, toAccount)
      const { content, fields, isTooEarly } = received.success
      const action = fields.get("action")
      if (action === "add") return yield* add(flow, request, owner, content, fields)

      const passkey = own.find(({ id }) => id === fields.get("passkey"))
      const say = (sentence: string) => sayDone(flow, request, sentence, signedIn.session)
      if (action !== "ask" && action !== "remove") {
        return yield* messagePage(server.settings, 400, strings.account.noAction, toAccount)
      }
      if (isTooEarly) {
        return yield* pageOf(flow, request, owner, { fault: { status: 400, sentence: strings.form.tooEarly } })
      }
      if (passkey === undefined) return yield* say(words.isGone)
      if (action === "ask") return yield* questionOf(flow, request, owner, passkey, content)
      const outcome = yield* orUnavailable(
        server.passkeys.remove(signedIn.subjectId, passkey.id, {
          keepsLast: isLastKept(flow),
          except: signedIn.session,
        }),
      )
      if (outcome === "last") {
        return yield* pageOf(flow, request, owner, { fault: { status: 409, sentence: words.mustStay } })
      }
      return yield* say(outcome === "removed" ? words.isRemoved : words.isGone)
    }),
  )

/** Whether nobody could sign in without a passkey. */
const isLastKept = ({ server }: BrowserFlow): boolean => server.features.passkeys?.policy === "required"

/** Asks before a passkey is removed; the form that it shows is as young as the question. */
const questionOf = (flow: BrowserFlow, request: WireRequest, owner: Owner, passkey: Passkey, shown: Shown) =>
  Effect.gen(function* () {
    const { server, forms, browser } = flow
    const { signedIn, own } = owner
    const isLast = own.length === 1
    if (isLast && isLastKept(flow)) {
      return yield* pageOf(flow, request, owner, { fault: { status: 409, sentence: words.mustStay } })
    }
    const { browser: id } = browser.identify(request)
    const form = yield* forms.issue<Shown>(FORM, { browser: id, session: heldBy(flow, signedIn) }, shown)
    return yield* removePasskeyPage(server.settings, { form, passkey, isLast })
  })

/** Counted like an attempt to sign in. */
const add = (flow: BrowserFlow, request: WireRequest, owner: Owner, { challenge }: Shown, fields: Parameters) =>
  Effect.gen(function* () {
    const { server, passwords } = flow
    const { account, session } = owner.signedIn
    const name = (fields.get("name") ?? "").trim()
    const again = (fault: PasskeyFaultView) => pageOf(flow, request, owner, { name, fault })
    if (!isName(name)) return yield* again({ status: 400, sentence: words.badName })
    const standing = yield* orUnavailable(server.accounts.standing(account))
    if (standing === undefined) return yield* flow.login.ask(request, { returnTo: request.path })
    const answer = fields.get("answer") ?? ""
    const isFirst = owner.own.length === 0
    const attempted = yield* passwords.attempt(
      request.source,
      account,
      server.passkeys.add({ answer, challenge, standing, name, isFirst }),
    )
    if (Result.isFailure(attempted)) return yield* again(attempted.failure)
    if (Result.isSuccess(attempted.success)) return yield* sayDone(flow, request, words.isAdded, session)
    return yield* again({ status: 409, sentence: sentences[attempted.success.failure] })
  })
