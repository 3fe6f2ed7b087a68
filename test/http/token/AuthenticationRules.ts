/** The rules of client authentication at the token endpoint: one method, the right secret, and what a wrong one is told. */
import { request } from "node:http"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { startSession } from "../../support/Session.ts"
import type { Factory } from "../../support/TestServer.ts"
import { RESOURCE, basic, type App } from "../../support/WireClient.ts"

const CHOSEN_SECRET = "s3cret-with.odd_signs~0123456789"

/** Every sign escaped, also those that need not be: clients disagree on which do. */
const escaped = (text: string) => text.replaceAll(/[^A-Za-z0-9]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)

export const authenticationRules = (factory: Factory): void => {
  //= OAUTH21-2.4.1-secret-in-body
  //= MCP-AUTHZ-as-oauth21
  test.each(["none", "client_secret_basic", "client_secret_post"])(
    "a client of method %s redeems and refreshes",
    async (method) => {
      const { wire } = await startSession(factory)
      const app = await wire.newApp({ token_endpoint_auth_method: method })
      expect(app.clientSecret === undefined).toBe(method === "none")
      const { refresh } = await wire.login(app)
      expect((await wire.refresh(app, refresh)).status).toBe(200)
    },
  )

  //= RFC6749-2.3.1-basic-suffices
  test("Basic works in any case of its name, with and without client_id in the body", async () => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const { authorization = "" } = basic(app.clientId, app.clientSecret!)
    for (const scheme of ["Basic", "basic", "BASIC"]) {
      for (const client_id of [undefined, app.clientId]) {
        const { code, verifier } = await wire.approved(app)
        const form = { grant_type: "authorization_code", code, code_verifier: verifier, client_id }
        const header = { authorization: authorization.replace("Basic", scheme) }
        const anonymous: App = { ...app, method: "none", clientId: "" }
        expect((await wire.token({ ...anonymous }, form, header)).status).toBe(200)
      }
    }
  })

  //= RFC6749-2.3.1-basic-form-encoding
  test("id and secret in Basic are form-decoded", async () => {
    const { wire, native } = await startSession(factory)
    const app: App = {
      clientId: "app.with-odd~signs",
      clientSecret: CHOSEN_SECRET,
      method: "client_secret_basic",
      redirectUri: "http://127.0.0.1/callback",
    }
    await Effect.runPromise(
      native.addClient({
        metadata: { redirect_uris: [app.redirectUri] },
        clientId: app.clientId,
        clientSecret: CHOSEN_SECRET,
      }),
    )
    const { code, verifier } = await wire.approved(app)
    const form = new URLSearchParams({ grant_type: "authorization_code", code, code_verifier: verifier })
    const encoded = basic(escaped(app.clientId), escaped(CHOSEN_SECRET))
    expect((await wire.post("/token", form, encoded)).status).toBe(200)
  })

  test("two Authorization headers are refused, whichever is right", async () => {
    const { wire, url } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const right = basic(app.clientId, app.clientSecret!)["authorization"]!
    const status = await new Promise((resolve, reject) => {
      const headers = ["Authorization", right, "Authorization", basic("a", "b")["authorization"]!]
      const outgoing = request(`${url}/revoke`, {
        method: "POST",
        headers: [
          "Host",
          "localhost",
          "Content-Type",
          "application/x-www-form-urlencoded",
          "Content-Length",
          "7",
          ...headers,
        ],
      })
      outgoing.on("response", (answer) => resolve(answer.resume().statusCode)).on("error", reject)
      outgoing.end("token=x")
    })
    expect(status).toBe(401)
  })

  //= OAUTH21-3.2.2-confidential-must-auth
  //= OAUTH21-3.2.4-401-for-header-auth
  test("a wrong secret is 401 with a Basic challenge, and the code is not spent", async () => {
    const { wire } = await startSession(factory)
    for (const method of ["client_secret_basic", "client_secret_post"]) {
      const app = await wire.newApp({ token_endpoint_auth_method: method })
      const approval = await wire.approved(app)
      for (const clientSecret of ["wrong", `${app.clientSecret}x`]) {
        const answer = await wire.redeem({ ...app, clientSecret }, approval)
        expect(answer).toMatchObject({ status: 401, body: { error: "invalid_client" } })
        expect(answer.headers.get("www-authenticate")).toMatch(/^Basic realm="/)
      }
      expect((await wire.redeem(app, approval)).status).toBe(200)
    }
  })

  //= OAUTH21-3.2.2-confidential-must-auth
  //= OAUTH21-2.2-client-id-not-auth
  //= OAUTH21-2.1-record-client-type
  test("a confidential client without its secret, and a public one with some, are not authenticated", async () => {
    const { wire, app: open } = await startSession(factory)
    const confidential = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const bare = await wire.redeem({ ...confidential, method: "none" }, await wire.approved(confidential))
    expect(bare).toMatchObject({ status: 401, body: { error: "invalid_client" } })
    const withSecret = { ...open, clientSecret: "made-up", method: "client_secret_post" } as const
    const dressed = await wire.redeem(withSecret, await wire.approved(open))
    expect(dressed).toMatchObject({ status: 401, body: { error: "invalid_client" } })
  })

  test("an unknown client is 401 invalid_client", async () => {
    const { wire, app } = await startSession(factory)
    const answer = await wire.redeem({ ...app, clientId: "nobody" }, await wire.approved(app))
    expect(answer).toMatchObject({ status: 401, body: { error: "invalid_client" } })
  })

  test("no client at all is invalid_request", async () => {
    const { wire } = await startSession(factory)
    const answer = await wire.post("/token", { grant_type: "refresh_token", refresh_token: "x" })
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request" } })
  })

  //= OAUTH21-2.4-one-auth-method
  test("two methods at once are refused", async () => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const approval = await wire.approved(app)
    const both = await wire.redeem(app, approval, { client_secret: app.clientSecret })
    expect(both).toMatchObject({ status: 400, body: { error: "invalid_request" } })
    const otherId = await wire.redeem(app, approval, { client_id: "another" })
    expect(otherId).toMatchObject({ status: 400, body: { error: "invalid_request" } })
    expect((await wire.redeem(app, approval)).status).toBe(200)
  })

  test.each(["Bearer abc", "Basic", "Basic !!!", "Basic bm9jb2xvbg==", `Basic ${btoa("%zz:secret")}`])(
    "an Authorization header that is not well-formed Basic is 401: %s",
    async (authorization) => {
      const { wire } = await startSession(factory)
      const answer = await wire.post("/token", { grant_type: "refresh_token" }, { authorization })
      expect(answer).toMatchObject({ status: 401, body: { error: "invalid_client" } })
      expect(answer.headers.has("www-authenticate")).toBe(true)
    },
  )

  //= OAUTH21-2.4.1-secret-not-in-uri
  test("a secret in the URL, a client assertion and a body of another type are refused", async () => {
    const { wire } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
    const form = { grant_type: "refresh_token", refresh_token: "x", client_id: app.clientId }
    const inUrl = await wire.post(`/token?client_secret=${app.clientSecret}`, form)
    expect(inUrl).toMatchObject({ status: 400, body: { error: "invalid_request" } })
    const assertion = await wire.post("/token", { ...form, client_assertion: "a.b.c" })
    expect(assertion).toMatchObject({ status: 401, body: { error: "invalid_client" } })
    const json = await wire.send("POST", "/token", { "content-type": "application/json" }, JSON.stringify(form))
    expect(json).toMatchObject({ status: 400, body: { error: "invalid_request" } })
  })

  test("a secret has ended at its expiry", async () => {
    const { wire, clock } = await startSession(factory, { config: { clientSecretLifetime: 1000 } })
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_post" })
    const registeredAt = clock.now()
    const { refresh } = await wire.login(app)
    // Who is asked takes a moment to answer.
    clock.pass(999 - (clock.now() - registeredAt) / 1000)
    const second = await wire.refreshed(app, refresh)
    clock.pass(1)
    expect(await wire.refresh(app, second.refresh)).toMatchObject({ status: 401, body: { error: "invalid_client" } })
  })

  test("a disabled client is refused wherever it proves itself, and resumes where it was", async () => {
    const { wire, watcher, native } = await startSession(factory)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    const approval = await wire.approved(app)
    const { access, refresh } = await wire.login(app, { resource: RESOURCE })
    await Effect.runPromise(native.disableClient(app.clientId))
    const refused = { status: 400, body: { error: "unauthorized_client" } }
    expect(await wire.redeem(app, approval)).toMatchObject(refused)
    expect(await wire.refresh(app, refresh)).toMatchObject(refused)
    expect(await wire.isActive(watcher, access)).toBe(false)
    expect((await wire.introspect(app, access)).body).not.toHaveProperty("active", true)
    await Effect.runPromise(native.enableClient(app.clientId))
    expect(await wire.isActive(watcher, access)).toBe(true)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })
}
