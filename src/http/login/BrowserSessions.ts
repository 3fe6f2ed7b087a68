/**
 * Sessions of the server's own, for every login that keeps them here: who is signed in, beginning, and ending.
 *
 * The id is in a cookie; a login gives a new one, whatever the browser brought along.
 */
import { Effect } from "effect"
import type { SubjectId } from "../../core/index.ts"
import { orUnavailable, type AuthorizationServer, type Failure } from "../../provider/index.ts"
import type { Browser } from "../Browser.ts"
import { paths, pathOf } from "../Metadata.ts"
import { redirect } from "../Reply.ts"
import type { WireReply, WireRequest } from "../Wire.ts"
import type { Login, SignedIn } from "./Login.ts"

export interface BrowserSessions extends Required<Pick<Login, "current" | "signOut">> {
  /** Signs somebody in, and leads to a path of this server. */
  readonly begin: (request: WireRequest, subjectId: SubjectId, returnTo: string) => Effect.Effect<WireReply, Failure>
}

export const browserSessions = (server: AuthorizationServer, browser: Browser): BrowserSessions => {
  const { settings, accounts, sessions } = server
  const { origin } = new URL(settings.issuer)

  const sessionIn = (request: WireRequest) => {
    const id = browser.read(request, "session")
    return id === undefined ? Effect.succeed(undefined) : orUnavailable(sessions.find(id, server.now()))
  }
  const endIn = Effect.fnUntraced(function* (request: WireRequest) {
    const session = yield* sessionIn(request)
    if (session !== undefined) yield* orUnavailable(sessions.end(session.digest))
  })

  return {
    current: Effect.fnUntraced(function* (request: WireRequest): Effect.fn.Return<SignedIn | undefined, Failure> {
      const session = yield* sessionIn(request)
      if (session === undefined) return undefined
      const account = yield* orUnavailable(accounts.ofSubject(session.subjectId))
      if (account === undefined || (yield* server.isSubjectDisabled(session.subjectId))) return undefined
      yield* orUnavailable(sessions.touch(session, server.now()))
      const { subjectId, authenticatedAt, digest } = session
      const signedIn = { subjectId, name: account.displayName, authenticatedAt, session: digest }
      return account.hasPassword ? { ...signedIn, account: account.name } : signedIn
    }),
    begin: (request, subjectId, returnTo) =>
      Effect.gen(function* () {
        yield* endIn(request)
        const { id } = yield* orUnavailable(sessions.open(subjectId, server.now()))
        return { ...redirect(origin + returnTo), cookies: [browser.cookie("session", id)] }
      }),
    signOut: (request) =>
      Effect.gen(function* () {
        yield* endIn(request)
        const account = origin + pathOf(settings.issuer) + paths.account
        return { ...redirect(account), cookies: [browser.cookie("session", undefined)] }
      }),
  }
}
