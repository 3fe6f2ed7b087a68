/** The client against the real server: from nothing to an answer, and on from there without ever logging out. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { OAuth, TokenError } from "../../src/client/index.ts"
import { ISSUER, makeStack, MCP_URL, memoryStorage, type Server } from "./support/World.ts"

test("a request without a token ends, over discovery, registration and login, with the resource's answer", async () => {
  const { world, options } = await makeStack()
  const oauth = OAuth(options)
  expect(await (await oauth.fetch(MCP_URL)).json()).toEqual({ scopes: ["read"] })
  expect(world.sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /mcp",
    "GET /.well-known/oauth-protected-resource/mcp",
    "GET /.well-known/oauth-authorization-server",
    "POST /register",
    "POST /token",
    "GET /mcp",
  ])
  const [page] = await Promise.all(world.pages)
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining("Logged in") })
})

//= MCP-AUTHZ-client-resource-param
//= MCP-AUTHZ-client-app-type
//= OAUTH21-4.1.1-pkce-s256-client
//= OAUTH21-2.3.2-redirect-required-if-many
test("the resource is named at both endpoints, and the registration says what the client is", async () => {
  const { world, options } = await makeStack()
  let link = new URL("about:blank")
  const oauth = OAuth({ ...options, openBrowser: (url) => world.openBrowser((link = new URL(url)).href) })
  await oauth.fetch(MCP_URL)
  expect(link.searchParams.get("resource")).toBe(MCP_URL)
  expect(link.searchParams.get("code_challenge_method")).toBe("S256")
  expect(link.searchParams.get("redirect_uri")).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  expect(new URLSearchParams(world.to(ISSUER, "/token")[0]!.body).get("resource")).toBe(MCP_URL)
  expect(JSON.parse(world.to(ISSUER, "/register")[0]!.body)).toMatchObject({
    client_name: "Tester",
    application_type: "native",
    token_endpoint_auth_method: "none",
  })
})

test("a token that is about to expire is refreshed before it is sent, by the client's own clock", async () => {
  const { world, options, clock } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  const first = await oauth.token()
  clock.pass(3599 - 30)
  expect(await oauth.token()).toBe(first)
  clock.pass(2)
  const second = await oauth.token()
  expect(second).not.toBe(first)
  expect(new URLSearchParams(world.to(ISSUER, "/token").at(-1)!.body).get("grant_type")).toBe("refresh_token")
})

test("a token that was revoked is renewed on 401, without a browser", async () => {
  const { world, options, grantlog } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  const token = (await oauth.token())!
  const { clientId } = (await Effect.runPromise(grantlog.native.verify(token)))!
  const body = new URLSearchParams({ token, client_id: clientId })
  await world.fetch(`${ISSUER}/revoke`, { method: "POST", body })
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(await oauth.token()).not.toBe(token)
  expect(world.pages).toHaveLength(1)
})

test("a grant that ended leads to a new login with the registration at hand", async () => {
  const { world, options, grantlog } = await makeStack()
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.fetch(MCP_URL)
  const { tokens } = (await tokenStorage.getTokens())!
  const { clientId } = (await Effect.runPromise(grantlog.native.verify(tokens.access_token)))!
  const body = new URLSearchParams({ token: tokens.refresh_token!, client_id: clientId })
  await world.fetch(`${ISSUER}/revoke`, { method: "POST", body })
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.pages).toHaveLength(2)
  expect(world.to(ISSUER, "/register")).toHaveLength(1)
})

test.each([
  ["invalid_client", true, undefined],
  ["invalid_request", true, { code: "request_refused", error: "invalid_request" }],
  ["temporarily_unavailable", true, { code: "server_unavailable", error: "temporarily_unavailable" }],
  ["invalid_grant", false, undefined],
] as const)(
  "of `invalid_grant` and others it alone drops the tokens, and it leaves the registration: %s",
  async (error, isKept, fault) => {
    const { world, options, clock } = await makeStack()
    const tokenStorage = memoryStorage()
    const oauth = OAuth({ ...options, tokenStorage })
    await oauth.fetch(MCP_URL)
    const registered = await tokenStorage.getClientInfo()
    const honest = world.servers.get(ISSUER)!
    clock.pass(3600)
    world.servers.set(ISSUER, (request) =>
      request.url.endsWith("/token") ? Response.json({ error }, { status: 400 }) : honest(request),
    )
    if (fault === undefined) expect(await oauth.token()).toBeUndefined()
    else await expect(oauth.token()).rejects.toMatchObject(fault)
    expect((await tokenStorage.getTokens()) !== undefined).toBe(isKept)
    expect(await tokenStorage.getClientInfo()).toEqual(registered)
  },
)

test("a server that forgot the client is asked once more, with a fresh registration", async () => {
  const { world, options, grantlog } = await makeStack()
  const tokenStorage = memoryStorage()
  await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)
  const { client } = (await tokenStorage.getClientInfo())!
  await Effect.runPromise(grantlog.native.deleteClient(client.client_id))
  // Another process, later: it has only what was stored.
  const oauth = OAuth({ ...options, tokenStorage })
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.to(ISSUER, "/register")).toHaveLength(2)
  expect((await tokenStorage.getClientInfo())!.client.client_id).not.toBe(client.client_id)
})

//= MCP-AUTHZ-client-scope-union
test("a 403 for want of scopes leads to a login for the union, and nothing is asked for twice", async () => {
  const { world, options } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  const answer = await oauth.fetch(MCP_URL, { method: "POST", body: "{}" })
  expect(await answer.json()).toEqual({ scopes: expect.arrayContaining(["read", "write"]) })
  expect(world.pages).toHaveLength(2)
})

test("a resource that is never content is asked a bounded number of times", async () => {
  const { world, options } = await makeStack()
  const honest = world.servers.get("http://localhost:9999")!
  let count = 0
  const greedy: Server = (request) => {
    if (!request.url.endsWith("/mcp") || !request.headers.has("authorization")) return honest(request)
    const challenge = `Bearer error="insufficient_scope", scope="read write s${++count}"`
    return new Response(null, { status: 403, headers: { "www-authenticate": challenge } })
  }
  world.servers.set("http://localhost:9999", greedy)
  expect((await OAuth(options).fetch(MCP_URL)).status).toBe(403)
  expect(count).toBeLessThanOrEqual(3)
})

test("the body is sent again after a login, whatever it was given as", async () => {
  const { options } = await makeStack()
  const bodies: Array<() => BodyInit> = [
    () => "text",
    () => new TextEncoder().encode("text"),
    () => new Blob(["text"]).stream(),
  ]
  for (const body of bodies) {
    const oauth = OAuth({ ...options, scopes: ["read", "write"] })
    const init = { method: "POST", body: body(), duplex: "half" } as RequestInit
    expect((await oauth.fetch(MCP_URL, init)).status).toBe(200)
  }
  const request = new Request(MCP_URL, { method: "POST", body: "text" })
  expect((await OAuth({ ...options, scopes: "read write" }).fetch(request)).status).toBe(200)
})

test("requests that need a login at the same time share one", async () => {
  const { world, options } = await makeStack()
  const oauth = OAuth(options)
  const answers = await Promise.all([1, 2, 3, 4].map(() => oauth.fetch(MCP_URL)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(world.to(ISSUER, "/register")).toHaveLength(1)
  expect(world.pages).toHaveLength(1)
})

test("requests that need a refresh at the same time share one", async () => {
  const { world, options, clock } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  clock.pass(3600)
  await Promise.all([1, 2, 3, 4].map(() => oauth.fetch(MCP_URL)))
  expect(world.to(ISSUER, "/token")).toHaveLength(2)
})

//= OAUTH21-5.1-one-token-method
//= OAUTH21-1.4-token-opaque-to-client
test("a token goes to its own server alone, and a header of the caller's own is left alone", async () => {
  const { world, options } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  const shown = world.sent.at(-1)!
  expect(shown.headers.get("authorization")).toBe(`Bearer ${await oauth.token()}`)
  expect([...shown.query.keys(), shown.body]).toEqual([""])
  world.servers.set("https://elsewhere.example", () => new Response("hello"))
  await oauth.fetch("https://elsewhere.example/mcp")
  expect(world.to("https://elsewhere.example")[0]!.headers.has("authorization")).toBe(false)
  await oauth.fetch(MCP_URL, { headers: { authorization: "Bearer mine" } })
  expect(world.sent.at(-1)!.headers.get("authorization")).toBe("Bearer mine")
})

test("an outage keeps the tokens: the living one is used, and afterwards the client waits and tries again", async () => {
  const { world, options, clock } = await makeStack()
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.fetch(MCP_URL)
  const token = await oauth.token()
  const honest = world.servers.get(ISSUER)!
  world.servers.set(ISSUER, (request) =>
    request.url.endsWith("/token") ? new Response("down", { status: 429 }) : honest(request),
  )
  clock.pass(3580)
  expect(await oauth.token()).toBe(token)
  clock.pass(30)
  await expect(oauth.token()).rejects.toMatchObject({ code: "server_unavailable" })
  const count = world.to(ISSUER, "/token").length
  // Too soon to ask again.
  await expect(oauth.token()).rejects.toBeInstanceOf(TokenError)
  expect(world.to(ISSUER, "/token")).toHaveLength(count)
  world.servers.set(ISSUER, honest)
  clock.pass(60)
  expect(await oauth.token()).not.toBe(token)
  expect(await tokenStorage.getClientInfo()).toBeDefined()
  expect(world.pages).toHaveLength(1)
})

/** Carries the refresh out and loses the reply, as often as told. */
const losing = (honest: Server, count: number): Server => {
  let left = count
  return async (request) => {
    const isRefresh = request.url.endsWith("/token") && (await request.clone().text()).includes("refresh_token=")
    const answer = await honest(request)
    if (!isRefresh || left-- <= 0) return answer
    throw new TypeError("fetch failed", { cause: Object.assign(new Error("gone"), { code: "UND_ERR_SOCKET" }) })
  }
}

test("a lost reply is asked for again with the same token where the metadata says so, and nobody is logged out", async () => {
  const { world, options, clock } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  world.servers.set(ISSUER, losing(world.servers.get(ISSUER)!, 2))
  clock.pass(3600)
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  const tokens = world.to(ISSUER, "/token").map(({ body }) => new URLSearchParams(body).get("refresh_token"))
  expect(tokens).toHaveLength(4)
  expect(new Set(tokens.slice(1)).size).toBe(1)
  expect(world.pages).toHaveLength(1)
})

test("a lost reply is not asked for again where the metadata is silent, as long as the access token lives", async () => {
  const { world, options, clock } = await makeStack()
  const honest = world.servers.get(ISSUER)!
  const silent: Server = async (request) => {
    const answer = await honest(request)
    if (!request.url.includes("/.well-known/")) return answer
    const { grantlog_refresh_retry_window: _window, ...metadata } = (await answer.json()) as Record<string, unknown>
    return Response.json(metadata)
  }
  world.servers.set(ISSUER, silent)
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  const token = await oauth.token()
  world.servers.set(ISSUER, losing(silent, 1))
  clock.pass(3585)
  for (const seconds of [0, 2, 5]) {
    clock.pass(seconds)
    expect(await oauth.token()).toBe(token)
  }
  expect(world.to(ISSUER, "/token")).toHaveLength(2)
})

test("a secret ends by the clock that the client was given", async () => {
  const { world, options, clock } = await makeStack()
  const honest = world.servers.get(ISSUER)!
  world.servers.set(ISSUER, async (request) => {
    const answer = await honest(request)
    if (!request.url.endsWith("/register")) return answer
    const registered = (await answer.json()) as Record<string, unknown>
    // What the server takes no secret for: the end alone is looked at.
    return Response.json(
      { ...registered, client_secret: "unused", client_secret_expires_at: clock.now() / 1000 + 60 },
      answer,
    )
  })
  const oauth = OAuth({ ...options })
  await oauth.begin()
  await oauth.begin()
  expect(world.to(ISSUER, "/register")).toHaveLength(1)
  clock.pass(60)
  await oauth.begin()
  expect(world.to(ISSUER, "/register")).toHaveLength(2)
})

test("a login that nobody demands more of asks for no more than the program wants, whatever was held", async () => {
  const { world, options } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  await oauth.fetch(MCP_URL, { method: "POST", body: "{}" })
  const opened: Array<string> = []
  const again = OAuth({
    ...options,
    tokenStorage: memoryStorage(),
    openBrowser: (url) => {
      opened.push(new URL(url).searchParams.get("scope") ?? "")
      return world.openBrowser(url)
    },
  })
  await again.authFlow({ error: "insufficient_scope", scopes: ["read", "write"] })
  await again.authFlow({ scopes: ["read"] })
  expect(opened).toEqual(["read write", "read"])
})

test("a resource that demands scopes of whoever has no token leads to a login for them", async () => {
  const { world, options } = await makeStack()
  const honest = world.servers.get("http://localhost:9999")!
  const challenge = { "www-authenticate": `Bearer error="insufficient_scope", scope="write"` }
  world.servers.set("http://localhost:9999", (request) =>
    request.url.endsWith("/mcp") && !request.headers.has("authorization")
      ? new Response(null, { status: 403, headers: challenge })
      : honest(request),
  )
  expect((await OAuth({ ...options, scopes: ["read"] }).fetch(MCP_URL)).status).toBe(200)
  expect(world.pages).toHaveLength(1)
})

test("what the resource says with a 401 counts at once: it is not asked again where its metadata is", async () => {
  const { world, options } = await makeStack()
  const oauth = OAuth(options)
  await oauth.fetch(MCP_URL)
  const honest = world.servers.get("http://localhost:9999")!
  const place = "http://localhost:9999/moved"
  const challenge = { "www-authenticate": `Bearer error="invalid_token", resource_metadata="${place}"` }
  let rejectedCount = 0
  world.servers.set("http://localhost:9999", (request) => {
    if (request.url === place) return Response.json({ resource: MCP_URL, authorization_servers: [ISSUER] })
    if (request.url.endsWith("/mcp") && rejectedCount++ === 0) {
      return new Response(null, { status: 401, headers: challenge })
    }
    return honest(request)
  })
  const before = world.sent.length
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.sent.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /mcp",
    "GET /moved",
    "GET /.well-known/oauth-authorization-server",
    "POST /token",
    "GET /mcp",
  ])
})

test("with tokens that are over the resource is not asked in vain, and after the login once", async () => {
  const { world, options, grantlog } = await makeStack()
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.fetch(MCP_URL)
  const { tokens } = (await tokenStorage.getTokens())!
  const { clientId } = (await Effect.runPromise(grantlog.native.verify(tokens.access_token)))!
  const body = new URLSearchParams({ token: tokens.refresh_token!, client_id: clientId })
  await world.fetch(`${ISSUER}/revoke`, { method: "POST", body })
  const honest = world.servers.get("http://localhost:9999")!
  world.servers.set("http://localhost:9999", (request) =>
    request.url.endsWith("/mcp") ? new Response(null, { status: 401 }) : honest(request),
  )
  const before = world.to("http://localhost:9999", "/mcp").length
  expect((await oauth.fetch(MCP_URL)).status).toBe(401)
  const shown = world.to("http://localhost:9999", "/mcp").slice(before)
  expect(shown.map(({ headers }) => headers.has("authorization"))).toEqual([true, false, true])
  expect(world.pages).toHaveLength(2)
})
