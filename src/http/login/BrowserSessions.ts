/**
 * Sessions of the server's own, for every login that keeps them here: who is signed in, beginning, and ending.
 *
 * The id is in a cookie; a login gives a new one, whatever the browser brought along, and so does a new password.
 */
import * as Effect from "effect/Effect"
import {
  loginContextOf,
  orUnavailable,
  type AccountStanding,
  type AuthorizationServer,
  type Failure,
  type LoginSays,
  type Session,
} from "../../provider/index.ts"
import type { Browser } from "../Browser.ts"
import { paths, pathOf } from "../Metadata.ts"
import { redirect } from "../Reply.ts"
import type { Forms } from "../Forms.ts"
import type { WireReply, WireRequest } from "../../provider/features/Wire.ts"
import type { Begun, Login, SignedIn } from "./Login.ts"
import { receiptsOf } from "./Receipts.ts"

export interface BrowserSessions extends Required<Pick<Login, "current" | "isSignedInFor" | "renew" | "signOut">> {
  /**
   * Signs somebody in, and leads to a path of this server; `undefined` if the account does not stand as it was seen.
   * `login` is what is known of how they proved who they are.
   */
  readonly begin: (
    request: WireRequest,
    standing: AccountStanding,
    returnTo: string,
    login: LoginSays,
  ) => Effect.Effect<WireReply | undefined, Failure>
  /** Leads somebody to a path of this server whose session has begun. */
  readonly lead: (request: WireRequest, begun: Opened, returnTo: string) => Effect.Effect<WireReply>
}

/** A session that has just begun, with its id, which is in the cookie alone. */
interface Opened {
  readonly id: string
  readonly session: Session
  readonly standing: AccountStanding
}

/** What a login by name and password says of itself. */
export const byPassword: LoginSays = { amr: ["pwd"] }

const signedInBy = (session: Session, { account, password }: AccountStanding): SignedIn => {
  const { subjectId, login, digest } = session
  const { authTime, ...how } = login
  const { displayName, name, hasPassword } = account
  const holder = `${subjectId} ${password}`
  const signedIn = { subjectId, name: displayName, authenticatedAt: authTime, ...how, session: digest, holder }
  return hasPassword ? { ...signedIn, account: name } : signedIn
}

export const browserSessions = (server: AuthorizationServer, browser: Browser, forms: Forms): BrowserSessions => {
  const { settings, accounts, sessions } = server
  const receipts = receiptsOf(browser, forms)

  const sessionIn = (request: WireRequest) => {
    const id = browser.read(request, "session")
    return id === undefined ? Effect.succeed(undefined) : orUnavailable(sessions.find(id, server.now()))
  }
  const openFor = Effect.fnUntraced(function* (
    request: WireRequest,
    standing: AccountStanding,
    login: LoginSays,
  ): Effect.fn.Return<Begun | undefined, Failure> {
    const before = browser.read(request, "session")
    const now = server.now()
    const opened = yield* orUnavailable(sessions.open(standing, now, before, loginContextOf(login, now)))
    if (opened === undefined) return undefined
    return begunBy({ ...opened, standing })
  })
  const begunBy = ({ id, session, standing }: Opened): Begun => ({
    signedIn: signedInBy(session, standing),
    cookies: [browser.cookie("session", id)],
  })
  const leadOn = (request: WireRequest, { signedIn, cookies }: Begun, returnTo: string) =>
    Effect.map(receipts.into(request, signedIn, returnTo), (to) => ({
      ...redirect(browser.homeOf(request) + to),
      cookies,
    }))
  return {
    current: Effect.fnUntraced(function* (request: WireRequest): Effect.fn.Return<SignedIn | undefined, Failure> {
      const session = yield* sessionIn(request)
      if (session === undefined) return undefined
      const account = yield* orUnavailable(accounts.ofSubject(session.subjectId))
      const standing = account === undefined ? undefined : yield* orUnavailable(accounts.standing(account.name))
      if (standing === undefined) return undefined
      yield* orUnavailable(sessions.touch(session, server.now()))
      return signedInBy(session, standing)
    }),
    isSignedInFor: (request, signedIn) => receipts.isIn(request, signedIn),
    begin: Effect.fnUntraced(function* (request, standing, returnTo, login) {
      const begun = yield* openFor(request, standing, login)
      return begun === undefined ? undefined : yield* leadOn(request, begun, returnTo)
    }),
    lead: (request, opened, returnTo) => leadOn(request, begunBy(opened), returnTo),
    renew: (request, standing) => openFor(request, standing, byPassword),
    signOut: (request) =>
      Effect.gen(function* () {
        const session = yield* sessionIn(request)
        if (session !== undefined) yield* orUnavailable(sessions.end(session.digest))
        const account = browser.homeOf(request) + pathOf(settings.issuer) + paths.account
        return { ...redirect(account), cookies: [browser.cookie("session", undefined)] }
      }),
  }
}
