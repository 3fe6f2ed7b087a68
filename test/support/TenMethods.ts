/** The ten methods over a server of one test, and the steps that tests of them share. */
import {
  toOAuthProvider,
  type AuthorizationCode,
  type OAuthProvider,
  type OAuthToken,
} from "../../src/provider/index.ts"
import type { OAuthClientInformationFull, RefreshToken } from "../../src/provider/index.ts"
import type { ManualClock } from "./ManualClock.ts"
import { ACCOUNT, serverOver, type Setting } from "./TestServer.ts"
import { REDIRECT_URI, RESOURCE, challengeOf } from "./WireClient.ts"

export const VERIFIER = "the-verifier-of-every-code-in-these-tests-0123"
export const proof = { codeVerifier: VERIFIER, redirectUri: REDIRECT_URI }

export interface TenMethods {
  readonly provider: OAuthProvider
  readonly clock: ManualClock
  readonly client: OAuthClientInformationFull
  readonly other: OAuthClientInformationFull
  /** A code, approved by somebody. */
  readonly code: (scopes?: ReadonlyArray<string>) => Promise<AuthorizationCode>
  readonly exchanged: (scopes?: ReadonlyArray<string>) => Promise<OAuthToken>
  readonly refreshRecord: (token: OAuthToken) => Promise<RefreshToken>
}

export const publicClient = (client_id: string): OAuthClientInformationFull => ({
  client_id,
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
})

export const tenMethodsOf = async (provider: OAuthProvider): Promise<Omit<TenMethods, "clock">> => {
  const [client, other] = [publicClient("app"), publicClient("other")]
  await provider.registerClient(client)
  await provider.registerClient(other)
  const code = async (scopes: ReadonlyArray<string> = ["read"]) => {
    const location = await provider.authorize(client, {
      scopes,
      codeChallenge: challengeOf(VERIFIER),
      redirectUri: REDIRECT_URI,
      redirectUriProvidedExplicitly: true,
      resource: [RESOURCE],
    })
    return (await provider.loadAuthorizationCode(client, new URL(location).searchParams.get("code")!))!
  }
  return {
    provider,
    client,
    other,
    code,
    exchanged: async (scopes) => provider.exchangeAuthorizationCode(client, await code(scopes), proof),
    refreshRecord: async (token) => (await provider.loadRefreshToken(client, token.refresh_token!))!,
  }
}

export const tenMethods = async (setting?: Setting): Promise<TenMethods> => {
  const { native, clock } = await serverOver(setting)
  return { ...(await tenMethodsOf(toOAuthProvider(native, { approve: () => ACCOUNT }))), clock }
}
