/**
 * A provider in Python as the ten methods: what it is asked goes over the bridge, what it gives comes back as records.
 *
 * A record that is handed back stands for the very object that Python made. Names are those of Python there and those of
 * this contract here; what goes over the wire has the RFCs' in both. The kit's clock is Python's too.
 */
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../../src/provider/index.ts"
import { TURNS, waitFor, type Turning } from "../provider/Plan.ts"
import type { ProviderFactory } from "../provider/Factory.ts"
import type { Answer, Bridge } from "./Bridge.ts"

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Without what Python has no value for, under names that `spelled` gives. */
const membersOf = (value: Members, spelled: (name: string) => string): Members =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => (one === null ? [] : [[spelled(name), one] as const])),
  )

const SECOND_MILLIS = 1000

const asIs = (name: string): string => name

/** The SDK's requests have one resource, as a text. */
class OneResource extends Error {
  readonly error = "invalid_target"
}

/** What stands for the object that a record was made of, and goes along with a copy. */
const HELD: unique symbol = Symbol("held")

interface Held {
  readonly [HELD]?: number
}

/** Each call of it makes another provider there. */
export const pythonProviders = (bridge: Bridge): ProviderFactory => {
  let guestCount = 0
  return async () => {
    const guest = guestCount++
    const ask = (method: string, ...given: ReadonlyArray<unknown>) => bridge.ask(guest, method, given)
    const handed = (record: object) => ({ held: (record as Held)[HELD] })

    const recordIn = <A>({ value, held: number }: Answer, spelled: (name: string) => string): A | undefined => {
      // What is no record is left for the kit to wonder at.
      if (!isMembers(value)) return (value ?? undefined) as A | undefined
      return { ...membersOf(value, spelled), [HELD]: number } as A
    }
    const given = async <A>(answer: Promise<Answer>, spelled = camel) => recordIn<A>(await answer, spelled)
    const tokens = async (answer: Promise<Answer>) => (await given<OAuthToken>(answer, asIs))!

    const { hasVerifier } = (await ask("make")).value as { readonly hasVerifier: boolean }

    /** Without a verifier of its own a provider has the SDK's, behind which the handler judges by whole seconds. */
    const verified = async (token: string): Promise<AccessToken | undefined> => {
      const record = await given<AccessToken>(ask("verify_token", token))
      const end: unknown = hasVerifier ? undefined : record?.expiresAt
      const now = Date.now()
      if (typeof end !== "number" || end === 0 || now < end * SECOND_MILLIS) return record
      if (now >= (end + 1) * SECOND_MILLIS) return undefined
      // Who still gives it a second later leaves its end to the handler, whose second that is; who does not is wrong itself.
      const later = await bridge.ask(guest, "verify_token", [token], now + SECOND_MILLIS)
      return later.value === null ? record : undefined
    }

    const provider: OAuthProvider & Turning & AsyncDisposable = {
      getClient: (clientId) => given<OAuthClientInformationFull>(ask("get_client", clientId), asIs),
      registerClient: async (client) => void (await ask("register_client", { client })),
      authorize: async (client, params) => {
        const { state, scopes, codeChallenge, redirectUri, redirectUriProvidedExplicitly, resource } = params
        if (Array.isArray(resource)) throw new OneResource()
        const asked = {
          state: state ?? null,
          scopes: scopes ?? null,
          code_challenge: codeChallenge,
          redirect_uri: redirectUri,
          redirect_uri_provided_explicitly: redirectUriProvidedExplicitly,
          resource: resource ?? null,
        }
        return String((await ask("authorize", handed(client), { params: asked })).value)
      },
      loadAuthorizationCode: (client, code) =>
        given<AuthorizationCode>(ask("load_authorization_code", handed(client), code)),
      exchangeAuthorizationCode: (client, code) =>
        tokens(ask("exchange_authorization_code", handed(client), handed(code))),
      loadRefreshToken: (client, token) => given<RefreshToken>(ask("load_refresh_token", handed(client), token)),
      exchangeRefreshToken: (client, token, scopes) =>
        tokens(ask("exchange_refresh_token", handed(client), handed(token), scopes)),
      loadAccessToken: (token) => given<AccessToken>(ask("load_access_token", token)),
      verifyToken: verified,
      revokeToken: async (token) => void (await ask("revoke_token", handed(token))),

      // Python has one queue: a turn of it is one of Node's event loop, and a number of turns of the queue of promises,
      // which it has not, is that of a way to stagger whatever is called from then on.
      [TURNS]: async (start) => {
        const { turnCount, isMacro, millis } = start
        if (millis !== undefined) await waitFor(start)
        else if (turnCount > 0) await ask("wait", isMacro ? turnCount : 0, isMacro ? null : turnCount)
      },
      [Symbol.asyncDispose]: async () => void (await ask("dispose")),
    }
    return provider
  }
}
