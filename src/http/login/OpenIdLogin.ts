/**
 * Login by somebody else: an OpenID provider says who it is, and a session here remembers it (OpenID Connect Core 3.1).
 *
 * The person is known by the provider's issuer and subject; what else the provider tells is shown and never relied on.
 * What the callback needs travels encrypted in `state`, bound to the browser, so any instance may finish the login.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Configuration, CustomFetch, IDToken } from "openid-client"
import { guardedFetch, makeGuard } from "../../outbound/index.ts"
import {
  AccountName,
  ConfigFault,
  issuerFault,
  orUnavailable,
  rateLimited,
  unavailable,
  upstreamName,
  type Failure,
  type LoginSays,
} from "../../provider/index.ts"
import { baseOf } from "../Metadata.ts"
import { messagePage } from "../pages/MessagePage.ts"
import { strings } from "../pages/Strings.ts"
import { redirect } from "../Reply.ts"
import { browserSessions } from "./BrowserSessions.ts"
import type { LoginEndpoint, LoginFactory, LoginRequest } from "./Login.ts"

/** The OpenID provider that signs people in, and how this server is known there. */
export interface OpenIdOptions {
  /** The provider's issuer identifier: https, or http on this machine. */
  readonly issuer: string
  /** As this server is registered there, with the redirect URI `<our issuer>/login/callback`. */
  readonly clientId: string
  /** The secret of this server there; absent for a public client. */
  readonly clientSecret?: string
  /** Default `openid profile`. */
  readonly scope?: string
}

/** What comes back in `state`. */
interface Sent {
  readonly returnTo: string
  readonly verifier: string
  readonly nonce: string
}

const CALLBACK = "/login/callback"

const isAccountName = Schema.is(AccountName)

/**
 * Throws a {@link ConfigFault} when the issuer cannot be one.
 *
 * @example
 * import { authorizationServer, createHandler, ephemeralKeys, memoryStore, openIdLogin } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const login = openIdLogin({ issuer: "https://accounts.example.com", clientId: "grantlog", clientSecret: "given there" })
 * const handle = createHandler(server, { login })
 */
export const openIdLogin = ({
  issuer,
  clientId,
  clientSecret,
  scope = "openid profile",
}: OpenIdOptions): LoginFactory => {
  const fault = issuerFault(issuer)
  if (fault !== undefined) throw new ConfigFault({ message: `the OpenID provider \`${issuer}\` ${fault}` })
  return ({ server, browser, forms, passwords }) => {
    const { settings } = server
    const sessions = browserSessions(server, browser, forms)
    const callback = baseOf(settings.issuer) + CALLBACK
    const upstream = new URL(issuer)
    // The operator named the provider; where its metadata leads is another matter.
    const fetch = guardedFetch(makeGuard({ target: upstream, namedReach: "local" })) as CustomFetch

    const outage = (cause: unknown): Failure => unavailable(`the OpenID provider ${issuer} cannot be reached`, 5, cause)
    const remote = <A>(ask: () => Promise<A>) => Effect.tryPromise({ try: ask, catch: outage })
    const protocol = Effect.promise(() => import("openid-client"))
    let known: Configuration | undefined
    // What could not be discovered is asked for again the next time.
    const configuration = Effect.flatMap(protocol, (client) => {
      const execute = upstream.protocol === "http:" ? [client.allowInsecureRequests] : []
      const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret)
      const options = { execute, [client.customFetch]: fetch }
      return remote(
        async () => (known ??= await client.discovery(upstream, clientId, undefined, authentication, options)),
      )
    })

    const finish: LoginEndpoint = (request) =>
      Effect.gen(function* () {
        const url = new URL(`${callback}?${request.query}`)
        const state = url.searchParams.get("state") ?? ""
        const received = yield* forms.open<Sent>("upstream login", state, request, null)
        if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
        const { returnTo, verifier, nonce } = received.success
        // Each has the provider asked, so that each counts like a password that is tried.
        const waitSeconds = yield* passwords.counted(request.source, `upstream ${nonce}`)
        if (waitSeconds > 0) return yield* rateLimited(strings.login.tooMany, waitSeconds * 1000)
        const [config, client] = [yield* configuration, yield* protocol]
        const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
        const answer = yield* Effect.result(Effect.tryPromise(() => client.authorizationCodeGrant(config, url, checks)))
        const claims = Result.isSuccess(answer) ? answer.success.claims() : undefined
        if (claims === undefined) return yield* messagePage(settings, 403, strings.login.upstreamRefused)

        const name = upstreamName(issuer, claims.sub)
        if (name === undefined) return yield* messagePage(settings, 403, strings.login.upstreamUnusable)
        yield* orUnavailable(server.accounts.ensure(name, server.now(), shownName(claims) ?? name))
        const standing = yield* orUnavailable(server.accounts.standing(name))
        if (standing === undefined) return yield* messagePage(settings, 403, strings.login.upstreamRefused)
        const begun = yield* sessions.begin(request, standing, returnTo, loginIn(claims, server.now()))
        return begun ?? (yield* messagePage(settings, 409, strings.login.changed))
      })

    return {
      current: sessions.current,
      isSignedInFor: sessions.isSignedInFor,
      renew: sessions.renew,
      signOut: sessions.signOut,
      ask: (request, { returnTo, hint, acrValues }: LoginRequest) =>
        Effect.gen(function* () {
          const [config, client] = [yield* configuration, yield* protocol]
          const { browser: id, recognised } = browser.identify(request)
          const [verifier, nonce] = [client.randomPKCECodeVerifier(), client.randomNonce()]
          const sent: Sent = { returnTo, verifier, nonce }
          const state = yield* forms.issue("upstream login", { browser: id, session: null }, sent)
          const challenge = yield* Effect.promise(() => client.calculatePKCECodeChallenge(verifier))
          const location = client.buildAuthorizationUrl(config, {
            redirect_uri: callback,
            scope,
            state,
            nonce,
            code_challenge: challenge,
            code_challenge_method: "S256",
            // Who is asked here is asked there: a session over there is no proof that the person is present.
            prompt: "login",
            ...(hint === undefined ? {} : { login_hint: hint }),
            ...(acrValues === undefined ? {} : { acr_values: acrValues.join(" ") }),
          })
          return recognised(redirect(location.href))
        }),
      endpoints: [["GET", CALLBACK, finish]],
    }
  }
}

/**
 * What the provider says of the login. How long ago it was is told by the provider's own clock, so that one that is wrong
 * makes no login older or newer; where it says nothing, it asked just now, as it was told to.
 */
const loginIn = ({ auth_time: at, iat, acr, amr }: IDToken, now: number): LoginSays => ({
  ...(at === undefined ? {} : { authTime: now - Math.max(0, iat - at) * 1000 }),
  acr,
  amr,
})

/** A name that the person recognises: text of the provider's, and only what could be a name here. */
const shownName = (claims: IDToken): string | undefined =>
  [claims["preferred_username"], claims["email"], claims["name"]].find(isAccountName)
