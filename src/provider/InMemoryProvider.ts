/** The zero-configuration provider, for somebody's unit test: everything in memory, everybody approved as one account. */
import * as Effect from "effect/Effect"
import type { Config } from "./Config.ts"
import { ephemeralKeys } from "./KeyFile.ts"
import type { OAuthProvider } from "./OAuthProvider.ts"
import { makeServer } from "./Server.ts"
import { memoryStore } from "./Stores.ts"
import { toOAuthProvider, type ApprovalPolicy } from "./toOAuthProvider.ts"

/** Who approves, and what else is configured; by default everybody is `somebody`. */
export interface InMemoryProviderOptions extends ApprovalPolicy {
  /** The configuration; the issuer is `http://localhost` by default. */
  readonly config?: Partial<Config>
}

/**
 * A provider that needs nothing.
 *
 * @example
 * import { inMemoryProvider } from "grantlog"
 *
 * const provider = inMemoryProvider()
 * await provider.registerClient({
 *   client_id: "app",
 *   redirect_uris: ["http://127.0.0.1/callback"],
 *   token_endpoint_auth_method: "none",
 * })
 */
export const inMemoryProvider = ({
  approve = () => "somebody",
  policyName = "in-memory",
  config = {},
}: InMemoryProviderOptions = {}): OAuthProvider => {
  const making = makeServer({
    store: memoryStore(),
    keys: ephemeralKeys(),
    // What is in memory is gone with the test: nothing has to be kept from growing.
    config: { issuer: "http://localhost", tokenRate: "off", registrationRate: "off", ...config },
  })
  const ready = Effect.runPromise(making).then((server) => toOAuthProvider(server, { approve, policyName }))
  // A bad configuration rejects every call; nobody may be waiting yet.
  ready.catch(() => {})
  return {
    capabilities: { isJudge: true, isRefreshRetryable: true },
    getClient: async (clientId) => (await ready).getClient(clientId),
    registerClient: async (client) => (await ready).registerClient(client),
    authorize: async (client, params) => (await ready).authorize(client, params),
    loadAuthorizationCode: async (client, code) => (await ready).loadAuthorizationCode(client, code),
    exchangeAuthorizationCode: async (client, code, proof) =>
      (await ready).exchangeAuthorizationCode(client, code, proof),
    loadRefreshToken: async (client, token) => (await ready).loadRefreshToken(client, token),
    exchangeRefreshToken: async (client, token, scopes, proof) =>
      (await ready).exchangeRefreshToken(client, token, scopes, proof),
    loadAccessToken: async (token) => (await ready).loadAccessToken(token),
    verifyToken: async (token) => (await ready).verifyToken(token),
    revokeToken: async (token, options) => (await ready).revokeToken(token, options),
    authenticateClient: async (clientId, secret) => (await ready).authenticateClient!(clientId, secret),
    audienceOf: async (clientId) => (await ready).audienceOf!(clientId),
  }
}
