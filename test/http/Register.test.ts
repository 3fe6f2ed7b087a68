/** The rules of `/register` (RFC 7591): what is kept, what is answered, what is refused. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { startSession } from "../support/Session.ts"
import { factories, overMemory, overSqlite } from "../support/TestServer.ts"
import { REDIRECT_URI, wireClient, type WireClient } from "../support/WireClient.ts"

const minimal = { redirect_uris: [REDIRECT_URI] }
const open = { ...minimal, token_endpoint_auth_method: "none" }

const refusalOf = async (wire: WireClient, metadata: unknown) => {
  const { status, body, headers } = await wire.register(metadata)
  expect(headers.get("cache-control")).toBe("no-store")
  expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  return [status, body.error]
}

//= RFC7591-3.2.1-secret-expiry-field
//= MCP-AUTHZ-as-dcr
test.each(factories)(
  "a client that says little gets a secret, an id and the defaults, through $name",
  async ({ start }) => {
    const wire = wireClient((await start()).url)
    const { status, body, headers } = await wire.register(minimal)
    expect(status).toBe(201)
    expect(headers.get("cache-control")).toBe("no-store")
    expect(body).toEqual({
      client_id: expect.stringMatching(/^[0-9A-Za-z]{22}$/),
      client_secret: expect.stringMatching(/^[0-9A-Za-z._~-]{22,}$/),
      client_id_issued_at: expect.any(Number),
      client_secret_expires_at: 0,
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["authorization_code"],
      response_types: ["code"],
    })
  },
)

//= OAUTH21-8.1-no-native-shared-secret
test.each(factories)("a public client gets no secret and no end of one, through $name", async ({ start }) => {
  const wire = wireClient((await start()).url)
  const { body } = await wire.register(open)
  expect(body).not.toHaveProperty("client_secret")
  expect(body).not.toHaveProperty("client_secret_expires_at")
})

//= RFC7591-2-ignore-unknown
//= RFC7591-3.2.1-return-all-metadata
test("the answer is what was kept: unknown members, null, empty scope and people's addresses are not", async () => {
  const { wire } = await startSession()
  const { status, body } = await wire.register({
    ...open,
    scope: "",
    client_name: "An app ✨",
    client_uri: "https://app.example",
    application_type: "native",
    contacts: ["alice@example.com"],
    logo_uri: null,
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    response_types: ["code", "token"],
    favourite_colour: { red: 1 },
  })
  expect(status).toBe(201)
  expect(body).toEqual({
    ...open,
    client_id: expect.any(String),
    client_id_issued_at: expect.any(Number),
    client_name: "An app ✨",
    client_uri: "https://app.example",
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  })
})

test("a secret has the configured end, in the future", async () => {
  for (const factory of factories) {
    const { wire, clock } = await startSession(factory, { config: { clientSecretLifetime: 86_400 } })
    const { body } = await wire.register(minimal)
    const end = Number(body["client_secret_expires_at"])
    if (factory.isNative) expect(end).toBe(Math.floor(clock.now() / 1000) + 86_400)
    else expect(end).toBe(Number(body["client_id_issued_at"]) + 86_400)
  }
})

test.each([
  "javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "vbscript:x",
  "https://app.example/#fragment",
  "https://user:password@app.example/",
  "https://*.app.example/",
  "https://app.example/\u0000",
  "http://app.example/callback",
  "http://localhost.evil.example/",
  "http://127.0.0.1.evil.example/",
  "/callback",
  "https://",
  "unknownapp://callback",
  "https://app.example/?code=mine",
  `https://app.example/${"x".repeat(2048)}`,
])("a redirect URI like %s is invalid_redirect_uri", async (uri) => {
  for (const factory of [overMemory, factories[2]!]) {
    const { wire } = await startSession(factory)
    expect(await refusalOf(wire, { ...open, redirect_uris: [uri] })).toEqual([400, "invalid_redirect_uri"])
  }
})

test.each([
  "https://app.example/callback?x=1",
  "http://localhost:3000/callback",
  "http://127.0.0.1:65535/",
  "http://[::1]:3000/callback",
  "com.example.app:/callback",
  "cursor://anysphere.cursor-retrieval/oauth/user-mcp/callback",
])("a redirect URI like %s is registered as it is", async (uri) => {
  const { wire } = await startSession()
  expect((await wire.register({ ...open, redirect_uris: [uri] })).body["redirect_uris"]).toEqual([uri])
})

test.each([
  ["no object", []],
  ["text", "x"],
  ["null", null],
  ["an unknown method", { ...minimal, token_endpoint_auth_method: "tls_client_auth" }],
  ["a list that is none", { ...open, grant_types: "authorization_code" }],
  ["a list of numbers", { ...open, redirect_uris: [1] }],
  ["refresh without code", { ...open, grant_types: ["refresh_token"] }],
  ["a public client for itself", { ...open, grant_types: ["client_credentials"], redirect_uris: [] }],
  ["a malformed scope", { ...open, scope: 'a"b' }],
])("%s is invalid_client_metadata", async (_, metadata) => {
  const { wire } = await startSession()
  expect(await refusalOf(wire, metadata)).toEqual([400, "invalid_client_metadata"])
})

//= OAUTH21-2.3.1-register-full-redirect
test("no redirect URI for a client that uses codes is invalid_redirect_uri", async () => {
  const { wire } = await startSession()
  expect(await refusalOf(wire, { token_endpoint_auth_method: "none" })).toEqual([400, "invalid_redirect_uri"])
})

test("metadata above 4096 bytes is refused", async () => {
  const { wire } = await startSession()
  const many = Array.from({ length: 30 }, (_, index) => `https://app.example/${index}/${"x".repeat(200)}`)
  expect(await refusalOf(wire, { ...open, redirect_uris: many })).toEqual([400, "invalid_client_metadata"])
})

test("what is not JSON is invalid_client_metadata", async () => {
  const { wire } = await startSession()
  for (const body of ["", "{", "redirect_uris=x", "[".repeat(30_000)]) {
    const answer = await wire.send("POST", "/register", { "content-type": "application/json" }, body)
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_client_metadata" } })
  }
})

test("nobody chooses its own id or secret", async () => {
  const { wire } = await startSession()
  const { body } = await wire.register({ ...minimal, client_id: "mine", client_secret: "x".repeat(43) })
  expect(body.client_id).not.toBe("mine")
  expect(body.client_secret).not.toBe("x".repeat(43))
})

test("with registration off nobody is registered and the operator still can add clients", async () => {
  const { native, url } = await overMemory.start({ config: { registration: "off" } })
  const wire = wireClient(url)
  expect(await wire.register(open)).toMatchObject({ status: 403, body: { error: "access_denied" } })
  // Whatever it is that was sent: nothing of it is read.
  expect(await wire.send("POST", "/register", {}, "{")).toMatchObject({ status: 403, body: { error: "access_denied" } })
  const { client_id } = await Effect.runPromise(native.addClient({ metadata: open }))
  expect(await Effect.runPromise(native.client(client_id))).toMatchObject({ origin: "operator" })
})

test("when the quota is used up, nobody registers until the operator makes room", async () => {
  const { native, url } = await overMemory.start({ config: { maxDynamicClients: 2 } })
  const wire = wireClient(url)
  const { body } = await wire.register(open)
  expect((await wire.register(open)).status).toBe(201)
  const full = await wire.register(open)
  expect(full).toMatchObject({ status: 403, body: { error: "access_denied" } })
  await Effect.runPromise(native.addClient({ metadata: open }))
  await Effect.runPromise(native.deleteClient(body.client_id!))
  expect((await wire.register(open)).status).toBe(201)
})

test.each([overMemory, overSqlite])("a burst of registrations does not get past the quota, $name", async (factory) => {
  const { native } = await factory.start({ config: { maxDynamicClients: 3 } })
  const registering = Array.from({ length: 20 }, () => Effect.result(native.registerClient(open)))
  const results = await Effect.runPromise(Effect.all(registering, { concurrency: "unbounded" }))
  expect(results.filter((result) => result._tag === "Success")).toHaveLength(3)
})
