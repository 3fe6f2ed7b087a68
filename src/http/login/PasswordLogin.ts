/**
 * The built-in login: a name and a password of the server's own accounts, and a passkey besides or instead.
 *
 * The form leads back to where it was asked for, and a session begins with it; whether the password is right, and
 * whether it is looked at now, is the gate's affair.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Failure } from "../../provider/index.ts"
import { optional } from "../../provider/features/Form.ts"
import { paths, pathOf } from "../Metadata.ts"
import { loginPage, type LoginView } from "../pages/LoginPage.ts"
import { messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import type { WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { browserSessions, byPassword } from "./BrowserSessions.ts"
import { isPasskeyDemanded, passkeySteps, type Asked } from "./PasskeySteps.ts"
import type { LoginEndpoint, LoginFactory, LoginRequest } from "./Login.ts"

type Fault = NonNullable<LoginView["fault"]>

/** The login by name and password of the server's own accounts, which is the default. */
export const passwordLogin: LoginFactory = ({ server, browser, forms, passwords }) => {
  const { settings } = server
  const sessions = browserSessions(server, browser, forms)

  const show = (
    request: WireRequest,
    { returnTo, hint, app, acrValues, because }: LoginRequest,
    fault?: Fault,
  ): Effect.Effect<WireReply, Failure> =>
    Effect.gen(function* () {
      const { browser: id, recognised } = browser.identify(request)
      const asked: Asked = { returnTo, ...optional("app", app), ...optional("acrValues", acrValues) }
      const form = yield* forms.issue<Asked>("login", { browser: id, session: null }, asked)
      const passkey = steps === undefined ? undefined : yield* steps.offer(id, asked)
      const demand = passkey !== undefined && isPasskeyDemanded(asked) ? strings.passkey.demands : undefined
      return recognised(
        yield* loginPage(settings, {
          form,
          name: hint ?? "",
          ...optional("app", app),
          ...optional("because", because ?? demand),
          ...optional("passkey", passkey),
          ...optional("fault", fault),
        }),
      )
    })

  const isOffered = server.features.passkeys !== undefined
  const again = (request: WireRequest, asked: Asked, fault: Fault) => show(request, asked, fault)
  const steps = isOffered ? passkeySteps({ server, browser, forms, passwords, sessions, again }) : undefined

  const signIn: LoginEndpoint = (request) =>
    Effect.gen(function* () {
      const received = yield* forms.receive<Asked>("login", request, null)
      if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
      const { content, fields } = received.success
      const name = (fields.get("name") ?? "").trim()
      const faulty = (fault: Fault) => show(request, { ...content, hint: name }, fault)

      const verified = yield* passwords.verify(request.source, name, fields.get("password") ?? "")
      if (Result.isFailure(verified)) return yield* faulty(verified.failure)
      const more = yield* steps?.afterPassword(request, verified.success, content) ?? Effect.undefined
      if (more !== undefined) return more
      const begun = yield* sessions.begin(request, verified.success, content.returnTo, byPassword)
      return begun ?? (yield* faulty({ status: 409, sentence: strings.login.changed }))
    })

  return {
    current: sessions.current,
    isSignedInFor: sessions.isSignedInFor,
    renew: sessions.renew,
    signOut: sessions.signOut,
    ask: (request, asked) => show(request, asked),
    hasPasskeys: isOffered,
    endpoints: [
      ["GET", "/login", (request) => show(request, { returnTo: pathOf(settings.issuer) + paths.account })],
      ["POST", "/login", signIn],
      ...(steps?.endpoints ?? []),
    ],
  }
}
