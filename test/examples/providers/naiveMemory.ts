/**
 * A provider as people write their first one: maps in memory, an `await` here and there, trust in its arguments.
 *
 * It has most of the faults that such providers have (CONTRACT.md B): look at it, do not copy it.
 */
import { randomUUID } from "node:crypto"
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../../src/entry/grantlog.ts"

const LIFETIME_SECONDS = 3600
export interface NaiveMemory extends OAuthProvider {
  readonly refreshTokens: ReadonlyMap<string, RefreshToken>
}

/** `now`: seconds since the epoch; `lookUp`: how long a database takes. */
export const naiveMemory = (now: () => number, lookUp = () => Promise.resolve()): NaiveMemory => {
  const clients = new Map<string, OAuthClientInformationFull>()
  const authorizationCodes = new Map<string, AuthorizationCode>()
  const accessTokens = new Map<string, AccessToken>()
  const refreshTokens = new Map<string, RefreshToken>()

  const issue = (clientId: string, scopes: ReadonlyArray<string>): OAuthToken => {
    const [access, refresh] = [`access-${randomUUID()}`, `refresh-${randomUUID()}`]
    accessTokens.set(access, { token: access, clientId, scopes, expiresAt: now() + LIFETIME_SECONDS, resource: [] })
    refreshTokens.set(refresh, {
      token: refresh,
      clientId,
      scopes,
      expiresAt: now() + 10 * LIFETIME_SECONDS,
      resource: [],
    })
    return {
      access_token: access,
      token_type: "Bearer",
      expires_in: LIFETIME_SECONDS,
      scope: scopes.join(" "),
      refresh_token: refresh,
    }
  }

  return {
    refreshTokens,
    getClient: async (clientId) => clients.get(clientId),
    registerClient: async (client) => {
      clients.set(client.client_id, client)
    },
    authorize: async (
      client,
      { codeChallenge, redirectUri, redirectUriProvidedExplicitly, scopes = ["read"], state },
    ) => {
      const code = `code-${randomUUID()}`
      authorizationCodes.set(code, {
        code,
        clientId: client.client_id,
        scopes,
        expiresAt: now() + 300,
        codeChallenge,
        redirectUri,
        redirectUriProvidedExplicitly,
        resource: [],
      })
      const location = new URL(redirectUri)
      location.searchParams.set("code", code)
      if (state !== undefined) location.searchParams.set("state", state)
      return location.href
    },
    loadAuthorizationCode: async (_, code) => authorizationCodes.get(code),
    exchangeAuthorizationCode: async (client, { code, scopes }) => {
      authorizationCodes.delete(code)
      return issue(client.client_id, scopes)
    },
    loadRefreshToken: async (_, token) => {
      const record = refreshTokens.get(token)
      await lookUp()
      return record
    },
    exchangeRefreshToken: async (client, { token }, scopes) => {
      refreshTokens.delete(token)
      return issue(client.client_id, scopes)
    },
    loadAccessToken: async (token) => accessTokens.get(token),
    verifyToken: async (token) => accessTokens.get(token),
    revokeToken: async ({ token }) => {
      accessTokens.delete(token)
      refreshTokens.delete(token)
    },
  }
}
