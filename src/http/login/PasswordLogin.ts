/**
 * The built-in login: a name and a password of the server's own accounts.
 *
 * The form leads back to where it was asked for, and a session begins with it; whether the password is right, and
 * whether it is looked at now, is the gate's affair.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { optional } from "../../provider/features/Form.ts"
import { paths, pathOf } from "../Metadata.ts"
import { loginPage, type LoginView } from "../pages/LoginPage.ts"
import { messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import type { WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { browserSessions, byPassword } from "./BrowserSessions.ts"
import type { LoginEndpoint, LoginFactory, LoginRequest } from "./Login.ts"

type Fault = NonNullable<LoginView["fault"]>

/** What the form of the login page stands for. */
type Asked = Pick<LoginRequest, "returnTo" | "app">

/** The login by name and password of the server's own accounts, which is the default. */
export const passwordLogin: LoginFactory = ({ server, browser, forms, passwords }) => {
  const { settings } = server
  const sessions = browserSessions(server, browser, forms)

  const show = (
    request: WireRequest,
    { returnTo, hint, app, because }: LoginRequest,
    fault?: Fault,
  ): Effect.Effect<WireReply> =>
    Effect.gen(function* () {
      const { browser: id, recognised } = browser.identify(request)
      const form = yield* forms.issue<Asked>(
        "login",
        { browser: id, session: null },
        { returnTo, ...optional("app", app) },
      )
      return recognised(
        yield* loginPage(settings, {
          form,
          name: hint ?? "",
          ...optional("app", app),
          ...optional("because", because),
          ...optional("fault", fault),
        }),
      )
    })

  const signIn: LoginEndpoint = (request) =>
    Effect.gen(function* () {
      const received = yield* forms.receive<Asked>("login", request, null)
      if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
      const { content, fields } = received.success
      const name = (fields.get("name") ?? "").trim()
      const again = (fault: Fault) => show(request, { ...content, hint: name }, fault)

      const verified = yield* passwords.verify(request.source, name, fields.get("password") ?? "")
      if (Result.isFailure(verified)) return yield* again(verified.failure)
      const begun = yield* sessions.begin(request, verified.success, content.returnTo, byPassword)
      return begun ?? (yield* again({ status: 409, sentence: strings.login.changed }))
    })

  return {
    current: sessions.current,
    isSignedInFor: sessions.isSignedInFor,
    renew: sessions.renew,
    signOut: sessions.signOut,
    ask: (request, asked) => show(request, asked),
    endpoints: [
      ["GET", "/login", (request) => show(request, { returnTo: pathOf(settings.issuer) + paths.account })],
      ["POST", "/login", signIn],
    ],
  }
}
