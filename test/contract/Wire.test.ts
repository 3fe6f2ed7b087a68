/** Rows 15 to 22 and 25 of the contract: what is read from the wire, and how it is refused. */
import { describe, expect, test } from "vitest"
import { startSession } from "../support/Session.ts"
import { ways } from "../support/ThroughPages.ts"
import { REDIRECT_URI, basic, challengeOf, newVerifier, type Answer } from "../support/WireClient.ts"

const locationOf = ({ headers }: Answer): URL => new URL(headers.get("location") ?? "about:blank")

describe.each(ways)("$name", (way) => {
  test("B16: Basic works in lower case and without client_id in the body", async () => {
    const { wire } = await startSession(way)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const { code, verifier } = await wire.approved(app)
    const authorization = basic(app.clientId, app.clientSecret!)["authorization"]!.replace("Basic", "basic")
    const form = { grant_type: "authorization_code", code, code_verifier: verifier }
    expect((await wire.post("/token", form, { authorization })).status).toBe(200)
  })

  //= OAUTH21-2.4-one-auth-method
  test("B16: two methods at once are refused", async () => {
    const { wire } = await startSession(way)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const approval = await wire.approved(app)
    const both = await wire.redeem(app, approval, { client_id: app.clientId, client_secret: app.clientSecret })
    expect(both).toMatchObject({ status: 400, body: { error: "invalid_request" } })
  })

  test.each(["none", "client_secret_basic", "client_secret_post"])(
    "B17: a client of method %s revokes, whatever it hints",
    async (method) => {
      const { wire } = await startSession(way)
      const app = await wire.newApp({ token_endpoint_auth_method: method })
      for (const token_type_hint of [undefined, "access_token", "pony"]) {
        const { refresh } = await wire.login(app)
        expect(await wire.revoke(app, refresh, { token_type_hint })).toMatchObject({ status: 200, text: "" })
        expect((await wire.refresh(app, refresh)).body.error).toBe("invalid_grant")
      }
    },
  )

  //= RFC7591-5-redirect-restrictions
  //= OAUTH21-2.3-redirect-no-fragment
  //= A38
  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "https://app.example/#x",
    "https://user@app.example/",
    "https://*.example/",
    "anything:x",
  ])("B18: %s is not registered, and nobody is sent there", async (uri) => {
    const { wire, app } = await startSession(way)
    const open = { redirect_uris: [REDIRECT_URI, uri], token_endpoint_auth_method: "none" }
    expect(await wire.register(open)).toMatchObject({ status: 400, body: { error: "invalid_redirect_uri" } })
    const answer = await wire.authorize({ ...app, redirectUri: uri })
    expect([answer.status, answer.headers.has("location")]).toEqual([400, false])
  })

  //= OAUTH21-2.3.1-exact-redirect-match
  //= RFC8414-4-codepoint-compare
  //= A01
  test("B19: a redirect URI is compared as it is written", async () => {
    const { wire, visit } = await startSession(way)
    const app = await wire.newApp({ redirect_uris: ["https://app.example/callback"] })
    for (const redirectUri of [
      "https://app.example:443/callback",
      "https://APP.example/callback",
      "https://app.example/./callback",
      "https://app.example/callback/",
      "https://app.example/callback?",
      "https://app.example/%63allback",
    ]) {
      const answer = await wire.authorize({ ...app, redirectUri })
      expect([redirectUri, answer.status]).toEqual([redirectUri, 400])
    }
    // Nothing off this machine is approved without asking, and by another name than the issuer's nobody is asked.
    expect((await wire.authorize(app)).status).toBe(visit === undefined ? 421 : 303)
  })

  //= OAUTH21-8.4.2-loopback-any-port
  test("B19: the port of a loopback redirect URI is free, of http and of nothing else", async () => {
    const { wire } = await startSession(way)
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      const app = await wire.newApp({ redirect_uris: [`http://${host}:3000/callback`] })
      expect((await wire.authorize({ ...app, redirectUri: `http://${host}:49152/callback` })).status).toBe(303)
      expect((await wire.authorize({ ...app, redirectUri: `https://${host}:49152/callback` })).status).toBe(400)
    }
    const web = await wire.newApp({ redirect_uris: ["https://app.example/callback"] })
    expect((await wire.authorize({ ...web, redirectUri: "https://app.example:8443/callback" })).status).toBe(400)
  })

  //= OAUTH21-3.1-no-duplicate-params
  //= A40
  test("B20: a parameter that comes twice is refused, at every endpoint", async () => {
    const { wire, app, watcher } = await startSession(way)
    const approval = await wire.approved(app)
    const refused = { status: 400, body: { error: "invalid_request" } }
    expect(await wire.redeem(app, approval, { code_verifier: ["x", approval.verifier] })).toMatchObject(refused)
    expect(await wire.redeem(app, approval, { grant_type: ["x", "authorization_code"] })).toMatchObject(refused)
    expect(await wire.revoke(app, "x", { token: ["x", "y"] })).toMatchObject(refused)
    expect(await wire.introspect(watcher, "x", { token: ["x", "y"] })).toMatchObject(refused)
    const location = locationOf(await wire.authorize(app, { scope: ["read", "write"] }))
    expect(location.searchParams.get("error")).toBe("invalid_request")
    expect((await wire.redeem(app, approval)).status).toBe(200)
  })

  //= RFC7636-4.1-verifier-format
  test.each(["x", "x".repeat(42), "x".repeat(129), `${"x".repeat(42)}+`])(
    "B21: the verifier %s is refused, right or not",
    async (verifier) => {
      const { wire, app } = await startSession(way)
      const { code } = await wire.approved(app, { code_challenge: challengeOf(verifier) })
      expect((await wire.redeem(app, { code, verifier })).status).toBe(400)
    },
  )

  //= OAUTH21-4.1.2.1-unsupported-method
  //= OAUTH21-4.1.2.1-reject-no-challenge
  test.each([
    { code_challenge: undefined },
    { code_challenge: "x" },
    { code_challenge: `${"x".repeat(42)}=` },
    { code_challenge_method: undefined },
    { code_challenge_method: "plain" },
    { code_challenge_method: "s256" },
  ])("B21: a request with %j is refused", async (form) => {
    const { wire, app } = await startSession(way)
    expect(locationOf(await wire.authorize(app, form)).searchParams.get("error")).toBe("invalid_request")
  })

  //= OAUTH21-2.3-redirect-keep-query
  test("B22: the registered query of a redirect URI comes back byte for byte", async () => {
    const { wire } = await startSession(way)
    const uri = "http://127.0.0.1/callback?empty=&x=%7e+%20&x"
    const app = await wire.newApp({ redirect_uris: [uri] })
    for (const form of [{}, { scope: "admin" }]) {
      expect((await wire.authorize(app, form)).headers.get("location")).toMatch(`${uri}&`)
    }
  })

  //= OAUTH21-10.2-redirect-uri-compat
  test("B25: a wrong redirect URI gives no token", async () => {
    const { wire, app } = await startSession(way)
    const answer = await wire.redeem(app, await wire.approved(app), { redirect_uri: "http://127.0.0.1/other" })
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    expect(answer.body).not.toHaveProperty("access_token")
  })

  test("B25: a replay is 400 and a bad bearer 401, never 500", async () => {
    const { wire, app } = await startSession(way)
    const approval = await wire.approved(app)
    await wire.redeem(app, approval)
    expect((await wire.redeem(app, approval)).status).toBe(400)
    expect((await wire.redeem(app, { ...approval, verifier: newVerifier() })).status).toBe(400)
    for (const path of ["/token", "/revoke", "/introspect"]) {
      const answer = await wire.post(path, { token: "x" }, { authorization: "Bearer nonsense" })
      expect(answer).toMatchObject({ status: 401, body: { error: "invalid_client" } })
    }
  })
})

//= RFC6749-5.2-error-codes
test("B15: each fault has its own code and status, as RFC 6749 5.2 says", async () => {
  const { wire, app } = await startSession()
  const confidential = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
  const answerTo = async (form: Readonly<Record<string, string>>, from = app) => {
    const { status, body } = await wire.token(from, form)
    return [status, body.error]
  }
  expect(await answerTo({ grant_type: "authorization_code", code: "x", code_verifier: "x" })).toEqual([
    400,
    "invalid_grant",
  ])
  expect(await answerTo({ grant_type: "refresh_token", refresh_token: "x" })).toEqual([400, "invalid_grant"])
  expect(await answerTo({ grant_type: "magic" })).toEqual([400, "unsupported_grant_type"])
  expect(await answerTo({ code: "x" })).toEqual([400, "invalid_request"])
  expect(await answerTo({ grant_type: "client_credentials" })).toEqual([400, "unauthorized_client"])
  const wrong = { ...confidential, clientSecret: "wrong" }
  expect(await answerTo({ grant_type: "refresh_token", refresh_token: "x" }, wrong)).toEqual([401, "invalid_client"])
})

test("B15: who may not revoke is invalid_client, and what cannot be revoked is no error", async () => {
  const { wire } = await startSession()
  const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
  const refused = await wire.revoke({ ...app, clientSecret: "wrong" }, "x")
  expect(refused).toMatchObject({ status: 401, body: { error: "invalid_client" } })
  expect(await wire.revoke(app, "x")).toMatchObject({ status: 200, text: "" })
})

//= OAUTH21-3.2.4-401-for-header-auth
test("B16: a 401 says how to authenticate", async () => {
  const { wire, app } = await startSession()
  for (const path of ["/token", "/revoke", "/introspect"]) {
    const form = { grant_type: "refresh_token", refresh_token: "x", token: "x" }
    const { status, headers } = await wire.post(path, form, basic(app.clientId, "wrong"))
    expect([path, status, headers.get("www-authenticate")?.split(" ")[0]]).toEqual([path, 401, "Basic"])
  }
})
