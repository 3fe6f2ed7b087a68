/** The rules of discovery (RFC 8414): where the metadata is, what is in it, and who may read it from where. */
import { expect, test } from "vitest"
import { metadataOf, wellKnownPaths } from "../../src/http/index.ts"
import type { Config } from "../../src/provider/index.ts"
import { ISSUER, overAdapter, overMemory, serverOver } from "../support/TestServer.ts"
import { wireClient } from "../support/WireClient.ts"

const start = async (config: Partial<Config> = {}, factory = overMemory) =>
  wireClient((await factory.start({ config })).url)

//= RFC8414-2-required-members
//= RFC8414-3.2-json-200-no-empty
//= RFC9700-2.1.1-pkce-detectable
//= MCP-AUTHZ-pkce-metadata
//= RFC9207-2.3-iss-equals-metadata
//= MCP-CC-metadata
test("the metadata has every member that clients need, and none that is empty or null", async () => {
  const { get } = await start({ scopes: ["read", "write"], serviceDocumentation: "https://docs.example/" })
  const { status, body, headers } = await get("/.well-known/oauth-authorization-server")
  expect(status).toBe(200)
  expect(headers.get("content-type")).toBe("application/json")
  expect(body).toEqual({
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    registration_endpoint: `${ISSUER}/register`,
    revocation_endpoint: `${ISSUER}/revoke`,
    introspection_endpoint: `${ISSUER}/introspect`,
    scopes_supported: ["read", "write"],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
    token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
    revocation_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
    introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    service_documentation: "https://docs.example/",
    grantlog_refresh_retry_window: { public: 30, confidential: 30 },
  })
})

//= RFC8414-3.2-json-200-no-empty
test("what is off or absent is left out", async () => {
  const { get } = await start({ registration: "off", scopes: [], defaultScopes: [] })
  const { body } = await get("/.well-known/oauth-authorization-server")
  for (const member of ["registration_endpoint", "scopes_supported", "service_documentation"]) {
    expect(body).not.toHaveProperty(member)
  }
})

test("offline_access is never advertised", async () => {
  const { get } = await start()
  expect((await get("/.well-known/oauth-authorization-server")).text).not.toContain("offline_access")
})

test("an adapter advertises the grant types that its provider has", async () => {
  const { get } = await start({}, overAdapter)
  const { body } = await get("/.well-known/oauth-authorization-server")
  expect(body["grant_types_supported"]).toEqual(["authorization_code", "refresh_token"])
})

//= RFC8414-3-well-known-insertion
//= MCP-AUTHZ-as-discovery
test.each([
  [ISSUER, ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]],
  [`${ISSUER}/`, ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]],
  [
    `${ISSUER}/tenant`,
    [
      "/.well-known/oauth-authorization-server/tenant",
      "/.well-known/openid-configuration/tenant",
      "/tenant/.well-known/openid-configuration",
      "/tenant/.well-known/oauth-authorization-server",
    ],
  ],
  [
    `${ISSUER}/a/b/`,
    [
      "/.well-known/oauth-authorization-server/a/b",
      "/.well-known/openid-configuration/a/b",
      "/a/b/.well-known/openid-configuration",
      "/a/b/.well-known/oauth-authorization-server",
    ],
  ],
])("the issuer %s is found in every form that clients try, and says itself exactly", async (issuer, forms) => {
  const { get } = await start({ issuer })
  const texts = new Set<string>()
  for (const path of forms) {
    const { status, body, text } = await get(path)
    expect(status, path).toBe(200)
    expect(body["issuer"]).toBe(issuer)
    texts.add(text)
  }
  expect(texts.size).toBe(1)
  expect(wellKnownPaths(issuer)).toEqual(forms)
  const { body } = await get(forms[0]!)
  expect(body["token_endpoint"]).toBe(`${issuer.replace(/\/$/, "")}/token`)
})

test("an issuer with a path has its endpoints behind it, and nothing at the root", async () => {
  const { get, post, register } = await start({ issuer: `${ISSUER}/tenant` })
  expect((await get("/tenant/healthz")).body).toEqual({ status: "ok" })
  expect((await post("/tenant/token", { grant_type: "x", client_id: "x" })).status).toBe(400)
  expect((await get("/.well-known/oauth-authorization-server")).status).toBe(404)
  expect((await register({})).status).toBe(404)
})

test("HEAD answers like GET, without a body", async () => {
  const { send } = await start()
  const { status, text, headers } = await send("HEAD", "/.well-known/oauth-authorization-server")
  expect([status, text]).toEqual([200, ""])
  expect(Number(headers.get("content-length"))).toBeGreaterThan(500)
})

test.each(["/.well-known/oauth-authorization-server", "/token", "/register", "/revoke"])(
  "a browser may call %s from any origin, with the headers that clients send",
  async (path) => {
    const { send } = await start()
    const preflight = await send("OPTIONS", path, {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization, content-type",
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*")
    expect(preflight.headers.get("access-control-allow-headers")).toMatch(/Authorization, Content-Type/)
    expect(preflight.headers.get("access-control-allow-methods")).toContain(path.startsWith("/.w") ? "GET" : "POST")
    expect(preflight.headers.get("access-control-max-age")).toBe("86400")
    expect(preflight.headers.has("access-control-allow-credentials")).toBe(false)

    const method = path.startsWith("/.w") ? "GET" : "POST"
    const answer = await send(method, path, { origin: "https://app.example" })
    expect(answer.headers.get("access-control-allow-origin")).toBe("*")
    expect(answer.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate")
  },
)

//= OAUTH21-3.1-no-cors-authorize
test.each(["/authorize", "/introspect", "/", "/healthz"])("no other origin may read %s", async (path) => {
  const { send } = await start()
  const preflight = await send("OPTIONS", path, { origin: "https://app.example" })
  expect(preflight.status).toBe(405)
  expect(preflight.headers.has("access-control-allow-origin")).toBe(false)
  const answer = await send(path === "/introspect" ? "POST" : "GET", path, { origin: "https://app.example" })
  expect(answer.headers.has("access-control-allow-origin")).toBe(false)
})

test("a path that is not there is 404", async () => {
  const { get } = await start()
  for (const path of ["/nothing", "/token/", "/.well-known/", "//token", "/.well-known/oauth-protected-resource"]) {
    expect((await get(path)).status, path).toBe(404)
  }
})

//= OAUTH21-3.2-token-post-only
//= OAUTH21-3.1-get-supported
test("another method is 405 and told which one to use", async () => {
  const { send } = await start()
  for (const [method, path, allow] of [
    ["GET", "/token", "POST"],
    ["HEAD", "/register", "POST"],
    ["PUT", "/revoke", "POST"],
    ["DELETE", "/introspect", "POST"],
    ["POST", "/authorize", "GET"],
    ["POST", "/.well-known/oauth-authorization-server", "GET"],
  ] as const) {
    const { status, headers } = await send(method, path)
    expect([status, headers.get("allow")?.split(", ")[0]], `${method} ${path}`).toEqual([405, allow])
  }
})

test("the first page names the issuer and links the metadata", async () => {
  const { get } = await start()
  const { status, text } = await get("/")
  expect(status).toBe(200)
  expect(text).toContain(`<code>${ISSUER}</code>`)
  expect(text).toContain(`href="${ISSUER}/.well-known/oauth-authorization-server"`)
})

test("every answer has an id of its own", async () => {
  const { get } = await start()
  const ids = [await get("/"), await get("/nothing"), await get("/token")].map(({ headers }) =>
    headers.get("x-request-id"),
  )
  expect(new Set(ids).size).toBe(3)
  expect(ids.every((id) => /^[0-9A-Za-z]{22}$/.test(id ?? ""))).toBe(true)
})

test("the metadata says what is configured for each type of client", async () => {
  const { native } = await serverOver({ config: { retryWindow: { public: 0, confidential: 60 } } })
  expect(metadataOf(native)["grantlog_refresh_retry_window"]).toEqual({ public: 0, confidential: 60 })
})
