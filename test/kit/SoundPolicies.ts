/**
 * Ways in which a sound provider may differ from ours: each is put around one that has no fault, and none is one.
 *
 * What counts is what is alive afterwards, not how it is said.
 */
import type { OAuthClientInformationFull, OAuthProvider, OAuthToken } from "../../src/entry/grantlog.ts"

type Client = OAuthClientInformationFull
type Policy = (provider: OAuthProvider) => OAuthProvider

const withTokens = (provider: OAuthProvider, map: (token: OAuthToken) => OAuthToken): OAuthProvider => ({
  ...provider,
  exchangeAuthorizationCode: async (...input) => map(await provider.exchangeAuthorizationCode(...input)),
  exchangeRefreshToken: async (...input) => map(await provider.exchangeRefreshToken(...input)),
})

/** Everybody signs in anew when the access token ends. */
export const noRefreshTokens: Policy = (provider) => withTokens(provider, ({ refresh_token: _, ...token }) => token)

/** What an answer may leave out. */
export const fewWords: Policy = (provider) => withTokens(provider, ({ scope: _, ...token }) => token)

/** One refresh token for the whole of a grant, whatever it stands for inside. */
export const noRotation: Policy = (provider) => {
  const inside = new Map<string, string>()
  return {
    ...withTokens(provider, (token) => {
      inside.set(token.refresh_token!, token.refresh_token!)
      return token
    }),
    loadRefreshToken: async (client, token) => {
      const record = await provider.loadRefreshToken(client, inside.get(token) ?? token)
      return record && { ...record, token }
    },
    exchangeRefreshToken: async (client, record, scopes, proof) => {
      const { token } = record
      const given = await provider.exchangeRefreshToken(
        client,
        { ...record, token: inside.get(token) ?? token },
        scopes,
        proof,
      )
      inside.set(token, given.refresh_token!)
      return { ...given, refresh_token: token }
    },
  }
}

/** Errors that say nothing to anybody else. */
export const errorsOfItsOwn: Policy = (provider) => {
  class Nope extends Error {}
  const refusing =
    <Input extends ReadonlyArray<unknown>, A>(body: (...input: Input) => Promise<A>) =>
    (...input: Input): Promise<A> =>
      body(...input).catch(() => {
        throw new Nope("no")
      })
  return {
    ...provider,
    registerClient: refusing(provider.registerClient),
    authorize: refusing(provider.authorize),
    exchangeAuthorizationCode: refusing(provider.exchangeAuthorizationCode),
    exchangeRefreshToken: refusing(provider.exchangeRefreshToken),
  }
}

/** As in SDKs: what is not found is thrown, and a resource is one string. */
export const inTheWayOfAnSdk: Policy = (provider) => ({
  ...provider,
  loadAuthorizationCode: async (client, code) => (await provider.loadAuthorizationCode(client, code)) ?? null,
  verifyToken: async (token) => {
    const record = await provider.verifyToken(token)
    if (!record) throw Object.assign(new Error("bad token"), { errorCode: "invalid_token" })
    return { ...record, resource: record.resource[0] as never }
  },
})

/** A refresh ends the access tokens before it. */
export const oneAccessToken: Policy = (provider) => {
  const grantOf = new Map<string, { latest: string }>()
  const isEnded = (token: string) => grantOf.has(token) && grantOf.get(token)!.latest !== token
  const join = (token: OAuthToken, grant: { latest: string }) => {
    grant.latest = token.access_token
    grantOf.set(token.access_token, grant)
    grantOf.set(`refresh ${token.refresh_token}`, grant)
    return token
  }
  return {
    ...provider,
    exchangeAuthorizationCode: async (...input) =>
      join(await provider.exchangeAuthorizationCode(...input), { latest: "" }),
    exchangeRefreshToken: async (client, record, scopes, proof) =>
      join(await provider.exchangeRefreshToken(client, record, scopes, proof), grantOf.get(`refresh ${record.token}`)!),
    verifyToken: async (token) => (isEnded(token) ? undefined : provider.verifyToken(token)),
    loadAccessToken: async (token) => (isEnded(token) ? undefined : provider.loadAccessToken(token)),
  }
}

/** A code is for one attempt of its client, right or wrong. */
export const oneAttempt: Policy = (provider) => {
  const attempted = new Set<string>()
  return {
    ...provider,
    exchangeAuthorizationCode: async (client, record, proof) => {
      const isItsClient = (await provider.loadAuthorizationCode(client, record.code)) !== undefined
      if (!isItsClient) return provider.exchangeAuthorizationCode(client, record, proof)
      const isFirst = !attempted.has(record.code)
      attempted.add(record.code)
      try {
        return await provider.exchangeAuthorizationCode(client, record, proof)
      } catch (cause) {
        if (isFirst) attempted.add(`spoilt ${record.code}`)
        throw cause
      }
    },
    loadAuthorizationCode: async (client, code) =>
      attempted.has(`spoilt ${code}`) ? undefined : provider.loadAuthorizationCode(client, code),
  }
}

/** Signing in again ends the session before. */
export const oneSession: Policy = (provider) => {
  const latest = new Map<string, { readonly client: Client; readonly refresh: string }>()
  return {
    ...provider,
    exchangeAuthorizationCode: async (client, code, proof) => {
      const token = await provider.exchangeAuthorizationCode(client, code, proof)
      const before = latest.get(client.client_id)
      const record = before && (await provider.loadRefreshToken(client, before.refresh))
      if (record) await provider.revokeToken(record)
      latest.set(client.client_id, { client, refresh: token.refresh_token! })
      return token
    },
  }
}

/** A revoked access token ends alone. */
export const halfRevocation: Policy = (provider) => ({
  ...provider,
  revokeToken: (record) => provider.revokeToken(record, { cascade: false }),
})

/** A code that was spent is taken for a replay before the redirect URI is looked at. */
export const replayBeforeRedirectUri: Policy = (provider) => {
  const spent = new Set<string>()
  return {
    ...provider,
    exchangeAuthorizationCode: async (client, code, { redirectUri, ...proof } = {}) => {
      const isJudged = redirectUri !== undefined && !spent.has(code.code)
      const token = await provider.exchangeAuthorizationCode(client, code, isJudged ? { ...proof, redirectUri } : proof)
      spent.add(code.code)
      return token
    },
  }
}
