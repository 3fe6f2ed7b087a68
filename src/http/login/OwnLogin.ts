/**
 * Login by the program around: its own session says who is signed in, and its own page asks who is not.
 *
 * Written for programs that do not use Effect. An account of the name is made the first time, without a password. Keeping
 * a session from others, and ending it, stay the program's affair.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AccountName, isAcr, isAmr, orUnavailable } from "../../provider/index.ts"
import { optional } from "../../provider/features/Form.ts"
import { awaited } from "../../provider/features/Settled.ts"
import { noStore } from "../Reply.ts"
import type { WireRequest } from "../../provider/features/Wire.ts"
import type { LoginFactory, LoginRequest } from "./Login.ts"

/** Who a session of the program belongs to. */
export interface OwnSession {
  /** What the program calls the person, the same each time: at most 128 characters that can be seen. */
  readonly user: string
  /** What the person is shown as their own name; default `user`. */
  readonly displayName?: string
  /** When the person last proved to be who they are: milliseconds since the epoch. */
  readonly since: number
  /** How strongly they did, by a name of the program's (RFC 9470): at most 255 visible characters; absent where not known. */
  readonly acr?: string
  /** By which methods (RFC 8176), such as `["pwd", "otp"]`; absent where not known. */
  readonly amr?: ReadonlyArray<string>
  /** Stands for this session: a form that was shown in it is good in no other. Default `user` and `since`. */
  readonly id?: string
}

/** What a program with sessions of its own says of them. */
export interface OwnLoginOptions {
  /** The session that a request belongs to, by its cookies for one; nothing where nobody is signed in. Header names are in small letters. */
  readonly sessionOf: (request: WireRequest) => Promise<OwnSession | undefined> | OwnSession | undefined
  /**
   * Where somebody signs in: a page of the program, which leads on to `returnTo`, a path of the issuer's host with its
   * query. `asked` says why somebody is asked again, which app sent the browser here, and what the login has to be: whoever
   * signed in before `authenticatedAfter`, or with an `acr` that is none of `acrValues`, is to sign in once more.
   */
  readonly signInAt: (returnTo: string, asked: Omit<LoginRequest, "returnTo">) => Promise<string> | string
}

const isAccountName = Schema.is(AccountName)

/** What the program says is its own mistake if it is wrong: told to the operator, and to nobody else. */
const checked = ({ user, since, acr, amr }: OwnSession): void => {
  if (!isAccountName(user))
    throw new TypeError("ownLogin: `user` is not a name of 1 to 128 characters that can be seen")
  if (acr !== undefined && !isAcr(acr)) throw new TypeError("ownLogin: `acr` is not 1 to 255 visible characters")
  if (amr !== undefined && !isAmr(amr)) throw new TypeError("ownLogin: `amr` is not a list of at most 16 short names")
  if (!Number.isFinite(since)) throw new TypeError("ownLogin: `since` is not a time in milliseconds since 1970")
}

/**
 * The login of a program that has sessions of its own. What its functions throw is answered with 500, and told to
 * `onDefect`; an `Unavailable` is answered with 503.
 *
 * @example
 * import { authorizationServer, createHandler, ephemeralKeys, memoryStore, ownLogin } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const login = ownLogin({
 *   sessionOf: ({ headers }) => (headers["cookie"] === "session=1" ? { user: "maria", since: 1 } : undefined),
 *   signInAt: (returnTo) => `/sign-in?next=${encodeURIComponent(returnTo)}`,
 * })
 * const handle = createHandler(server, { login })
 */
export const ownLogin =
  ({ sessionOf, signInAt }: OwnLoginOptions): LoginFactory =>
  ({ server }) => ({
    current: (request) =>
      Effect.gen(function* () {
        const session = yield* awaited((async () => sessionOf(request))())
        if (session === undefined) return undefined
        checked(session)
        const { user, since, acr, amr, id = `${user} ${since}` } = session
        const how = { ...optional("acr", acr), ...optional("amr", amr) }
        const account = yield* orUnavailable(server.accounts.ensure(user, server.now(), session.displayName))
        return { subjectId: account.subjectId, name: account.displayName, authenticatedAt: since, ...how, session: id }
      }),
    ask: (_, { returnTo, ...asked }) =>
      Effect.map(
        Effect.suspend(() => awaited((async () => signInAt(returnTo, asked))())),
        (location) => ({ status: 303, headers: { location, ...noStore }, body: "" }),
      ),
    endpoints: [],
  })
