/**
 * Maps in memory behind an interface that a database could have: "we swap it for Redis later".
 *
 * One call after the other it is mostly right. Its faults: between looking and writing there is an `await`, so that
 * parallel redemptions of a code, refreshes and registrations of an id all succeed, and a refresh beside a revocation
 * outlives it; and a replayed code or a reused refresh token is refused, but ends nothing.
 */
import { hash } from "node:crypto"
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../../src/entry/grantlog.ts"
import { randomToken } from "./random.ts"

const CODE_SECONDS = 300
const ACCESS_SECONDS = 3600
const REFRESH_SECONDS = 14 * 24 * 3600

class Store<Value> {
  readonly #values = new Map<string, Value>()

  async get(key: string): Promise<Value | undefined> {
    await Promise.resolve()
    return this.#values.get(key)
  }

  async set(key: string, value: Value): Promise<void> {
    await Promise.resolve()
    this.#values.set(key, value)
  }

  async deleteWhere(isDoomed: (value: Value) => boolean): Promise<void> {
    await Promise.resolve()
    for (const [key, value] of this.#values) if (isDoomed(value)) this.#values.delete(key)
  }
}

class OAuthFailure extends Error {
  readonly error: string
  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

/** One login, by which its tokens are ended together. */
interface InSession {
  readonly sessionId: string
}

type StoredCode = AuthorizationCode & InSession & { readonly isUsed: boolean }
type StoredRefresh = RefreshToken & InSession & { readonly isUsed: boolean }
type StoredAccess = AccessToken & InSession

const isSubset = (asked: ReadonlyArray<string>, granted: ReadonlyArray<string>) =>
  asked.every((one) => granted.includes(one))

export const map = async ({ now }: { readonly now: () => number }): Promise<OAuthProvider> => {
  const clients = new Store<OAuthClientInformationFull>()
  const codes = new Store<StoredCode>()
  const refreshTokens = new Store<StoredRefresh>()
  const accessTokens = new Store<StoredAccess>()

  const inSeconds = (seconds: number) => Math.floor(now() / 1000) + seconds
  const isExpired = ({ expiresAt }: { readonly expiresAt?: number }) =>
    expiresAt !== undefined && now() >= expiresAt * 1000

  const issue = async (
    { clientId, scopes, resource, subject, sessionId }: Omit<StoredRefresh, "token" | "isUsed">,
    accessScopes: ReadonlyArray<string>,
    accessResource: ReadonlyArray<string>,
    { grant_types }: OAuthClientInformationFull,
  ): Promise<OAuthToken> => {
    const session = { clientId, sessionId, ...(subject === undefined ? {} : { subject }) }
    const access = randomToken("at_")
    await accessTokens.set(access, {
      ...session,
      token: access,
      scopes: accessScopes,
      resource: accessResource,
      expiresAt: inSeconds(ACCESS_SECONDS),
    })
    const answer = {
      access_token: access,
      token_type: "Bearer" as const,
      expires_in: ACCESS_SECONDS,
      scope: accessScopes.join(" "),
    }
    if (grant_types?.includes("refresh_token") === false) return answer
    const refresh = randomToken("rt_")
    await refreshTokens.set(refresh, {
      ...session,
      token: refresh,
      scopes,
      resource,
      expiresAt: inSeconds(REFRESH_SECONDS),
      isUsed: false,
    })
    return { ...answer, refresh_token: refresh }
  }

  const verifyToken = async (token: string) => {
    const record = await accessTokens.get(token)
    return record === undefined || isExpired(record) ? undefined : record
  }

  return {
    getClient: (clientId) => clients.get(clientId),
    registerClient: async (client) => {
      if ((await clients.get(client.client_id)) !== undefined) {
        throw new OAuthFailure("invalid_client_metadata", "client_id is already registered")
      }
      await clients.set(client.client_id, client)
    },
    authorize: async (client, params) => {
      if (!client.redirect_uris.includes(params.redirectUri)) {
        throw new OAuthFailure("invalid_request", "redirect_uri is not registered")
      }
      const registered = client.scope?.split(" ")
      const scopes = params.scopes?.length ? params.scopes : (registered ?? ["read"])
      if (!isSubset(scopes, registered ?? scopes)) throw new OAuthFailure("invalid_scope", "scope is not allowed")
      const code = randomToken("code_")
      await codes.set(code, {
        code,
        clientId: client.client_id,
        scopes,
        expiresAt: inSeconds(CODE_SECONDS),
        codeChallenge: params.codeChallenge,
        redirectUri: params.redirectUri,
        redirectUriProvidedExplicitly: params.redirectUriProvidedExplicitly,
        resource: params.resource ?? [],
        subject: "alice",
        sessionId: randomToken("session_"),
        isUsed: false,
      })
      const location = new URL(params.redirectUri)
      location.searchParams.set("code", code)
      if (params.state !== undefined) location.searchParams.set("state", params.state)
      return location.href
    },

    loadAuthorizationCode: async (client, code) => {
      const record = await codes.get(code)
      return record?.clientId === client.client_id ? record : undefined
    },
    exchangeAuthorizationCode: async (client, { code }, proof) => {
      const record = await codes.get(code)
      if (record === undefined || record.clientId !== client.client_id || record.isUsed || isExpired(record)) {
        throw new OAuthFailure("invalid_grant", "code is unknown, used or expired")
      }
      const isProven = hash("sha256", proof?.codeVerifier ?? "", "base64url") === record.codeChallenge
      if (!isProven || (proof?.redirectUri ?? record.redirectUri) !== record.redirectUri) {
        throw new OAuthFailure("invalid_grant", "code_verifier or redirect_uri does not match")
      }
      const resource = proof?.resource?.length ? proof.resource : record.resource
      if (!isSubset(resource, record.resource)) throw new OAuthFailure("invalid_target", "resource was not granted")
      await codes.set(code, { ...record, isUsed: true })
      return issue(record, record.scopes, resource, client)
    },

    loadRefreshToken: async (client, token) => {
      const record = await refreshTokens.get(token)
      return record?.clientId === client.client_id ? record : undefined
    },
    exchangeRefreshToken: async (client, { token }, scopes, proof) => {
      const record = await refreshTokens.get(token)
      if (record === undefined || record.clientId !== client.client_id || record.isUsed || isExpired(record)) {
        throw new OAuthFailure("invalid_grant", "refresh token is unknown, used or expired")
      }
      if (!isSubset(scopes, record.scopes)) throw new OAuthFailure("invalid_scope", "scope was not granted")
      const resource = proof?.resource?.length ? proof.resource : record.resource
      if (!isSubset(resource, record.resource)) throw new OAuthFailure("invalid_target", "resource was not granted")
      await refreshTokens.set(token, { ...record, isUsed: true })
      return issue(record, scopes.length === 0 ? record.scopes : scopes, resource, client)
    },

    loadAccessToken: verifyToken,
    verifyToken,
    revokeToken: async ({ token, clientId }, { cascade = true } = {}) => {
      const refresh = await refreshTokens.get(token)
      const record = refresh ?? (await verifyToken(token))
      if (record === undefined || record.clientId !== clientId) return
      if (refresh === undefined && !cascade) return accessTokens.deleteWhere((one) => one.token === token)
      await refreshTokens.deleteWhere((one) => one.sessionId === record.sessionId)
      await accessTokens.deleteWhere((one) => one.sessionId === record.sessionId)
    },
  }
}

export default map
