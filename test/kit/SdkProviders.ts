/**
 * Providers of the MCP TypeScript SDK 1.x, sound ones and their broken neighbours, over one that is tuned to be so.
 *
 * The type is the SDK's own, and so are the errors: this is what people write who never saw the ten methods.
 */
import {
  InvalidGrantError,
  InvalidScopeError,
  InvalidTargetError,
  InvalidTokenError,
} from "@modelcontextprotocol/sdk/server/auth/errors.js"
import type { OAuthServerProvider } from "@modelcontextprotocol/sdk/server/auth/provider.js"
import type { OAuthClientInformationFull } from "@modelcontextprotocol/sdk/shared/auth.js"
import type { AnyFactory, World } from "../../properties/index.ts"
import { tunedProvider, type Tuning } from "./TunedProvider.ts"

type Ours = ReturnType<ReturnType<typeof tunedProvider>>
type OurClient = NonNullable<Awaited<ReturnType<Ours["getClient"]>>>

const inSdkTerms = (cause: unknown): never => {
  const { error, message } = cause as { readonly error?: string; readonly message: string }
  if (error === "invalid_scope") throw new InvalidScopeError(message)
  if (error === "invalid_target") throw new InvalidTargetError(message)
  throw new InvalidGrantError(message)
}

/** As much of Express as is used here. */
export interface Browser {
  cookie(name: string, value: string, options: object): Browser
  redirect(url: string): void
  status(status: number): Browser
  setHeader(name: string, value: string): Browser
  send(page: string): Browser
  end(): Browser
}

/** How it is written beyond what is tuned. */
interface Manner {
  readonly skipLocalPkceValidation?: boolean
  /** Whether the browser is sent on later, and by hand. */
  readonly isLate?: boolean
  readonly isRevoking?: boolean
}

/** A provider of the SDK over ten methods. */
export const sdkProvider =
  (tuning: Tuning = {}, { skipLocalPkceValidation = false, isLate = false, isRevoking = true }: Manner = {}) =>
  ({ now }: World): OAuthServerProvider => {
    const judgesVerifier = tuning.judgesVerifier ?? skipLocalPkceValidation
    const provider = tunedProvider({ resources: "one", ...tuning, judgesVerifier })({ now })
    const ours = (client: OAuthClientInformationFull) => client as OurClient
    const resourceMember = (resource: URL | undefined) =>
      resource === undefined ? {} : { resource: resource.href as never }
    const member = <Name extends string, A>(name: Name, value: A | undefined) =>
      (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: A }
    const codeOf = async (client: OAuthClientInformationFull, code: string) =>
      (await provider.loadAuthorizationCode(ours(client), code)) ?? inSdkTerms(new Error("no such code"))

    return {
      ...(skipLocalPkceValidation ? { skipLocalPkceValidation } : {}),
      clientsStore: {
        getClient: async (clientId) => (await provider.getClient(clientId)) as OAuthClientInformationFull | undefined,
        registerClient: async (client) => {
          const kept: unknown = await provider.registerClient(client as unknown as OurClient)
          return kept as OAuthClientInformationFull
        },
      },
      authorize: async (client, { resource, state, scopes = [], ...params }, response) => {
        const location = await provider.authorize(ours(client), {
          ...params,
          ...member("state", state),
          ...(scopes.length === 0 ? {} : { scopes }),
          ...resourceMember(resource),
          redirectUriProvidedExplicitly: true,
        })
        const browser = response as unknown as Browser
        browser.cookie("session", "alice", { httpOnly: true })
        if (isLate) setImmediate(() => browser.status(302).setHeader("Location", location).end())
        else browser.redirect(location)
      },
      challengeForAuthorizationCode: async (client, code) => (await codeOf(client, code)).codeChallenge,
      exchangeAuthorizationCode: async (client, code, codeVerifier, redirectUri, resource) => {
        const record = await codeOf(client, code)
        const proof = {
          ...member("codeVerifier", codeVerifier),
          ...member("redirectUri", redirectUri),
          ...resourceMember(resource),
        }
        return provider.exchangeAuthorizationCode(ours(client), record, proof).catch(inSdkTerms)
      },
      exchangeRefreshToken: async (client, token, scopes = [], resource) => {
        const record = await provider.loadRefreshToken(ours(client), token)
        if (!record) return inSdkTerms(new Error("no such token"))
        return provider.exchangeRefreshToken(ours(client), record, scopes, resourceMember(resource)).catch(inSdkTerms)
      },
      verifyAccessToken: async (token) => {
        const record = await provider.verifyToken(token)
        if (!record) throw new InvalidTokenError("the token is not alive")
        const { clientId, scopes, resource, expiresAt } = record
        const target = resource as unknown as string | undefined
        return {
          token,
          clientId,
          scopes: [...scopes],
          expiresAt: Math.floor(expiresAt!),
          ...(target === undefined ? {} : { resource: new URL(target) }),
        }
      },
      ...(isRevoking
        ? {
            revokeToken: async (client, { token }) =>
              provider.revokeToken({ token, clientId: client.client_id, scopes: [], resource: [] }),
          }
        : {}),
    }
  }

/** As a class that is given the clock. */
export class SdkProviderClass implements OAuthServerProvider {
  readonly #inner: OAuthServerProvider
  constructor(world: World) {
    this.#inner = sdkProvider()(world)
  }
  get clientsStore() {
    return this.#inner.clientsStore
  }
  authorize(...input: Parameters<OAuthServerProvider["authorize"]>) {
    return this.#inner.authorize(...input)
  }
  challengeForAuthorizationCode(...input: Parameters<OAuthServerProvider["challengeForAuthorizationCode"]>) {
    return this.#inner.challengeForAuthorizationCode(...input)
  }
  exchangeAuthorizationCode(...input: Parameters<OAuthServerProvider["exchangeAuthorizationCode"]>) {
    return this.#inner.exchangeAuthorizationCode(...input)
  }
  exchangeRefreshToken(...input: Parameters<OAuthServerProvider["exchangeRefreshToken"]>) {
    return this.#inner.exchangeRefreshToken(...input)
  }
  verifyAccessToken(token: string) {
    return this.#inner.verifyAccessToken(token)
  }
  revokeToken(...input: Parameters<NonNullable<OAuthServerProvider["revokeToken"]>>) {
    return this.#inner.revokeToken!(...input)
  }
}

const byDate = { now: () => Date.now() }

export const sound: Readonly<Record<string, AnyFactory>> = {
  "is as the SDK has it": sdkProvider(),
  "judges the verifier itself": sdkProvider({}, { skipLocalPkceValidation: true }),
  "sends the browser on later, by hand": sdkProvider({}, { isLate: true }),
  "cannot revoke": sdkProvider({}, { isRevoking: false }),
  "gives no refresh tokens": sdkProvider({ givesRefresh: false }),
  "knows a code no more once it was redeemed, and ends what is replayed": sdkProvider({
    loads: "the living, ending what is replayed",
  }),
  "mints client ids": sdkProvider({ mintsIds: "told" }),
  "has times with fractions": sdkProvider({ accessSeconds: 900.5 }),
}

export const byItself: OAuthServerProvider = sdkProvider()(byDate)

export const neighbours: Readonly<Record<string, readonly [AnyFactory, ReadonlyArray<string>]>> = {
  "says that it judges the verifier, and does not": [
    sdkProvider({ judgesVerifier: false }, { skipLocalPkceValidation: true }),
    ["OnlyTheOwnerCanHarm", "BoundMeansBound"],
  ],
  "does not look at the redirect URI": [sdkProvider({ judgesRedirectUri: false }), ["BoundMeansBound"]],
  "knows a code no more once it was redeemed, and lets what was replayed live on": [
    sdkProvider({ loads: "the living" }),
    ["ReplayKillsGrant", "ReuseKillsGrant"],
  ],
  "revokes nothing": [sdkProvider({ isRevoking: false }), ["RevocationIsFinal"]],
}
