/** The rules of the ten methods over our own server: `load…` tells, `exchange…` judges. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { OAuthError, inMemoryProvider, toOAuthProvider } from "../../src/provider/index.ts"
import { ISSUER, serverOver } from "../support/TestServer.ts"
import { proof, publicClient, tenMethods, tenMethodsOf, type TenMethods } from "../support/TenMethods.ts"
import { REDIRECT_URI, RESOURCE, challengeOf } from "../support/WireClient.ts"

type Timeless = Omit<TenMethods, "clock">

const providers: Readonly<Record<string, () => Promise<Timeless>>> = {
  "toOAuthProvider(server)": () => tenMethods(),
  "inMemoryProvider()": () => tenMethodsOf(inMemoryProvider()),
}

describe.each(Object.entries(providers))("%s", (_, start) => {
  test("a code becomes tokens, tokens are refreshed, verified and revoked", async () => {
    const { provider, client, exchanged, refreshRecord } = await start()
    const token = await exchanged(["read", "write"])
    expect(token).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "read write" })
    const record = await provider.verifyToken(token.access_token)
    expect(record).toMatchObject({ clientId: "app", scopes: ["read", "write"], resource: [RESOURCE] })
    expect(record?.subject).toMatch(/^sub_/)
    const next = await provider.exchangeRefreshToken(client, await refreshRecord(token), ["read"])
    expect(next.scope).toBe("read")
    await provider.revokeToken((await provider.loadAccessToken(next.access_token))!)
    for (const { access_token } of [token, next]) expect(await provider.verifyToken(access_token)).toBeUndefined()
  })

  test("what is not known is undefined, and nothing rejects", async () => {
    const { provider, client } = await start()
    expect(await provider.getClient("nobody")).toBeUndefined()
    expect(await provider.loadAuthorizationCode(client, "glc_unknown")).toBeUndefined()
    expect(await provider.loadRefreshToken(client, "glr_unknown")).toBeUndefined()
    expect(await provider.loadAccessToken("gla_unknown")).toBeUndefined()
    expect(await provider.verifyToken("gla_unknown")).toBeUndefined()
    await provider.revokeToken({ token: "glr_unknown", clientId: "app", scopes: [], resource: [] })
  })

  test("a code or refresh token of another client is not loaded", async () => {
    const { provider, other, code, exchanged } = await start()
    expect(await provider.loadAuthorizationCode(other, (await code()).code)).toBeUndefined()
    expect(await provider.loadRefreshToken(other, (await exchanged()).refresh_token!)).toBeUndefined()
  })

  test("a spent code and a spent refresh token are still told to their own client", async () => {
    const { provider, client, code, refreshRecord } = await start()
    const record = await code()
    const token = await provider.exchangeAuthorizationCode(client, record, proof)
    expect(await provider.loadAuthorizationCode(client, record.code)).toEqual(record)
    const refresh = await refreshRecord(token)
    await provider.exchangeRefreshToken(client, refresh, refresh.scopes)
    expect(await provider.loadRefreshToken(client, refresh.token)).toEqual(refresh)
  })

  test("of a revoked grant nothing is loaded, and nothing is exchanged", async () => {
    const { provider, client, exchanged, refreshRecord } = await start()
    const token = await exchanged()
    const refresh = await refreshRecord(token)
    await provider.revokeToken(refresh)
    expect(await provider.loadRefreshToken(client, refresh.token)).toBeUndefined()
    const exchange = provider.exchangeRefreshToken(client, refresh, refresh.scopes)
    await expect(exchange).rejects.toBeInstanceOf(OAuthError)
    await expect(exchange).rejects.toMatchObject({ error: "invalid_grant" })
  })

  test("a second exchange of a code rejects and ends what the first gave", async () => {
    const { provider, client, code } = await start()
    const record = await code()
    const token = await provider.exchangeAuthorizationCode(client, record, proof)
    const again = provider.exchangeAuthorizationCode(client, record, proof)
    await expect(again).rejects.toMatchObject({ error: "invalid_grant" })
    expect(await provider.verifyToken(token.access_token)).toBeUndefined()
  })

  test.each([
    ["no proof", undefined],
    ["no verifier", {}],
    ["another verifier", { codeVerifier: "another-verifier-that-is-long-enough-to-be-one" }],
    ["another redirect URI", { ...proof, redirectUri: `${REDIRECT_URI}x` }],
  ])("an exchange with %s rejects without harm", async (__, wrong) => {
    const { provider, client, code } = await start()
    const record = await code()
    const refused = { error: "invalid_grant" }
    await expect(provider.exchangeAuthorizationCode(client, record, wrong)).rejects.toMatchObject(refused)
    expect(await provider.exchangeAuthorizationCode(client, record, proof)).toHaveProperty("access_token")
  })

  test("an exchange for another resource rejects with invalid_target", async () => {
    const { provider, client, code, exchanged, refreshRecord } = await start()
    const elsewhere = { resource: ["http://localhost:9998/mcp"] }
    const target = { error: "invalid_target" }
    const wrong = { ...proof, ...elsewhere }
    await expect(provider.exchangeAuthorizationCode(client, await code(), wrong)).rejects.toMatchObject(target)
    const refresh = await refreshRecord(await exchanged())
    const exchange = provider.exchangeRefreshToken(client, refresh, refresh.scopes, elsewhere)
    await expect(exchange).rejects.toMatchObject(target)
  })

  test("an access token is ended alone if asked for", async () => {
    const { provider, client, exchanged, refreshRecord } = await start()
    const token = await exchanged()
    await provider.revokeToken((await provider.loadAccessToken(token.access_token))!, { cascade: false })
    expect(await provider.verifyToken(token.access_token)).toBeUndefined()
    const refresh = await refreshRecord(token)
    expect(await provider.exchangeRefreshToken(client, refresh, refresh.scopes)).toHaveProperty("access_token")
  })

  test("a client is given without its secret, and recognised by it", async () => {
    const { provider } = await start()
    const secret = "a-secret-of-enough-characters"
    await provider.registerClient({
      ...publicClient("confidential"),
      token_endpoint_auth_method: "client_secret_basic",
      client_secret: secret,
    })
    expect(await provider.getClient("confidential")).not.toHaveProperty("client_secret")
    expect(await provider.authenticateClient!("confidential", secret)).toBe(true)
    expect(await provider.authenticateClient!("confidential", `${secret}x`)).toBe(false)
    expect(await provider.authenticateClient!("app", "")).toBe(false)
    expect(await provider.authenticateClient!("nobody", secret)).toBe(false)
  })

  test("a secret under 22 characters is refused", async () => {
    const { provider } = await start()
    const client = { ...publicClient("weak"), token_endpoint_auth_method: "client_secret_basic" }
    const registered = provider.registerClient({ ...client, client_secret: "x".repeat(21) })
    await expect(registered).rejects.toMatchObject({ error: "invalid_client_metadata" })
  })
})

const params = {
  codeChallenge: challengeOf("x"),
  redirectUri: REDIRECT_URI,
  redirectUriProvidedExplicitly: true,
  state: "a b",
  scopes: ["read", "write"],
  resource: [RESOURCE, "http://localhost:9998/mcp"],
}

test("without a policy, authorize leads to our own page with the request in it", async () => {
  const { native } = await serverOver()
  const provider = toOAuthProvider(native)
  const client = publicClient("app")
  await provider.registerClient(client)
  const location = new URL(await provider.authorize(client, params))
  expect(location.origin + location.pathname).toBe(`${ISSUER}/authorize`)
  expect([...location.searchParams]).toEqual([
    ["response_type", "code"],
    ["client_id", "app"],
    ["redirect_uri", REDIRECT_URI],
    ["code_challenge", params.codeChallenge],
    ["code_challenge_method", "S256"],
    ["scope", "read write"],
    ["state", "a b"],
    ["resource", RESOURCE],
    ["resource", "http://localhost:9998/mcp"],
  ])
})

test("a policy that names nobody denies, and the client is told", async () => {
  const { native } = await serverOver()
  const provider = toOAuthProvider(native, { approve: () => undefined })
  const client = publicClient("app")
  await provider.registerClient(client)
  const { searchParams } = new URL(await provider.authorize(client, params))
  expect(Object.fromEntries(searchParams)).toEqual({ error: "access_denied", state: "a b", iss: ISSUER })
  expect(await Effect.runPromise(native.grants({}))).toEqual([])
})

test("what a policy approved is recorded under its name", async () => {
  const { native } = await serverOver()
  const provider = toOAuthProvider(native, { approve: async () => "alice", policyName: "staff only" })
  const client = publicClient("app")
  await provider.registerClient(client)
  await provider.authorize(client, params)
  const [grant] = await Effect.runPromise(native.grants({ clientId: "app" }))
  expect(grant).toMatchObject({ basis: { _tag: "Policy", policy: "staff only" } })
})

test("a redirect URI that is not registered gets no code by any policy", async () => {
  const { provider, client } = await tenMethods()
  const elsewhere = provider.authorize(client, { ...params, redirectUri: "https://evil.example/" })
  await expect(elsewhere).rejects.toMatchObject({ error: "invalid_request" })
})

test("a configuration that cannot be served rejects every call, and nothing before", async () => {
  const provider = inMemoryProvider({ config: { issuer: "nonsense" } })
  await expect(provider.getClient("app")).rejects.toThrow("is not a URL")
})
