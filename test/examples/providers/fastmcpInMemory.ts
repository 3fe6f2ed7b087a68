/**
 * FastMCP's `InMemoryOAuthProvider` in TypeScript: the same four dictionaries, the same decisions, for unit tests.
 *
 * Its faults are those of rows B1 to B14 of the contract. Looking at an expired access token ends its refresh token.
 * What `exchangeRefreshToken` is given it believes, so a token is refreshed twice, after its end, for anybody. A
 * replayed code is refused and nothing ends; narrowing stays; resource and subject are dropped; a token is good until
 * the second after its end; refresh tokens have none; an id is registered over the one before.
 */
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../../src/entry/grantlog.ts"
import { randomToken } from "./random.ts"

const CODE_SECONDS = 5 * 60
const ACCESS_SECONDS = 60 * 60

class TokenError extends Error {
  readonly error: string
  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

interface Expiring {
  readonly expiresAt?: number
}

export const fastmcpInMemory = async ({ now }: { readonly now: () => number }): Promise<OAuthProvider> => {
  const clients = new Map<string, OAuthClientInformationFull>()
  const codes = new Map<string, AuthorizationCode>()
  const accessTokens = new Map<string, AccessToken>()
  const refreshTokens = new Map<string, RefreshToken>()
  const refreshOfAccess = new Map<string, string>()
  const accessOfRefresh = new Map<string, string>()

  const isPast = ({ expiresAt }: Expiring) => expiresAt !== undefined && expiresAt < now() / 1000

  const removeAccess = (token: string) => {
    accessTokens.delete(token)
    const refresh = refreshOfAccess.get(token)
    refreshOfAccess.delete(token)
    if (refresh === undefined) return
    refreshTokens.delete(refresh)
    accessOfRefresh.delete(refresh)
  }

  const removeRefresh = (token: string) => {
    refreshTokens.delete(token)
    const access = accessOfRefresh.get(token)
    accessOfRefresh.delete(token)
    if (access === undefined) return
    accessTokens.delete(access)
    refreshOfAccess.delete(access)
  }

  const issue = (clientId: string, scopes: ReadonlyArray<string>): OAuthToken => {
    const access = randomToken("test_access_token_")
    const refresh = randomToken("test_refresh_token_")
    const expiresAt = Math.floor(now() / 1000 + ACCESS_SECONDS)
    accessTokens.set(access, { token: access, clientId, scopes, expiresAt, resource: [] })
    refreshTokens.set(refresh, { token: refresh, clientId, scopes, resource: [] })
    refreshOfAccess.set(access, refresh)
    accessOfRefresh.set(refresh, access)
    return {
      access_token: access,
      token_type: "Bearer",
      expires_in: ACCESS_SECONDS,
      refresh_token: refresh,
      scope: scopes.join(" "),
    }
  }

  const loadAccessToken = async (token: string) => {
    const record = accessTokens.get(token)
    if (record === undefined || !isPast(record)) return record
    removeAccess(token)
    return undefined
  }

  return {
    getClient: async (clientId) => clients.get(clientId),
    registerClient: async (client) => {
      clients.set(client.client_id, client)
    },
    authorize: async (client, params) => {
      if (!clients.has(client.client_id)) {
        throw new TokenError("unauthorized_client", `client '${client.client_id}' is not registered`)
      }
      const allowed = client.scope ? client.scope.split(" ") : undefined
      const code = randomToken("test_auth_code_")
      codes.set(code, {
        code,
        clientId: client.client_id,
        scopes: (params.scopes ?? []).filter((scope) => allowed?.includes(scope) ?? true),
        expiresAt: now() / 1000 + CODE_SECONDS,
        codeChallenge: params.codeChallenge,
        redirectUri: params.redirectUri,
        redirectUriProvidedExplicitly: params.redirectUriProvidedExplicitly,
        resource: [],
      })
      const location = new URL(params.redirectUri)
      location.searchParams.set("code", code)
      if (params.state !== undefined) location.searchParams.set("state", params.state)
      return location.href
    },

    loadAuthorizationCode: async (client, code) => {
      const record = codes.get(code)
      if (record === undefined || record.clientId !== client.client_id) return undefined
      if (!isPast(record)) return record
      codes.delete(code)
      return undefined
    },
    exchangeAuthorizationCode: async (client, { code, scopes }) => {
      if (!codes.delete(code)) throw new TokenError("invalid_grant", "authorization code not found or already used")
      return issue(client.client_id, scopes)
    },

    loadRefreshToken: async (client, token) => {
      const record = refreshTokens.get(token)
      if (record === undefined || record.clientId !== client.client_id) return undefined
      if (!isPast(record)) return record
      removeRefresh(token)
      return undefined
    },
    exchangeRefreshToken: async (client, { token, scopes: granted }, scopes) => {
      if (!scopes.every((scope) => granted.includes(scope))) {
        throw new TokenError("invalid_scope", "requested scopes exceed those of the refresh token")
      }
      removeRefresh(token)
      return issue(client.client_id, scopes)
    },

    loadAccessToken,
    verifyToken: loadAccessToken,
    revokeToken: async ({ token }) => {
      removeAccess(token)
      removeRefresh(token)
    },
  }
}

export default fastmcpInMemory
