/** Somebody's own unit test: their function logs in to a provider that needs nothing, and answers in the same process. */
import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { inMemoryProvider } from "../../src/entry/grantlog.ts"

test("our session survives a refresh", async () => {
  const provider = inMemoryProvider()
  const redirectUri = "http://127.0.0.1/callback"
  const app = { client_id: "app", redirect_uris: [redirectUri], token_endpoint_auth_method: "none" as const }
  await provider.registerClient({ ...app, grant_types: ["authorization_code", "refresh_token"] })
  const client = (await provider.getClient("app"))!

  const codeVerifier = "a-verifier-of-at-least-forty-three-characters"
  const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url")
  const params = { codeChallenge, redirectUri, redirectUriProvidedExplicitly: true }
  const location = new URL(await provider.authorize(client, params))
  const code = (await provider.loadAuthorizationCode(client, location.searchParams.get("code")!))!
  const tokens = await provider.exchangeAuthorizationCode(client, code, { codeVerifier, redirectUri })

  const refreshToken = (await provider.loadRefreshToken(client, tokens.refresh_token!))!
  const next = await provider.exchangeRefreshToken(client, refreshToken, refreshToken.scopes)
  expect(await provider.verifyToken(next.access_token)).toMatchObject({ clientId: "app", scopes: ["read"] })
})
