/** What a developer reads in an error: which parameter, and what is wrong with it; and that no such answer is kept. */
import { describe, expect, test } from "vitest"
import { redirect } from "../../src/http/Reply.ts"
import { startSession } from "../support/Session.ts"
import { overMemory } from "../support/TestServer.ts"
import { basic, wireClient } from "../support/WireClient.ts"

const FORM = "application/x-www-form-urlencoded"

interface Case {
  readonly path?: string
  readonly query?: string
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
  readonly error?: string
  readonly says: string
}

const cases: ReadonlyArray<Case> = [
  { form: { client_id: "APP" }, says: "grant_type is missing" },
  {
    form: { client_id: "APP", grant_type: "password" },
    error: "unsupported_grant_type",
    says: "grant_type is not one of authorization_code, refresh_token, client_credentials",
  },
  {
    form: { client_id: "APP", grant_type: "toString" },
    error: "unsupported_grant_type",
    says: "grant_type is not one of authorization_code, refresh_token, client_credentials",
  },
  { form: { client_id: "APP", grant_type: "authorization_code" }, says: "code is missing" },
  { form: { client_id: "APP", grant_type: "refresh_token" }, says: "refresh_token is missing" },
  { path: "/revoke", form: { client_id: "APP" }, says: "token is missing" },
  { path: "/introspect", form: { client_id: "APP" }, says: "token is missing" },
  { form: {}, says: "client_id is missing, and there is no Authorization header" },
  {
    path: "/introspect",
    form: { token: "t" },
    status: 401,
    error: "invalid_client",
    says: "client_id is missing, and there is no Authorization header",
  },
  { query: "?client_secret=s", form: { client_id: "APP" }, says: "a client secret does not belong in the URL" },
  { query: "?a=b&client_secret=s", form: { client_id: "APP" }, says: "a client secret does not belong in the URL" },
  { query: "?no_client_secret=s", form: { client_id: "APP" }, says: "grant_type is missing" },
  {
    form: { client_id: "APP", client_assertion: "a.b.c" },
    status: 401,
    error: "invalid_client",
    says: "client_assertion is not supported; use client_secret_basic, client_secret_post or none",
  },
  ...["Bearer t", "Basic", "Basic !", "Basic bm8tY29sb24=", "Basic OnNlY3JldA==", "Basic JTpz", "xBasic YTpi"].map(
    (authorization): Case => ({
      form: {},
      headers: { authorization },
      status: 401,
      error: "invalid_client",
      says: "the Authorization header is not well-formed Basic",
    }),
  ),
  {
    form: { client_secret: "s" },
    headers: basic("a", "s"),
    says: "the client authenticates in the header and in the body",
  },
  {
    form: { client_id: "another" },
    headers: basic("a", "s"),
    says: "client_id in the body is not the one in the Authorization header",
  },
  { form: { client_id: "a" }, headers: basic("a", "s"), says: "grant_type is missing" },
  {
    headers: { "content-type": "application/json" },
    says: "the body must be application/x-www-form-urlencoded",
  },
  { headers: { "content-type": `${FORM}; charset=utf-8` }, form: { client_id: "APP" }, says: "grant_type is missing" },
  { headers: { "content-type": ` ${FORM.toUpperCase()} ` }, form: { client_id: "APP" }, says: "grant_type is missing" },
]

test.each(cases)("%j", async ({ path = "/token", query = "", form = {}, headers = {}, ...expected }) => {
  const { url, app } = await startSession()
  const { status = 400, error = "invalid_request", says } = expected
  const body = new URLSearchParams(form).toString().replace("APP", app.clientId)
  const response = await fetch(url + path + query, {
    method: "POST",
    headers: { "content-type": FORM, ...headers },
    body,
  })
  expect([response.status, await response.json()]).toEqual([status, { error, error_description: says }])
  const header = (name: string) => response.headers.get(name)
  expect(["cache-control", "pragma", "content-type", "x-content-type-options"].map(header)).toEqual([
    "no-store",
    "no-cache",
    "application/json",
    "nosniff",
  ])
  expect(header("www-authenticate")).toBe(status === 401 ? 'Basic realm="grantlog", charset="UTF-8"' : null)
})

describe("at registration", () => {
  test("what is no JSON is said to be none", async () => {
    const { wire } = await startSession()
    const refused = await wire.send("POST", "/register", { "content-type": "application/json" }, "{")
    expect([refused.status, refused.body]).toEqual([
      400,
      { error: "invalid_client_metadata", error_description: "the body is not JSON" },
    ])
  })

  test("where it is off, the operator is whom to ask", async () => {
    const { url } = await overMemory.start({ config: { registration: "off" } })
    const refused = await wireClient(url).register({ redirect_uris: ["http://127.0.0.1/"] })
    expect([refused.status, refused.body]).toEqual([
      403,
      { error: "access_denied", error_description: "clients cannot register themselves here; ask the operator" },
    ])
  })

  test("who asks too often is told so", async () => {
    const { url } = await overMemory.start({ endpoints: { limits: { registrationsPerMinute: 1 } } })
    const register = () => wireClient(url).register({ redirect_uris: ["http://127.0.0.1/"] })
    expect((await register()).status).toBe(201)
    const refused = await register()
    expect([refused.status, refused.body]).toEqual([
      429,
      { error: "temporarily_unavailable", error_description: "too many registrations; try again later" },
    ])
    expect(refused.headers.get("cache-control")).toBe("no-store")
  })
})

test("a client that fails too often to prove itself is told to come again", async () => {
  const { url } = await overMemory.start({ endpoints: { limits: { failedAuthenticationsPerMinute: 2 } } })
  const wire = wireClient(url)
  const fail = () => wire.post("/token", { grant_type: "refresh_token", refresh_token: "x" }, basic("nobody", "s"))
  expect([(await fail()).status, (await fail()).status]).toEqual([401, 401])
  const slowed = await fail()
  expect([slowed.status, slowed.body, slowed.headers.get("retry-after")]).toEqual([
    429,
    { error: "temporarily_unavailable", error_description: "too many failed authentications; try again later" },
    "30",
  ])
})

test("a path that is not there, a method that is not taken, and what may be kept of the metadata", async () => {
  const { wire } = await startSession()
  const missing = await wire.get("/nothing")
  expect([missing.status, missing.body]).toEqual([404, { error: "not_found" }])
  const wrong = await wire.get("/token")
  expect([wrong.status, wrong.body, wrong.headers.get("allow")]).toEqual([
    405,
    { error: "invalid_request", error_description: "this endpoint takes POST" },
    "POST",
  ])
  const both = await wire.send("DELETE", "/account")
  expect([both.status, both.body["error_description"] ?? null, both.headers.get("allow")]).toEqual([
    405,
    "this endpoint takes GET and POST",
    "GET, POST",
  ])
  const health = await wire.get("/healthz")
  expect([health.status, health.body, health.headers.get("cache-control")]).toEqual([200, { status: "ok" }, "no-store"])
  const metadata = await wire.get("/.well-known/oauth-authorization-server")
  expect(metadata.headers.get("cache-control")).toBe("public, max-age=300")
})

test.each(["nowhere", "/account", "https://a.example/a b", "https://a.example/ä", "https://a.example/\r\nx: y"])(
  "nobody is led to %j, which is no URI",
  (location) => {
    expect(() => redirect(location)).toThrow("the address to go to is not a URI")
    expect(redirect("https://a.example/")).toMatchObject({ status: 303, headers: { location: "https://a.example/" } })
  },
)
