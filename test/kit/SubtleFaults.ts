/**
 * Faults that need more than one look: each is put around a provider that has none, and changes nothing else.
 *
 * What the wrapped provider is right about it stays right about: one call after the other, by the owner, or for a client
 * that registered for no more than it was granted, nothing is to be seen.
 */
import type { AccessToken, OAuthClientInformationFull, OAuthProvider, OAuthToken } from "../../src/entry/grantlog.ts"

type Client = OAuthClientInformationFull

/** A login, by which its tokens are known to belong together. */
interface Family {
  readonly owner: Client
  latest: string
  isRevoked: boolean
}

/** Which login each token is of, kept beside the provider. */
const familiesOf = (provider: OAuthProvider) => {
  const families = new Map<string, Family>()
  const join = (token: OAuthToken, family: Family): OAuthToken => {
    families.set(token.access_token, family)
    families.set(token.refresh_token!, family)
    family.latest = token.refresh_token!
    return token
  }
  const redeem: OAuthProvider["exchangeAuthorizationCode"] = async (client, code, proof) =>
    join(await provider.exchangeAuthorizationCode(client, code, proof), { owner: client, latest: "", isRevoked: false })
  return { families, join, redeem }
}

class Refusal extends Error {
  readonly error = "invalid_grant"
}

/** A spent refresh token ends its grant, whoever presents it. */
export const reuseBeforeOwnership = (provider: OAuthProvider): OAuthProvider => {
  const { families, join, redeem } = familiesOf(provider)
  return {
    ...provider,
    exchangeAuthorizationCode: redeem,
    exchangeRefreshToken: async (client, record, scopes, proof) => {
      const family = families.get(record.token)!
      const isSpent = family.latest !== record.token
      if (isSpent && client.client_id !== family.owner.client_id) {
        const latest = await provider.loadRefreshToken(family.owner, family.latest)
        if (latest) await provider.revokeToken(latest)
        throw new Refusal("the refresh token was used before")
      }
      return join(await provider.exchangeRefreshToken(client, record, scopes, proof), family)
    },
  }
}

/** A refresh writes back what it read of its grant in the beginning: that it was not revoked. */
export const revocationUndone = (provider: OAuthProvider): OAuthProvider => {
  const { families, join, redeem } = familiesOf(provider)
  const isRevoked = (token: string) => families.get(token)?.isRevoked === true
  return {
    ...provider,
    exchangeAuthorizationCode: redeem,
    loadRefreshToken: async (client, token) =>
      isRevoked(token) ? undefined : provider.loadRefreshToken(client, token),
    exchangeRefreshToken: async (client, record, scopes, proof) => {
      const family = families.get(record.token)!
      const read = family.isRevoked
      if (read) throw new Refusal("revoked")
      const token = await provider.exchangeRefreshToken(client, record, scopes, proof)
      await new Promise((resolve) => setImmediate(resolve))
      family.isRevoked = read
      return join(token, family)
    },
    verifyToken: async (token) => (isRevoked(token) ? undefined : provider.verifyToken(token)),
    loadAccessToken: async (token) => (isRevoked(token) ? undefined : provider.loadAccessToken(token)),
    revokeToken: async ({ token, clientId }) => {
      const family = families.get(token)
      if (family?.owner.client_id === clientId) family.isRevoked = true
    },
  }
}

/** A refresh gives what its client registered for, where that is more than was granted. */
export const scopeOfRegistration = (provider: OAuthProvider): OAuthProvider => {
  const widened = new Map<string, ReadonlyArray<string>>()
  return {
    ...provider,
    exchangeRefreshToken: async (client, record, scopes, proof) => {
      const registered = client.scope?.split(" ") ?? []
      const isWider = scopes.some((one) => !record.scopes.includes(one))
      if (!isWider || !scopes.every((one) => registered.includes(one))) {
        return provider.exchangeRefreshToken(client, record, scopes, proof)
      }
      const token = await provider.exchangeRefreshToken(client, record, record.scopes, proof)
      widened.set(token.access_token, scopes)
      return { ...token, scope: scopes.join(" ") }
    },
    verifyToken: async (token) => {
      const record = await provider.verifyToken(token)
      return record && { ...record, scopes: widened.get(token) ?? record.scopes }
    },
  }
}

/** Whether an access token has ended is asked of a clock that may step back, and of nothing else. */
export const endsByTheClockAlone = (provider: OAuthProvider, now: () => number): OAuthProvider => {
  const alive = new Map<string, AccessToken>()
  const ended = new Map<string, AccessToken>()
  const isOver = ({ expiresAt = Infinity }: AccessToken) => now() / 1000 >= expiresAt
  const verifyToken: OAuthProvider["verifyToken"] = async (token) => {
    const record = (await provider.verifyToken(token)) ?? undefined
    const known = alive.get(token)
    if (record) alive.set(token, record)
    else if (known && isOver(known)) ended.set(token, known)
    const late = ended.get(token)
    return record ?? (late && !isOver(late) ? late : undefined)
  }
  return {
    ...provider,
    exchangeAuthorizationCode: async (client, code, proof) => {
      const token = await provider.exchangeAuthorizationCode(client, code, proof)
      await verifyToken(token.access_token)
      return token
    },
    verifyToken,
  }
}
