/**
 * `/account`: what somebody has connected, and the ways to take it back.
 *
 * Every form is bound to the session it was shown in. Signing out ends a session, changing the password
 * every session but the one that begins with it; neither ends a grant. What ends a grant says so.
 */
import { Effect, Result } from "effect"
import { MIN_PASSWORD_CHARACTERS, orUnavailable, type Page } from "../../provider/index.ts"
import { behindDoor, type Door } from "../Door.ts"
import type { SignedIn } from "../login/Login.ts"
import { paths, pathOf } from "../Metadata.ts"
import { accountPage, type Notice } from "../pages/AccountPage.ts"
import { messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { redirect } from "../Reply.ts"
import { parseParameters, type Parameters } from "../Form.ts"
import type { Endpoint, WireReply, WireRequest } from "../Wire.ts"

export const showAccount = (door: Door): Endpoint =>
  behindDoor(door, (request) =>
    Effect.gen(function* () {
      const signedIn = yield* door.login.current(request)
      return signedIn === undefined
        ? yield* door.login.ask(request, { returnTo: request.path })
        : yield* accountOf(door, request, signedIn, undefined, pageOf(request))
    }),
  )

const GRANT_ID = /^[0-9A-Za-z]{22}$/

/** Behind which grant the list of apps begins; at the newest where none is named. */
const pageOf = ({ query }: WireRequest): Page => {
  const before = Result.getOrUndefined(parseParameters(query))?.get("before")
  return before !== undefined && GRANT_ID.test(before) ? { after: before } : {}
}

const accountOf = (door: Door, request: WireRequest, signedIn: SignedIn, notice?: Notice, appsPage: Page = {}) =>
  Effect.gen(function* () {
    const { server, forms, browser, login } = door
    const { browser: id, recognised } = browser.identify(request)
    const now = server.now()
    const { connections: apps, after } = yield* server.connections(signedIn.subjectId, appsPage)
    const sessions = yield* orUnavailable(server.sessions.list(signedIn.subjectId, now))
    const form = yield* forms.issue("account", { browser: id, session: signedIn.session }, {})
    return recognised(
      yield* accountPage(server.settings, {
        form,
        signedIn,
        apps,
        olderApps: after,
        isAtNewest: appsPage.after === undefined,
        sessions,
        canSignOut: login.signOut !== undefined,
        ...(notice === undefined ? {} : { notice }),
      }),
    )
  })

/** What a button of the account page does; each names itself in the posted form. */
export const actOnAccount = (door: Door): Endpoint =>
  behindDoor(door, (request) =>
    Effect.gen(function* () {
      const { server, forms, login } = door
      const signedIn = yield* login.current(request)
      if (signedIn === undefined) return yield* login.ask(request, { returnTo: request.path })
      const received = yield* forms.receive("account", request, signedIn.session)
      if (Result.isFailure(received)) return yield* messagePage(server.settings, 400, received.failure)
      const { fields, isTooEarly } = received.success
      const { subjectId } = signedIn
      // Who types a password has seen what for.
      if (isTooEarly && fields.get("action") !== "password") {
        return yield* accountOf(door, request, signedIn, { status: 400, sentence: strings.form.tooEarly })
      }

      switch (fields.get("action")) {
        case "revoke":
          yield* server.revokeGrant(fields.get("grant") ?? "", subjectId)
          return backToAccount(door, request)
        case "revoke-all":
          yield* server.revokeSubjectSessions(subjectId)
          return backToAccount(door, request)
        case "end-session": {
          const mine = yield* orUnavailable(server.sessions.list(subjectId, server.now()))
          const session = mine.find(({ digest }) => digest === fields.get("session"))
          if (session !== undefined) yield* orUnavailable(server.sessions.end(session.digest))
          return backToAccount(door, request)
        }
        case "end-sessions":
          yield* orUnavailable(server.sessions.endAll(subjectId))
          return backToAccount(door, request)
        case "sign-out":
          return yield* login.signOut?.(request) ?? Effect.succeed(backToAccount(door, request))
        case "password":
          return yield* changePassword(door, request, signedIn, fields)
        default:
          return yield* messagePage(server.settings, 400, strings.account.noAction)
      }
    }),
  )

const backToAccount = ({ server: { settings }, browser }: Door, request: WireRequest): WireReply =>
  redirect(browser.homeOf(request) + pathOf(settings.issuer) + paths.account)

/** The sessions end, and another begins; the grants stay, for it is the person who changed the password. */
const changePassword = (door: Door, request: WireRequest, signedIn: SignedIn, fields: Parameters) =>
  Effect.gen(function* () {
    const { server, passwords, login } = door
    const { account: name } = signedIn
    if (name === undefined) return yield* messagePage(server.settings, 400, strings.account.noAction)
    const again = (status: number, sentence: string, more: Pick<Notice, "retryAfterSeconds"> = {}) =>
      accountOf(door, request, signedIn, { ...more, status, sentence, isOfPassword: true })
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
    if (login.renew === undefined) return yield* accountOf(door, request, signedIn, notice)
    const begun = yield* login.renew(request, changed.success)
    if (begun === undefined) return yield* login.ask(request, { returnTo: request.path })
    const reply = yield* accountOf(door, request, begun.signedIn, notice)
    return { ...reply, cookies: [...(reply.cookies ?? []), ...begun.cookies] }
  })
