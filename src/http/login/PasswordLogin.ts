/**
 * The built-in login: a name and a password of the server's own accounts, and a session in the server's own store.
 *
 * The session gets a new id with every login, whatever the browser brought along. A wrong name and a wrong password are
 * answered alike, at the same cost; many of them from one source are slowed, without standing in anybody else's way.
 */
import { Effect, Result } from "effect"
import { orUnavailable, type AuthorizationServer, type Failure } from "../../provider/index.ts"
import type { Browser } from "../Browser.ts"
import type { Forms } from "../Forms.ts"
import type { Limits } from "../Limits.ts"
import { optional } from "../Form.ts"
import { paths, pathOf } from "../Metadata.ts"
import { loginPage } from "../pages/LoginPage.ts"
import { messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { redirect } from "../Reply.ts"
import type { WireReply, WireRequest } from "../Wire.ts"
import type { Login, LoginEndpoint, LoginRequest, SignedIn } from "./Login.ts"

/** What it works with: the accounts and sessions, the browser's cookies, forms, and the limit on guesses. */
export interface PasswordLoginParts {
  readonly server: AuthorizationServer
  readonly browser: Browser
  readonly forms: Forms
  readonly limits: Limits
}

/** What the form of the login page stands for. */
type Asked = Pick<LoginRequest, "returnTo">

export const passwordLogin = ({ server, browser, forms, limits }: PasswordLoginParts): Login => {
  const { settings, accounts, sessions } = server
  const home = new URL(settings.issuer).origin
  const prefix = pathOf(settings.issuer)
  const accountPath = prefix + paths.account

  const sessionIn = (request: WireRequest) => {
    const id = browser.read(request, "session")
    return id === undefined ? Effect.succeed(undefined) : orUnavailable(sessions.find(id, server.now()))
  }

  const current = Effect.fnUntraced(function* (request: WireRequest): Effect.fn.Return<SignedIn | undefined, Failure> {
    const session = yield* sessionIn(request)
    if (session === undefined) return undefined
    const account = yield* orUnavailable(accounts.ofSubject(session.subjectId))
    const isDisabled = yield* server.isSubjectDisabled(session.subjectId)
    if (account === undefined || isDisabled) return undefined
    const { subjectId, authenticatedAt, digest } = session
    return { subjectId, name: account.name, authenticatedAt, session: digest }
  })

  const show = (
    request: WireRequest,
    { returnTo, hint }: LoginRequest,
    fault?: { readonly status: number; readonly sentence: string; readonly retryAfterSeconds?: number },
  ): Effect.Effect<WireReply> =>
    Effect.gen(function* () {
      const { browser: id, recognised } = browser.identify(request)
      const form = yield* forms.issue<Asked>("login", { browser: id, session: null }, { returnTo })
      return recognised(
        yield* loginPage(settings, { form, name: hint ?? "", ...(fault === undefined ? {} : { fault }) }),
      )
    })

  const signIn: LoginEndpoint = (request) =>
    Effect.gen(function* () {
      const received = yield* forms.receive<Asked>("login", request, null)
      if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
      const { content, fields } = received.success
      const name = (fields.get("name") ?? "").trim()
      const again = (status: number, sentence: string, retryAfterSeconds?: number) =>
        show(
          request,
          { returnTo: content.returnTo, hint: name },
          { status, sentence, ...optional("retryAfterSeconds", retryAfterSeconds) },
        )

      const waitSeconds = yield* limits.login(request.source, name)
      if (waitSeconds > 0) return yield* again(429, strings.login.tooMany, waitSeconds)
      const account = yield* orUnavailable(accounts.verifyPassword(name, fields.get("password") ?? ""))
      if (account === undefined || (yield* server.isSubjectDisabled(account.subjectId))) {
        return yield* again(403, strings.login.wrong)
      }

      const before = yield* sessionIn(request)
      if (before !== undefined) yield* orUnavailable(sessions.end(before.digest))
      const { id } = yield* orUnavailable(sessions.open(account.subjectId, server.now()))
      return { ...redirect(home + content.returnTo), cookies: [browser.cookie("session", id)] }
    })

  return {
    current,
    ask: (request, asked) => show(request, asked),
    signOut: (request) =>
      Effect.gen(function* () {
        const session = yield* sessionIn(request)
        if (session !== undefined) yield* orUnavailable(sessions.end(session.digest))
        return { ...redirect(home + accountPath), cookies: [browser.cookie("session", undefined)] }
      }),
    endpoints: [
      ["GET", "/login", (request) => show(request, { returnTo: accountPath })],
      ["POST", "/login", signIn],
    ],
  }
}
