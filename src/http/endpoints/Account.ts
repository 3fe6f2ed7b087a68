/**
 * `/account`: what somebody has connected, and the ways to take it back.
 *
 * Every form is bound to the session it was shown in. Signing out ends a session, changing the password
 * every session but the one that begins with it; neither ends a grant. What ends a grant asks once, and then says what
 * it did: in the address that it leads to, encrypted, so that nobody else puts words on this page.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { MIN_PASSWORD_CHARACTERS, orUnavailable, type Page } from "../../provider/index.ts"
import { inBrowserFlow, type BrowserFlow } from "../BrowserFlow.ts"
import type { SignedIn } from "../login/Login.ts"
import { grantedViews } from "../DetailViews.ts"
import { paths, pathOf } from "../Metadata.ts"
import { accountPage, type Notice } from "../pages/AccountPage.ts"
import { appNameOf } from "../pages/AppName.ts"
import { disconnectPage, type DisconnectView } from "../pages/DisconnectPage.ts"
import { messagePage, wayToAccount } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { redirect } from "../Reply.ts"
import { optional, parseParameters, type Parameters } from "../../provider/features/Form.ts"
import type { Endpoint, WireRequest } from "../../provider/features/Wire.ts"

export const showAccount = (flow: BrowserFlow): Endpoint =>
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const signedIn = yield* flow.login.current(request)
      const done = yield* doneIn(flow, request, signedIn)
      if (signedIn === undefined) {
        return yield* flow.login.ask(request, { returnTo: request.path, ...optional("because", done) })
      }
      const notice = done === undefined ? undefined : { status: 200, sentence: done }
      return yield* accountOf(flow, request, signedIn, notice, pageOf(request))
    }),
  )

const DONE = "done"

/** Leads back to the page, which says what was done to whoever it was done for. */
export const sayDone = (flow: BrowserFlow, request: WireRequest, sentence: string, session: string | null) =>
  Effect.gen(function* () {
    const { browser, forms, server } = flow
    const carried = yield* forms.issue(DONE, { browser: browser.identify(request).browser, session }, sentence)
    const account = browser.homeOf(request) + pathOf(server.settings.issuer) + paths.account
    return redirect(`${account}?${DONE}=${carried}`)
  })

/** What was done before the page was asked for, in a sentence of this server's; `undefined` where nothing was. */
const doneIn = ({ forms }: BrowserFlow, request: WireRequest, signedIn: SignedIn | undefined) => {
  const carried = Result.getOrUndefined(parseParameters(request.query))?.get(DONE)
  return carried === undefined
    ? Effect.undefined
    : Effect.map(forms.open<string>(DONE, carried, request, signedIn?.session ?? null), Result.getOrUndefined)
}

const GRANT_ID = /^[0-9A-Za-z]{22}$/

/** Behind which grant the list of apps begins; at the newest where none is named. */
const pageOf = ({ query }: WireRequest): Page => {
  const before = Result.getOrUndefined(parseParameters(query))?.get("before")
  return before !== undefined && GRANT_ID.test(before) ? { after: before } : {}
}

const accountOf = (flow: BrowserFlow, request: WireRequest, signedIn: SignedIn, notice?: Notice, appsPage: Page = {}) =>
  Effect.gen(function* () {
    const { server, forms, browser, login } = flow
    const { browser: id, recognised } = browser.identify(request)
    const now = server.now()
    const { connections: apps, after } = yield* server.connections(signedIn.subjectId, appsPage)
    const sessions = yield* orUnavailable(server.sessions.list(signedIn.subjectId, now))
    const form = yield* forms.issue("account", { browser: id, session: signedIn.session }, {})
    const isPasskeyOwner = login.hasPasskeys === true && signedIn.account !== undefined
    const passkeys = isPasskeyOwner ? yield* orUnavailable(server.passkeys.list(signedIn.subjectId)) : undefined
    return recognised(
      yield* accountPage(server.settings, {
        form,
        signedIn,
        apps,
        details: (grant) => grantedViews(server.features, grant.authorizationDetails),
        olderApps: after,
        isAtNewest: appsPage.after === undefined,
        sessions,
        canSignOut: login.signOut !== undefined,
        ...optional("passkeys", passkeys),
        ...(notice === undefined ? {} : { notice }),
      }),
    )
  })

/** What a button of the account page does; each names itself in the posted form. */
export const actOnAccount = (flow: BrowserFlow): Endpoint =>
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { server, forms, login } = flow
      const signedIn = yield* login.current(request)
      if (signedIn === undefined) return yield* login.ask(request, { returnTo: request.path })
      const received = yield* forms.receive("account", request, signedIn.session)
      const toAccount = { way: wayToAccount(server.settings) }
      if (Result.isFailure(received)) return yield* messagePage(server.settings, 400, received.failure, toAccount)
      const { fields, isTooEarly } = received.success
      const { subjectId } = signedIn
      // Who types a password has seen what for.
      if (isTooEarly && fields.get("action") !== "password") {
        return yield* accountOf(flow, request, signedIn, { status: 400, sentence: strings.form.tooEarly })
      }

      const say = (sentence: string) => sayDone(flow, request, sentence, signedIn.session)

      switch (fields.get("action")) {
        case "disconnect":
        case "revoke": {
          const app = yield* appOf(flow, fields.get("grant") ?? "", subjectId)
          if (app === undefined) return yield* say(strings.account.notConnected)
          if (fields.get("action") === "disconnect") return yield* questionOf(flow, request, signedIn, { app })
          yield* server.revokeGrant(app.grantId, subjectId)
          return yield* say(strings.account.revoked(appNameOf(app.client)))
        }
        case "disconnect-all":
          return yield* questionOf(flow, request, signedIn, {})
        case "revoke-all":
          yield* server.revokeSubjectSessions(subjectId)
          return yield* say(strings.account.revokedAll)
        case "end-session": {
          const mine = yield* orUnavailable(server.sessions.list(subjectId, server.now()))
          const session = mine.find(({ digest }) => digest === fields.get("session"))
          if (session === undefined) return yield* say(strings.account.notSignedIn)
          yield* orUnavailable(server.sessions.end(session.digest))
          return yield* say(strings.account.endedSession)
        }
        case "end-sessions":
          yield* orUnavailable(server.sessions.endAll(subjectId))
          return yield* sayDone(flow, request, strings.account.signedOutEverywhere, null)
        case "sign-out":
          return yield* (
            login.signOut?.(request) ?? messagePage(server.settings, 400, strings.account.noAction, toAccount)
          )
        case "password":
          return yield* changePassword(flow, request, signedIn, fields)
        default:
          return yield* messagePage(server.settings, 400, strings.account.noAction, toAccount)
      }
    }),
  )

/** The app that somebody has connected by that grant; `undefined` if nobody has, or somebody else. */
const appOf = ({ server }: BrowserFlow, grantId: string, subjectId: string) =>
  Effect.gen(function* () {
    if (!GRANT_ID.test(grantId)) return undefined
    const grant = yield* server.grant(grantId)
    if (grant._tag !== "Open" || grant.subjectId !== subjectId) return undefined
    const client = yield* server.client(grant.clientId)
    const details = grantedViews(server.features, grant.authorizationDetails)
    return client === undefined ? undefined : { grantId: grant.grantId, client, scopes: grant.scopes, details }
  })

/** Asks before anything is disconnected; the form that it shows is as young as the question. */
const questionOf = (flow: BrowserFlow, request: WireRequest, signedIn: SignedIn, asked: Pick<DisconnectView, "app">) =>
  Effect.gen(function* () {
    const { browser } = flow.browser.identify(request)
    const form = yield* flow.forms.issue("account", { browser, session: signedIn.session }, {})
    return yield* disconnectPage(flow.server.settings, { form, ...asked })
  })

/** The sessions end, and another begins; the grants stay, for it is the person who changed the password. */
const changePassword = (flow: BrowserFlow, request: WireRequest, signedIn: SignedIn, fields: Parameters) =>
  Effect.gen(function* () {
    const { server, passwords, login } = flow
    const { account: name } = signedIn
    if (name === undefined) {
      return yield* messagePage(server.settings, 400, strings.account.noAction, { way: wayToAccount(server.settings) })
    }
    const again = (status: number, sentence: string, more: Pick<Notice, "retryAfterSeconds"> = {}) =>
      accountOf(flow, request, signedIn, { ...more, status, sentence, isOfPassword: true })
    const chosen = fields.get("new-password") ?? ""
    if (chosen.length < MIN_PASSWORD_CHARACTERS) return yield* again(400, strings.account.passwordTooShort)
    if (chosen !== fields.get("repeat-password")) return yield* again(400, strings.account.passwordsDiffer)
    const change = server.accounts.changePassword(name, fields.get("password") ?? "", chosen)
    const changed = yield* passwords.attempt(request.source, name, orUnavailable(change))
    if (Result.isFailure(changed)) {
      // Who changed it meanwhile has signed out whoever else was here.
      if ((yield* login.current(request)) === undefined) return yield* login.ask(request, { returnTo: request.path })
      const { status, sentence, ...more } = changed.failure
      return yield* again(status, status === 403 ? strings.account.passwordWrong : sentence, more)
    }
    const notice = { status: 200, sentence: strings.account.passwordChanged, isOfPassword: true }
    if (login.renew === undefined) return yield* accountOf(flow, request, signedIn, notice)
    const begun = yield* login.renew(request, changed.success)
    if (begun === undefined) return yield* login.ask(request, { returnTo: request.path })
    const reply = yield* accountOf(flow, request, begun.signedIn, notice)
    return { ...reply, cookies: [...(reply.cookies ?? []), ...begun.cookies] }
  })
