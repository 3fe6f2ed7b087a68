/** The rules of anybody's provider behind our wire protocol: what is judged for it, and what its errors become. */
import { validateAuthResponse } from "oauth4webapi"
import { expect, test } from "vitest"
import { ConfigFault, fromOAuthProvider, type OAuthProvider } from "../../src/provider/index.ts"
import { SECRET, garbage } from "../examples/providers/garbage.ts"
import { naiveMemory } from "../examples/providers/naiveMemory.ts"
import { sdkErrors } from "../examples/providers/sdkErrors.ts"
import { configOf, serve } from "../support/TestServer.ts"
import { REDIRECT_URI, newVerifier, wireClient, type App } from "../support/WireClient.ts"

const app: App = { clientId: "app", method: "none", redirectUri: REDIRECT_URI }
const invalidGrant = { status: 400, body: { error: "invalid_grant" } }

const wireOf = async (provider: OAuthProvider, onDefect: (defect: unknown) => void = () => {}) =>
  wireClient(
    await serve(fromOAuthProvider(provider, configOf({ isAutoApproving: false })), { endpoints: { onDefect } }),
  )

/** Seconds since the epoch; the provider's own, so that nothing here waits for a clock. */
const nowSeconds = () => Math.floor(Date.now() / 1000)

const startNaive = async (now = nowSeconds) => {
  const provider = naiveMemory(now)
  const wire = await wireOf(provider)
  return {
    provider,
    wire,
    app: await wire.newApp(),
    secretive: await wire.newApp({ token_endpoint_auth_method: "client_secret_post" }),
  }
}

test("a naive provider serves a whole login, refresh and revocation", async () => {
  const { wire, app } = await startNaive()
  const first = await wire.login(app, { scope: "read write" })
  const second = await wire.refreshed(app, first.refresh, { scope: "read" })
  expect(second.body.scope).toBe("read")
  expect((await wire.revoke(app, second.refresh)).status).toBe(200)
  expect(await wire.refresh(app, second.refresh)).toMatchObject(invalidGrant)
})

test.each<readonly [string, object | undefined, string | undefined]>([
  ["fewer", { scope: "read" }, "read"],
  ["none", {}, undefined],
  ["none, as it writes that down", { scope: null }, undefined],
  ["none, as an empty text", { scope: "" }, undefined],
  ["nothing yet", undefined, "read openid"],
])("a registration is answered with the scopes that the provider kept: %s", async (_, kept, answered) => {
  const provider = naiveMemory(nowSeconds)
  const getClient = async () => kept as Awaited<ReturnType<OAuthProvider["getClient"]>>
  const wire = await wireOf({ ...provider, getClient })
  const metadata = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none", scope: "read openid" }
  const { status, body } = await wire.register(metadata)
  expect([status, body.scope, "scope" in body]).toEqual([201, answered, answered !== undefined])
})

test("its refreshes are not promised to be repeatable", async () => {
  const { wire } = await startNaive()
  const { body } = await wire.get("/.well-known/oauth-authorization-server")
  expect(body).not.toHaveProperty("grantlog_refresh_retry_window")
})

test("that its refreshes are repeatable is told where it says so, and it is judged for all the same", async () => {
  const capabilities = { isJudge: false, isRefreshRetryable: true }
  const wire = await wireOf({ ...naiveMemory(nowSeconds), capabilities })
  const { body } = await wire.get("/.well-known/oauth-authorization-server")
  expect(body).toHaveProperty("grantlog_refresh_retry_window", { public: 30, confidential: 30 })
  const app = await wire.newApp()
  expect(await wire.redeem(app, await wire.approved(app), { code_verifier: newVerifier() })).toMatchObject(invalidGrant)
})

test("one that says that it judges is judged by nobody else, and not believed to repeat anything", async () => {
  const capabilities = { isJudge: true, isRefreshRetryable: false }
  const longAgo = naiveMemory(() => nowSeconds() - 36_000)
  const wire = await wireOf({ ...longAgo, capabilities })
  const { body } = await wire.get("/.well-known/oauth-authorization-server")
  expect(body).not.toHaveProperty("grantlog_refresh_retry_window")
  const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
  const tokens = await wire.redeem(app, await wire.approved(app), { code_verifier: newVerifier() })
  expect(tokens.status).toBe(200)
  expect((await wire.introspect(app, tokens.body.access_token!)).body).toMatchObject({ active: true })
})

test.each(["getClient", "exchangeRefreshToken", "revokeToken"])(
  "a provider without `%s` is refused at once",
  (name) => {
    const provider = { ...naiveMemory(nowSeconds), [name]: undefined } as unknown as OAuthProvider
    const attempt = () => fromOAuthProvider(provider, configOf())
    expect(attempt).toThrow(ConfigFault)
    expect(attempt).toThrow(`the provider has no method \`${name}\``)
  },
)

test("what is no provider at all, and an issuer that cannot be one, are refused at once", () => {
  expect(() => fromOAuthProvider(undefined as never, configOf())).toThrow("has no method `getClient`")
  expect(() => fromOAuthProvider(naiveMemory(nowSeconds), { issuer: "http://id.example" })).toThrow("is not https")
})

//= RFC9207-2-iss-in-all-responses
test("the answer names the issuer, as the metadata says, though the provider knows nothing of it", async () => {
  const { wire, app } = await startNaive()
  const authorizationServer = (await wire.get("/.well-known/oauth-authorization-server")).body as { issuer: string }
  const { headers } = await wire.authorize(app, { state: "s" })
  const answer = new URL(headers.get("location")!)
  const accepted = validateAuthResponse(authorizationServer, { client_id: app.clientId }, answer, "s")
  expect(accepted.get("iss")).toBe(authorizationServer.issuer)
})

test.each([
  `${REDIRECT_URI}?code=c&iss=http%3A%2F%2Flocalhost%3A4000`,
  `https://login.example/?back=${REDIRECT_URI}`,
  `${REDIRECT_URI}-of-somebody-else?code=c`,
])("where a provider sends the browser stays as it is if it names an issuer or is no answer: %s", async (location) => {
  const wire = await wireOf({ ...naiveMemory(nowSeconds), authorize: async () => location })
  const { headers } = await wire.authorize(await wire.newApp())
  expect(headers.get("location")).toBe(location)
})

test("a confidential client of it is recognised by the secret it keeps, and no other", async () => {
  const { wire, secretive } = await startNaive()
  const approval = await wire.approved(secretive)
  for (const clientSecret of ["wrong", "", `${secretive.clientSecret} `]) {
    expect((await wire.redeem({ ...secretive, clientSecret }, approval)).status).toBe(401)
  }
  const { body } = await wire.redeem(secretive, approval)
  expect((await wire.introspect(secretive, body.access_token!)).body).toMatchObject({
    active: true,
    exp: expect.any(Number),
  })
})

test("verifier and redirect URI are checked before it is asked, and a wrong one spends nothing", async () => {
  const { wire, app } = await startNaive()
  const approval = await wire.approved(app)
  for (const form of [
    { code_verifier: newVerifier() },
    { code_verifier: undefined },
    { redirect_uri: "http://127.0.0.1/x" },
  ]) {
    expect(await wire.redeem(app, approval, form)).toMatchObject(invalidGrant)
  }
  expect((await wire.redeem(app, approval)).status).toBe(200)
})

test("what it loads for anybody is for its own client only", async () => {
  const { wire, app } = await startNaive()
  const other = await wire.newApp()
  const approval = await wire.approved(app)
  expect(await wire.redeem(other, approval)).toMatchObject(invalidGrant)
  const { body } = await wire.redeem(app, approval)
  expect(await wire.refresh(other, body.refresh_token!)).toMatchObject(invalidGrant)
  expect((await wire.revoke(other, body.refresh_token!)).status).toBe(200)
  expect((await wire.refresh(app, body.refresh_token!)).status).toBe(200)
})

test("what it forgets to expire has expired: codes, refresh tokens, access tokens", async () => {
  let lag = 300
  const { wire, secretive } = await startNaive(() => nowSeconds() - lag)
  expect(await wire.redeem(secretive, await wire.approved(secretive))).toMatchObject(invalidGrant)
  lag = 0
  const approval = await wire.approved(secretive)
  lag = 3600
  const { body } = await wire.redeem(secretive, approval)
  expect((await wire.introspect(secretive, body.access_token!)).text).toBe('{"active":false}')
  expect((await wire.refresh(secretive, body.refresh_token!)).status).toBe(200)
  lag = 0
  const { refresh } = await wire.login(secretive)
  lag = 36_000
  const late = await wire.refreshed(secretive, refresh)
  expect(await wire.refresh(secretive, late.refresh)).toMatchObject(invalidGrant)
})

test("a scope that was not granted is refused before it is asked", async () => {
  const { wire, app } = await startNaive()
  const { refresh } = await wire.login(app, { scope: "read" })
  expect(await wire.refresh(app, refresh, { scope: "read write" })).toMatchObject({ body: { error: "invalid_scope" } })
  expect((await wire.refresh(app, refresh)).status).toBe(200)
})

test("a client that registered for no refresh tokens cannot use one that it was given", async () => {
  const { wire } = await startNaive()
  const once = await wire.newApp({ grant_types: ["authorization_code"] })
  const { refresh } = await wire.login(once)
  expect(await wire.refresh(once, refresh)).toMatchObject({ status: 400, body: { error: "unauthorized_client" } })
})

test("a resource that its records do not have is invalid_target", async () => {
  const provider = naiveMemory(nowSeconds)
  const bound = ["http://localhost:9999/mcp"]
  const wire = await wireOf({
    ...provider,
    loadAuthorizationCode: async (client, code) => {
      const record = await provider.loadAuthorizationCode(client, code)
      return record ? { ...record, resource: bound } : undefined
    },
  })
  const app = await wire.newApp()
  const approval = await wire.approved(app)
  const target = { status: 400, body: { error: "invalid_target" } }
  expect(await wire.redeem(app, approval, { resource: "http://localhost:9998/mcp" })).toMatchObject(target)
  expect((await wire.redeem(app, approval, { resource: bound[0] })).status).toBe(200)
})

test("what cannot be seen from outside stays its own fault: one await, and eight refreshes are eight families", async () => {
  const arrived = Promise.withResolvers<void>()
  let waiting = 0
  const everybody = () => {
    if (++waiting === 8) arrived.resolve()
    return arrived.promise
  }
  const provider = naiveMemory(nowSeconds, everybody)
  const wire = await wireOf(provider)
  const app = await wire.newApp()
  const { refresh } = await wire.login(app)
  const answers = await Promise.all(Array.from({ length: 8 }, () => wire.refresh(app, refresh)))
  const successors = new Set(answers.flatMap(({ body }) => body.refresh_token ?? []))
  expect(successors.size).toBe(8)
  expect([...successors].every((token) => provider.refreshTokens.has(token))).toBe(true)
})

test("a provider whose tokens have no end is told so, without an exp that looks like one", async () => {
  const provider = naiveMemory(nowSeconds)
  const wire = await wireOf({
    ...provider,
    verifyToken: async (token) => {
      const { expiresAt: _, ...record } = (await provider.verifyToken(token))!
      return record
    },
  })
  const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
  const { access } = await wire.login(app)
  const { body } = await wire.introspect(app, access)
  expect(body.active).toBe(true)
  expect(body).not.toHaveProperty("exp")
})

test("client credentials are refused, for the ten methods have none", async () => {
  const { wire, secretive } = await startNaive()
  const answer = await wire.token(secretive, { grant_type: "client_credentials" })
  expect(answer).toMatchObject({ status: 400, body: { error: "unsupported_grant_type" } })
})

//= OAUTH21-3.2.4-error-charset
test("errors in the SDKs' shapes keep their code and sentence, in the characters that error texts may have", async () => {
  const wire = await wireOf(sdkErrors)
  expect(await wire.redeem(app, { code: "x", verifier: newVerifier() })).toMatchObject({
    status: 400,
    body: { error: "invalid_grant", error_description: "the code is gone" },
  })
  expect(await wire.refresh(app, "x")).toMatchObject({
    status: 400,
    body: { error: "invalid_scope", error_description: "that 'scope' is not for you" },
  })
  expect(await wire.revoke(app, "x")).toMatchObject({ status: 400, body: { error: "invalid_request" } })
  expect(await wire.register({ redirect_uris: [REDIRECT_URI] })).toMatchObject({
    status: 400,
    body: { error: "invalid_client_metadata", error_description: "no clients on Sundays" },
  })
})

test("an error of authorize is shown with a link, for nobody is known to be signed in", async () => {
  const wire = await wireOf(sdkErrors)
  const answer = await wire.authorize(app, { state: "s" })
  expect([answer.status, answer.headers.has("location")]).toEqual([400, false])
  expect(answer.text).toMatch(/href="http:\/\/127.0.0.1\/callback[?]error=access_denied&amp;.*state=s/)
})

test("what a provider in trouble throws becomes a 500 with nothing in it, and a line for the operator", async () => {
  const defects: Array<unknown> = []
  const wire = await wireOf(garbage, (defect) => defects.push(defect))
  const answers = [
    await wire.redeem(app, { code: "x", verifier: newVerifier() }),
    await wire.refresh(app, "x"),
    await wire.revoke(app, "x"),
    await wire.register({ redirect_uris: [REDIRECT_URI] }),
    await wire.authorize(app),
    await wire.authorize(app, { state: "nothing" }),
    ...(await Promise.all(["throws", "refuses", "nonsense"].map((clientId) => wire.authorize({ ...app, clientId })))),
    await wire.refresh({ ...app, clientId: "throws" }, "x"),
  ]
  for (const { status, text } of answers) {
    expect([status, JSON.parse(text)]).toEqual([
      500,
      { error: "server_error", error_description: "something went wrong here; it was reported to the operator" },
    ])
    expect(text).not.toContain(SECRET)
  }
  expect(defects).toHaveLength(answers.length)
})

test("after any of that the next request is served", async () => {
  const wire = await wireOf(garbage)
  await wire.refresh(app, "x")
  expect((await wire.get("/.well-known/oauth-authorization-server")).status).toBe(200)
})
