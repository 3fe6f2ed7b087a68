/**
 * The built-in login: a name and a password of the server's own accounts.
 *
 * A wrong name and a wrong password are answered alike, at the same cost; many of them from one source at one account
 * are slowed, without standing in anybody else's way.
 */
import { Effect, Option, Result, Semaphore } from "effect"
import { orUnavailable } from "../../provider/index.ts"
import { optional } from "../Form.ts"
import { paths, pathOf } from "../Metadata.ts"
import { loginPage } from "../pages/LoginPage.ts"
import { messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { sourceGroup } from "../Source.ts"
import type { WireReply, WireRequest } from "../Wire.ts"
import { browserSessions } from "./BrowserSessions.ts"
import type { LoginEndpoint, LoginFactory, LoginRequest } from "./Login.ts"

interface Fault {
  readonly status: number
  readonly sentence: string
  readonly retryAfterSeconds?: number
}

/** Passwords that are looked at at the same time: each costs tens of milliseconds of a core, whoever sent it. */
const MAX_VERIFYING = 8
/** And of these from one source: nobody alone keeps everybody else waiting. */
const MAX_VERIFYING_FROM_ONE = 4

/** What the form of the login page stands for. */
type Asked = Pick<LoginRequest, "returnTo">

export const passwordLogin: LoginFactory = ({ server, browser, forms, limits }) => {
  const { settings, accounts } = server
  const sessions = browserSessions(server, browser)
  const verifying = Semaphore.makeUnsafe(MAX_VERIFYING)
  /** How many are looked at for a source; none that is not among them. */
  const countBySource = new Map<string, number>()

  /** Nothing when too many are looked at already; a source that is not known shares with all others. */
  const verify = (source: string, name: string, password: string) =>
    Effect.suspend(() => {
      const group = sourceGroup(source)
      const count = countBySource.get(group) ?? 0
      if (group !== "" && count >= MAX_VERIFYING_FROM_ONE) return Effect.succeedNone
      countBySource.set(group, count + 1)
      const release = Effect.sync(() => {
        const left = (countBySource.get(group) ?? 0) - 1
        if (left > 0) countBySource.set(group, left)
        else countBySource.delete(group)
      })
      const answer = verifying.withPermitsIfAvailable(1)(orUnavailable(accounts.verifyPassword(name, password)))
      return Effect.ensuring(answer, release)
    })

  const show = (request: WireRequest, { returnTo, hint }: LoginRequest, fault?: Fault): Effect.Effect<WireReply> =>
    Effect.gen(function* () {
      const { browser: id, recognised } = browser.identify(request)
      const form = yield* forms.issue<Asked>("login", { browser: id, session: null }, { returnTo })
      return recognised(yield* loginPage(settings, { form, name: hint ?? "", ...optional("fault", fault) }))
    })

  const signIn: LoginEndpoint = (request) =>
    Effect.gen(function* () {
      const received = yield* forms.receive<Asked>("login", request, null)
      if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
      const { content, fields } = received.success
      const name = (fields.get("name") ?? "").trim()
      const again = (fault: Fault) => show(request, { returnTo: content.returnTo, hint: name }, fault)

      const retryAfterSeconds = yield* limits.login(request.source, name)
      if (retryAfterSeconds > 0)
        return yield* again({ status: 429, sentence: strings.login.tooMany, retryAfterSeconds })
      const verified = yield* verify(request.source, name, fields.get("password") ?? "")
      if (Option.isNone(verified)) {
        return yield* again({ status: 429, sentence: strings.login.busy, retryAfterSeconds: 1 })
      }
      const account = verified.value
      if (account === undefined || (yield* server.isSubjectDisabled(account.subjectId))) {
        return yield* again({ status: 403, sentence: strings.login.wrong })
      }
      return yield* sessions.begin(request, account.subjectId, content.returnTo)
    })

  return {
    current: sessions.current,
    signOut: sessions.signOut,
    ask: (request, asked) => show(request, asked),
    endpoints: [
      ["GET", "/login", (request) => show(request, { returnTo: pathOf(settings.issuer) + paths.account })],
      ["POST", "/login", signIn],
    ],
  }
}
