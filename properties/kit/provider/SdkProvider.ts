/**
 * A provider of the MCP TypeScript SDK 1.x, its `OAuthServerProvider`, as ten methods.
 *
 * What the SDK's handlers do before they ask it is done here as they do it: clients are authenticated by the secret that
 * the store gives, redirect URIs are compared with those of the registration, and a code's challenge is asked for. That the
 * verifier fits it is judged as it is for others that leave this to their handler (`Handler.ts`). Nothing else is judged.
 */
import { isLoopbackHost } from "../../../src/protocol/index.ts"
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../../src/provider/index.ts"
import { noDuties, type Duties } from "./Handler.ts"
import { makeSdkResponse } from "./SdkResponse.ts"

type Client = OAuthClientInformationFull

interface SdkClient {
  readonly client_id: string
}

/** As much of the SDK's `OAuthServerProvider` as its handlers use. */
export interface SdkProvider {
  /** Where its clients are. */
  readonly clientsStore: {
    getClient(clientId: string): unknown
    /** Absent where clients cannot register themselves. */
    registerClient?(client: never): unknown
  }
  /** Whether it judges verifiers itself, so that no handler compares challenges before. */
  readonly skipLocalPkceValidation?: boolean | undefined
  /** Sends the browser on by `response`: to a login, or to the client with a code. */
  authorize(client: SdkClient, params: never, response: never): Promise<void>
  /** The challenge that the code was asked for with (RFC 7636 section 4.2). */
  challengeForAuthorizationCode(client: SdkClient, code: string): Promise<string>
  /** The tokens for a code. */
  exchangeAuthorizationCode(
    client: SdkClient,
    code: string,
    codeVerifier?: string,
    redirectUri?: string,
    resource?: URL,
  ): Promise<unknown>
  /** The tokens for a refresh token. */
  exchangeRefreshToken(client: SdkClient, token: string, scopes?: Array<string>, resource?: URL): Promise<unknown>
  /** What the token is good for; rejects where it is for nothing. */
  verifyAccessToken(token: string): Promise<unknown>
  /** Absent where nothing can be revoked. */
  revokeToken?(client: SdkClient, request: { readonly token: string }): Promise<void>
}

/** What is said of a provider that its ten methods do not say. */
export interface Handled {
  /** What its handler judges, whether or not it would itself. */
  readonly duties: Duties
  /** Whether it revokes at all, and without a record. */
  readonly revoke: ((client: Client, token: string) => Promise<void>) | undefined
}

export type HandledProvider = OAuthProvider & { readonly handled: Handled }

const sdkMethods = [
  "authorize",
  "challengeForAuthorizationCode",
  "exchangeAuthorizationCode",
  "exchangeRefreshToken",
  "verifyAccessToken",
] as const

/** Whether it is meant to be one of the SDK's, whatever it lacks. */
export const isSdkProvider = (value: object): value is SdkProvider =>
  "clientsStore" in value || "verifyAccessToken" in value

/** What its handlers would look for in vain. */
export const missingOfSdk = (provider: object): ReadonlyArray<string> => {
  const members = provider as Readonly<Record<string, unknown>>
  const { getClient, registerClient } = Object(members["clientsStore"]) as Readonly<Record<string, unknown>>
  const stores = { "clientsStore.getClient": getClient, "clientsStore.registerClient": registerClient }
  return [
    ...Object.entries(stores).flatMap(([name, method]) => (typeof method === "function" ? [] : [name])),
    ...sdkMethods.filter((name) => typeof members[name] !== "function"),
  ]
}

const refuse = (error: string): never => {
  throw Object.assign(new Error(error), { error })
}

/** As the SDK's authorization handler compares them: the same, or the same but for the port where both are loopback. */
const isRegistered = (asked: string, registered: string): boolean => {
  if (asked === registered) return true
  const [left, right] = [URL.parse(asked), URL.parse(registered)]
  if (left === null || right === null || !isLoopbackHost(left.hostname)) return false
  const withoutPort = ({ protocol, hostname, pathname, search }: URL) =>
    [protocol, hostname, pathname, search].join(" ")
  return withoutPort(left) === withoutPort(right)
}

/** A resource that the kit names, as a `URL`. */
const resourceIn = ({ resource }: { readonly resource?: unknown }): URL | undefined =>
  typeof resource === "string" ? new URL(resource) : undefined

export const fromSdkProvider = (provider: SdkProvider): HandledProvider => {
  const { clientsStore } = provider
  const isSkipping = provider.skipLocalPkceValidation === true

  const known = async (clientId: string): Promise<Client | undefined> =>
    (await clientsStore.getClient(clientId)) as Client | undefined

  /** RFC 6749 2.3.1: with the secret that the client was given, as the handler compares it. */
  const authenticated = async ({ client_id, client_secret }: Client): Promise<Client> => {
    const client = (await known(client_id)) ?? refuse("invalid_client")
    if (client.client_secret && client.client_secret !== client_secret) return refuse("invalid_client")
    return client
  }

  return {
    handled: {
      duties: { ...noDuties, clients: true, verifier: !isSkipping },
      revoke:
        provider.revokeToken === undefined
          ? undefined
          : async (client, token) => provider.revokeToken!(await authenticated(client), { token }),
    },
    getClient: known,
    // The store may mint an id of its own, and then answers it.
    registerClient: async (client) => {
      const method = client.token_endpoint_auth_method === "none" ? "none" : "client_secret_post"
      const answer = await clientsStore.registerClient!({ ...client, token_endpoint_auth_method: method } as never)
      return answer as undefined
    },
    authorize: async ({ client_id }, { state, scopes = [], codeChallenge, redirectUri, ...rest }) => {
      const client = (await known(client_id)) ?? refuse("invalid_client")
      if (!client.redirect_uris.some((uri) => isRegistered(redirectUri, uri))) refuse("invalid_request")
      const { response, location } = makeSdkResponse()
      const params = { state, scopes: [...scopes], codeChallenge, redirectUri, resource: resourceIn(rest) }
      await provider.authorize(client, params as never, response as never)
      return location
    },
    loadAuthorizationCode: async (caller, code) => {
      const client = await authenticated(caller)
      const challenge = isSkipping ? {} : { codeChallenge: await provider.challengeForAuthorizationCode(client, code) }
      return { code, clientId: client.client_id, ...challenge } as AuthorizationCode
    },
    exchangeAuthorizationCode: async (client, { code }, { codeVerifier, redirectUri, ...rest } = {}) => {
      if (isSkipping && codeVerifier === undefined) refuse("invalid_request")
      const verifier = isSkipping ? codeVerifier : undefined
      const known = await authenticated(client)
      const resource = resourceIn(rest)
      return (await provider.exchangeAuthorizationCode(known, code, verifier, redirectUri, resource)) as OAuthToken
    },
    loadRefreshToken: async ({ client_id }, token) => ({ token, clientId: client_id }) as RefreshToken,
    exchangeRefreshToken: async (client, { token }, scopes, proof = {}) => {
      const known = await authenticated(client)
      const asked = scopes.length === 0 ? undefined : [...scopes]
      return (await provider.exchangeRefreshToken(known, token, asked, resourceIn(proof))) as OAuthToken
    },
    loadAccessToken: async (token) => (await provider.verifyAccessToken(token)) as AccessToken,
    verifyToken: async (token) => (await provider.verifyAccessToken(token)) as AccessToken,
    revokeToken: async () => refuse("unsupported_token_type"),
  }
}
