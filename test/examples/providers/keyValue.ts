/**
 * A key-value namespace with expiring entries, as edge platforms have them; a grant is one JSON document.
 *
 * A grant's current and previous refresh token both work, so that a lost reply costs nothing. Its faults: documents
 * are read, changed and put back without a comparison, so that parallel requests overwrite each other, registrations of
 * an id too, and a refresh on its way puts a revoked grant back; the record of a refresh token is given to whoever asks; a spent token is taken
 * for theft before anybody asks whose client presents it; and a refresh may ask for whatever its client registered for,
 * where it registered for more than was granted.
 */
import { hash } from "node:crypto"
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
} from "../../../src/entry/grantlog.ts"
import { randomToken } from "./random.ts"

const CODE_SECONDS = 600
const ACCESS_SECONDS = 3600
const GRANT_SECONDS = 30 * 24 * 3600

interface Grant {
  readonly id: string
  readonly clientId: string
  readonly subject: string
  readonly scopes: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
  readonly expiresAt: number
  readonly code: Omit<AuthorizationCode, "code" | "clientId" | "subject" | "scopes" | "resource"> & {
    readonly digest: string
    readonly isRedeemed: boolean
  }
  /** Digests; both `current` and `previous` are good for a refresh. */
  readonly refresh: { readonly current?: string; readonly previous?: string; readonly spent: ReadonlyArray<string> }
}

/** The platform's binding: every call is a round trip, every value a string, every entry gone at its end. */
const openNamespace = (now: () => number) => {
  const entries = new Map<string, { readonly value: string; readonly expiration: number }>()
  const roundTrip = () => new Promise((resolve) => setImmediate(resolve))
  return {
    get: async <Value>(key: string): Promise<Value | undefined> => {
      await roundTrip()
      const entry = entries.get(key)
      return entry === undefined || now() >= entry.expiration * 1000 ? undefined : (JSON.parse(entry.value) as Value)
    },
    put: async (key: string, value: unknown, expiration = Infinity): Promise<void> => {
      await roundTrip()
      entries.set(key, { value: JSON.stringify(value), expiration })
    },
    list: async (prefix: string): Promise<ReadonlyArray<string>> => {
      await roundTrip()
      return [...entries.keys()].filter((key) => key.startsWith(prefix))
    },
    delete: async (key: string): Promise<void> => {
      await roundTrip()
      entries.delete(key)
    },
  }
}

class OAuthError extends Error {
  readonly code: string
  constructor(code: string, description: string) {
    super(description)
    this.code = code
  }
}

const digestOf = (secret: string) => hash("sha256", secret, "base64url")
/** Codes and tokens begin with the id of their grant. */
const grantIdIn = (token: string) => token.split(":")[0]!

export const keyValue = async ({ now }: { readonly now: () => number }): Promise<OAuthProvider> => {
  const namespace = openNamespace(now)
  const seconds = () => Math.floor(now() / 1000)
  const grantOf = (token: string) => namespace.get<Grant>(`grant:${grantIdIn(token)}`)
  const putGrant = (grant: Grant) => namespace.put(`grant:${grant.id}`, grant, grant.expiresAt)
  const accessKeyOf = (token: string) => `token:${grantIdIn(token)}:${digestOf(token)}`

  /** The grant first: nothing more is issued from it while its tokens are looked up. */
  const endGrant = async (id: string) => {
    await namespace.delete(`grant:${id}`)
    for (const key of await namespace.list(`token:${id}:`)) await namespace.delete(key)
  }

  /** The grant last: who is told of a new refresh token can use it. */
  const issue = async (
    { grant_types }: OAuthClientInformationFull,
    grant: Grant,
    presented: string | undefined,
    scopes: ReadonlyArray<string>,
    asked: ReadonlyArray<string> = [],
  ): Promise<OAuthToken> => {
    const { id, clientId, subject } = grant
    const resource = asked.length > 0 ? asked : grant.resource
    if (!resource.every((one) => grant.resource.includes(one))) throw new OAuthError("invalid_target", "not granted")
    const [access, refresh] = [randomToken(`${id}:`), randomToken(`${id}:`)]
    const expiresAt = Math.min(seconds() + ACCESS_SECONDS, grant.expiresAt)
    const record: Omit<AccessToken, "token"> = { clientId, subject, scopes, resource, issuedAt: seconds(), expiresAt }
    await namespace.put(accessKeyOf(access), record, expiresAt)
    const known = [...grant.refresh.spent, grant.refresh.previous, grant.refresh.current]
    const spent = known.filter((one) => one !== undefined && one !== presented) as ReadonlyArray<string>
    const previous = presented === undefined ? {} : { previous: presented }
    const mayRefresh = grant_types?.includes("refresh_token") ?? true
    await putGrant(mayRefresh ? { ...grant, refresh: { current: digestOf(refresh), ...previous, spent } } : grant)
    return {
      access_token: access,
      token_type: "Bearer",
      expires_in: expiresAt - seconds(),
      scope: scopes.join(" "),
      ...(mayRefresh ? { refresh_token: refresh } : {}),
    }
  }

  const verifyToken = async (token: string) => {
    const record = await namespace.get<Omit<AccessToken, "token">>(accessKeyOf(token))
    return record === undefined ? undefined : { ...record, token }
  }

  return {
    getClient: (clientId) => namespace.get<OAuthClientInformationFull>(`client:${clientId}`),
    registerClient: async (client) => {
      const key = `client:${client.client_id}`
      if ((await namespace.get(key)) !== undefined) throw new OAuthError("invalid_client_metadata", "client id taken")
      await namespace.put(key, client)
    },
    authorize: async ({ client_id: clientId, scope, redirect_uris }, { state, scopes, resource = [], ...request }) => {
      const registered = scope?.split(" ")
      const granted = scopes?.length ? scopes : (registered ?? ["read"])
      if (!redirect_uris.includes(request.redirectUri)) throw new OAuthError("invalid_request", "redirect URI unknown")
      if (registered !== undefined && !granted.every((one) => registered.includes(one))) {
        throw new OAuthError("invalid_scope", "the client is not registered for that scope")
      }
      const id = randomToken("").slice(0, 16)
      const code = randomToken(`${id}:`)
      await putGrant({
        id,
        clientId,
        subject: "alice",
        scopes: granted,
        resource,
        expiresAt: seconds() + GRANT_SECONDS,
        code: { ...request, digest: digestOf(code), expiresAt: seconds() + CODE_SECONDS, isRedeemed: false },
        refresh: { spent: [] },
      })
      const location = new URL(request.redirectUri)
      location.searchParams.set("code", code)
      if (state !== undefined) location.searchParams.set("state", state)
      return location.href
    },

    loadAuthorizationCode: async (client, code) => {
      const grant = await grantOf(code)
      if (grant?.code.digest !== digestOf(code) || grant.clientId !== client.client_id) return undefined
      const { id: _, refresh: __, ...record } = grant
      return { ...record, ...grant.code, code }
    },
    exchangeAuthorizationCode: async (client, { code }, proof = {}) => {
      const grant = await grantOf(code)
      const isKnown = grant?.code.digest === digestOf(code) && grant.clientId === client.client_id
      if (!isKnown) throw new OAuthError("invalid_grant", "code not found")
      const { codeChallenge, redirectUri, expiresAt, isRedeemed } = grant.code
      const isProven = digestOf(proof.codeVerifier ?? "") === codeChallenge
      if (!isProven || (proof.redirectUri ?? redirectUri) !== redirectUri) {
        throw new OAuthError("invalid_grant", "code_verifier or redirect_uri is wrong")
      }
      if (isRedeemed) {
        await endGrant(grant.id)
        throw new OAuthError("invalid_grant", "code was used before")
      }
      if (seconds() >= expiresAt) throw new OAuthError("invalid_grant", "code has expired")
      const redeemed = { ...grant, code: { ...grant.code, isRedeemed: true } }
      return issue(client, redeemed, undefined, grant.scopes, proof.resource)
    },

    loadRefreshToken: async (_, token) => {
      const grant = await grantOf(token)
      if (grant === undefined) return undefined
      const { current, previous, spent } = grant.refresh
      if (![current, previous, ...spent].includes(digestOf(token))) return undefined
      const { clientId, subject, scopes, resource, expiresAt } = grant
      return { token, clientId, subject, scopes, resource, expiresAt }
    },
    exchangeRefreshToken: async (client, { token }, scopes, proof) => {
      const presented = digestOf(token)
      const grant = await grantOf(token)
      if (grant === undefined) throw new OAuthError("invalid_grant", "refresh token not found")
      const { current, previous, spent } = grant.refresh
      if (spent.includes(presented)) {
        await endGrant(grant.id)
        throw new OAuthError("invalid_grant", "refresh token was used before")
      }
      if (grant.clientId !== client.client_id || (presented !== current && presented !== previous)) {
        throw new OAuthError("invalid_grant", "refresh token not found")
      }
      const allowed = client.scope?.split(" ") ?? grant.scopes
      if (!scopes.every((one) => allowed.includes(one))) throw new OAuthError("invalid_scope", "not granted")
      return issue(client, grant, presented, scopes.length > 0 ? scopes : grant.scopes, proof?.resource)
    },

    loadAccessToken: verifyToken,
    verifyToken,
    revokeToken: async ({ token, clientId }, { cascade = true } = {}) => {
      const grant = await grantOf(token)
      if (grant === undefined || grant.clientId !== clientId) return
      if (cascade || (await verifyToken(token)) === undefined) await endGrant(grant.id)
      else await namespace.delete(accessKeyOf(token))
    },
  }
}

export default keyValue
