/** The rules of who is let in to a protected resource and what everybody else is told, through each way in. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import express from "express"
import { describe, expect, it, onTestFinished, test } from "vitest"
import { accessOf, AccessRefused, protectResource, ResourceFault } from "../../src/resource/index.ts"
import { metadataReply } from "../../src/resource/Metadata.ts"
import { openRequests } from "../../src/resource/OpenRequests.ts"
import { doors, METADATA_URL, protectedNotes, RESOURCE } from "./Protected.ts"

const INVITATION = `Bearer resource_metadata="${METADATA_URL}", scope="read write"`

describe.each(doors)("through $name", ({ open }) => {
  //= OAUTH21-5.1.1-bearer-header
  it("who comes with a good token is let in, and known", async () => {
    const { resource } = protectedNotes()
    const reply = await (await open(resource))({ authorization: ["Bearer good"] })
    expect([reply.status, JSON.parse(reply.body)]).toEqual([200, { subject: "sub_1", token: "good" }])
  })

  //= OAUTH21-5.3.2-no-error-when-no-token
  //= OAUTH21-5.3.1-www-authenticate
  //= MCP-AUTHZ-rs-401-403
  it.each([[[]], [["Basic Zm9v"]]])("who comes with %j gets a challenge without an error", async (authorization) => {
    const { resource, asked } = protectedNotes()
    const { status, challenge, body } = await (await open(resource))({ authorization })
    expect([status, challenge]).toEqual([401, INVITATION])
    expect(JSON.parse(body)).toEqual({
      error_description: "send an access token in the header Authorization: Bearer",
    })
    expect(asked).toEqual([])
  })

  //= RFC6750-3.1-invalid-token-401
  //= OAUTH21-7.1.4-rs-refuse-wrong-aud
  //= OAUTH21-5-rs-validates
  //= RFC9449-7.2-no-bearer-downgrade
  it.each(["unknown", "nothing", "elsewhere", "bound", "for-nothing"])(
    "a token that is `%s` is refused as invalid",
    async (token) => {
      const { resource } = protectedNotes()
      const { status, challenge, body } = await (await open(resource))({ authorization: [`Bearer ${token}`] })
      expect(status).toBe(401)
      expect(challenge).toMatch(new RegExp(`^${INVITATION.replaceAll("?", "\\?")}, error="invalid_token", `))
      expect(JSON.parse(body)).toMatchObject({ error: "invalid_token" })
    },
  )

  //= OAUTH21-7.1.4-rs-refuse-wrong-aud
  //= MCP-AUTHZ-rs-audience
  it("a token for this resource is let in, and one for another is not, even where one for none is", async () => {
    const { resource } = protectedNotes({ acceptsMissingAudience: true })
    const ask = await open(resource)
    const statusOf = async (token: string) => (await ask({ authorization: [`Bearer ${token}`] })).status
    expect(await Promise.all(["good", "for-nothing", "elsewhere"].map(statusOf))).toEqual([200, 200, 401])
  })

  it("what cannot be a token is refused without asking anybody", async () => {
    const { resource, asked } = protectedNotes()
    const ask = await open(resource)
    expect((await ask({ authorization: ['Bearer "good"'] })).status).toBe(401)
    expect((await ask({ authorization: [`Bearer ${"a".repeat(8193)}`] })).status).toBe(401)
    expect(asked).toEqual([])
  })

  it.each([[["Bearer good", "Bearer good"]], [["Bearer good, Bearer good"]], [["Bearer"]]])(
    "headers %j are an invalid request, whatever stands in them",
    async (authorization) => {
      const { resource, asked } = protectedNotes()
      const { status, challenge } = await (await open(resource))({ authorization })
      expect(status).toBe(400)
      expect(challenge).toContain('error="invalid_request"')
      expect(asked).toEqual([])
    },
  )

  //= OAUTH21-5.1-no-query-token
  it("a token in the query is not looked at", async () => {
    const { resource, asked } = protectedNotes()
    const { status, challenge } = await (await open(resource))({ path: "/notes?access_token=good" })
    expect([status, challenge]).toEqual([401, INVITATION])
    expect(asked).toEqual([])
  })

  //= RFC6750-3.1-insufficient-scope-403
  //= MCP-AUTHZ-rs-scope-challenge
  //= MCP-AUTHZ-rs-401-403
  it("a token that allows too little is told every scope that is needed", async () => {
    const { resource } = protectedNotes()
    const { status, challenge } = await (await open(resource))({ authorization: ["Bearer reader"] })
    expect(status).toBe(403)
    expect(challenge).toContain('scope="read write", error="insufficient_scope"')
  })

  //= MCP-AUTHZ-rs-scope-hierarchy
  it("a scope that implies what is needed is enough", async () => {
    const { resource } = protectedNotes({ impliedScopes: { admin: ["read", "write"] } })
    expect((await (await open(resource))({ authorization: ["Bearer admin"] })).status).toBe(200)
    const half = protectedNotes({ impliedScopes: { admin: ["write"] } })
    expect((await (await open(half.resource))({ authorization: ["Bearer admin"] })).status).toBe(403)
  })

  it("an outage is no opinion about the token: the client is to come again, and the operator hears why", async () => {
    const { resource, told } = protectedNotes()
    const ask = await open(resource)
    const { status, challenge, retryAfter, body } = await ask({ authorization: ["Bearer down"] })
    expect([status, challenge, retryAfter]).toEqual([503, null, "7"])
    expect(JSON.parse(body)).toEqual({
      error: "temporarily_unavailable",
      error_description: "access tokens cannot be checked at the moment: try again",
    })
    expect(told).toEqual(["see the server"])
    expect(await ask({ authorization: ["Bearer broken"] })).toMatchObject({ status: 503, retryAfter: "1" })
    expect(told[1]).toMatch(/^the verifier failed/)
  })

  //= RFC9728-3-well-known
  //= RFC9728-2-resource-member
  //= MCP-AUTHZ-rs-prm
  it.each(["/.well-known/oauth-protected-resource/notes", "/.well-known/oauth-protected-resource"])(
    "the metadata is at %s, for everybody",
    async (path) => {
      const { resource } = protectedNotes()
      const ask = await open(resource)
      const { status, body, allowOrigin } = await ask({ path })
      expect([status, allowOrigin]).toEqual([200, "*"])
      expect(JSON.parse(body)).toEqual({
        resource: RESOURCE,
        authorization_servers: ["https://id.example.com"],
        scopes_supported: ["read", "write"],
        bearer_methods_supported: ["header"],
      })
      expect(await ask({ path, method: "HEAD" })).toMatchObject({ status: 200, body: "" })
      expect(await ask({ path, method: "OPTIONS" })).toMatchObject({ status: 204, allowOrigin: "*" })
      expect((await ask({ path, method: "POST" })).status).toBe(405)
      expect((await ask({ path: `${path}?cached=no` })).body).toBe(body)
      expect((await ask({ path: `${path}/more` })).status).toBe(404)
    },
  )

  it("a path that only looks like the metadata's is as protected as any", async () => {
    const ask = await open(protectedNotes().resource)
    expect((await ask({ path: "/notes/.well-known/oauth-protected-resource" })).status).toBe(401)
    expect((await ask({ path: "/notes?a=/.well-known/x" })).status).toBe(401)
  })

  it("a preflight is answered with 204 for every page, and asks nobody", async () => {
    const { resource, asked } = protectedNotes()
    const ask = await open(resource)
    for (const authorization of [[], ["Bearer good"]]) {
      const reply = await ask({ method: "OPTIONS", authorization })
      expect(reply).toMatchObject({ status: 204, allowOrigin: "*", challenge: null, body: "" })
      expect(reply.allowHeaders).toMatch(/^Authorization, Content-Type, MCP-Protocol-Version, /)
    }
    expect(asked).toEqual([])
  })

  it.each(["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration/notes?a=b"])(
    "nothing is at %s, whoever asks, and no challenge says otherwise",
    async (path) => {
      const { resource, asked } = protectedNotes()
      const ask = await open(resource)
      for (const method of ["GET", "POST"]) {
        const reply = await ask({ path, method, authorization: ["Bearer good"] })
        expect(reply).toMatchObject({ status: 404, allowOrigin: "*", challenge: null, body: '{"error":"not_found"}' })
      }
      expect(await ask({ path, method: "OPTIONS" })).toMatchObject({ status: 204, allowOrigin: "*" })
      expect(asked).toEqual([])
    },
  )

  it("what the host lists is handed on without a token, and nothing beside it", async () => {
    const card = "/.well-known/agent-card.json"
    const { resource, asked } = protectedNotes({ handsOn: [card] })
    const ask = await open(resource)
    expect(await ask({ path: `${card}?v=1` })).toMatchObject({ status: 200, body: "handed on: GET" })
    expect(await ask({ path: card, method: "OPTIONS" })).toMatchObject({ status: 200, body: "handed on: OPTIONS" })
    expect((await ask({ path: `${card}/more` })).status).toBe(404)
    expect((await ask({ path: "/notes", method: "OPTIONS" })).status).toBe(204)
    expect((await ask({ path: "/notes" })).status).toBe(401)
    expect(asked).toEqual([])
  })

  it("a host that lists OPTIONS answers preflights itself", async () => {
    const ask = await open(protectedNotes({ handsOn: ["OPTIONS"] }).resource)
    expect(await ask({ method: "OPTIONS" })).toMatchObject({ status: 200, body: "handed on: OPTIONS" })
    expect((await ask({ path: "/.well-known/x" })).status).toBe(404)
    const path = "/.well-known/oauth-protected-resource/notes"
    expect(await ask({ path, method: "OPTIONS" })).toMatchObject({ status: 204, body: "" })
  })

  it("a page of any origin may read why it was refused", async () => {
    const ask = await open(protectedNotes().resource)
    for (const authorization of [[], ["Bearer unknown"], ["Bearer reader"], ["Bearer down"], ["Bearer"]]) {
      const { allowOrigin, exposeHeaders } = await ask({ authorization })
      expect([allowOrigin, exposeHeaders]).toEqual(["*", "WWW-Authenticate, Retry-After"])
    }
  })

  it("a live token that names no resource is let in only where that is accepted", async () => {
    const { resource, told } = protectedNotes()
    const ask = await open(resource)
    for (const times of [1, 2]) {
      expect((await ask({ authorization: ["Bearer for-nothing"] })).status, `${times}`).toBe(401)
    }
    expect((await ask({ authorization: ["Bearer elsewhere"] })).status).toBe(401)
    expect(told).toEqual([
      `tokens come that name no resource (no \`aud\`) and are refused: let the authorization server name \`${RESOURCE}\` in them, or set \`acceptsMissingAudience\` if its tokens are for nothing else`,
    ])
    const lax = protectedNotes({ acceptsMissingAudience: true })
    const askLax = await open(lax.resource)
    expect((await askLax({ authorization: ["Bearer for-nothing"] })).status).toBe(200)
    expect((await askLax({ authorization: ["Bearer elsewhere"] })).status).toBe(401)
    expect(lax.told).toEqual([])
  })
})

test("where the metadata is follows from the resource, its query included", () => {
  const { resource } = protectedNotes({ resource: "https://api.example.com/" })
  expect(resource.metadataPaths).toEqual(["/.well-known/oauth-protected-resource"])
  const tenant = protectedNotes({ resource: "https://api.example.com/notes?tenant=a" }).resource
  expect(tenant.metadataUrl).toBe("https://api.example.com/.well-known/oauth-protected-resource/notes?tenant=a")
})

test("the metadata names what it is told beyond the needed scopes", () => {
  const { resource } = protectedNotes({
    scopesSupported: ["read", "write", "admin"],
    resourceName: "Notes",
    resourceDocumentation: "https://api.example.com/docs",
  })
  expect(resource.metadata).toMatchObject({
    scopes_supported: ["read", "write", "admin"],
    resource_name: "Notes",
    resource_documentation: "https://api.example.com/docs",
  })
  const bare = protectedNotes({ scopes: [] }).resource
  expect(bare.metadata).toStrictEqual({
    resource: RESOURCE,
    authorization_servers: ["https://id.example.com"],
    bearer_methods_supported: ["header"],
  })
})

const crossOrigin = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, OPTIONS",
  "access-control-allow-headers": "Authorization, Content-Type, MCP-Protocol-Version",
  "access-control-max-age": "86400",
}
const document = { ...crossOrigin, "content-type": "application/json", "cache-control": "public, max-age=60" }

test.each([
  ["GET", { status: 200, headers: document, body: expect.stringContaining(RESOURCE) }],
  ["HEAD", { status: 200, headers: document, body: "" }],
  ["OPTIONS", { status: 204, headers: crossOrigin, body: "" }],
  ["POST", { status: 405, headers: { ...crossOrigin, allow: "GET, HEAD, OPTIONS" }, body: "" }],
] as const)("%s for the metadata is answered for every page, and may be kept for a minute", (method, reply) => {
  const replyTo = metadataReply({ resource: RESOURCE, authorizationServers: ["https://id.example.com"] })
  expect(replyTo(method, "/.well-known/oauth-protected-resource/notes")).toEqual(reply)
  expect(replyTo(method, "/.well-known/oauth-protected-resource/other")).toBeUndefined()
})

test("what is answered without a token may be read by every page, a preflight for a day, and nothing that is not there is kept", () => {
  const answer = openRequests({ resource: RESOURCE, authorizationServers: ["https://id.example.com"] })
  expect(answer("OPTIONS", "/notes")).toEqual({
    isHandedOn: false,
    reply: {
      status: 204,
      headers: {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        "access-control-allow-headers":
          "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Session-Id, Last-Event-ID, *",
        "access-control-max-age": "86400",
      },
      body: "",
    },
  })
  expect(answer("GET", "/.well-known/x")).toEqual({
    isHandedOn: false,
    reply: {
      status: 404,
      headers: { "access-control-allow-origin": "*", "content-type": "application/json", "cache-control": "no-store" },
      body: '{"error":"not_found"}',
    },
  })
})

test("a resource that needs no scope takes every token that is for it, and names none", async () => {
  const resource = protectResource({
    verifier: { verify: async (token) => ({ token, scopes: [], resource: [RESOURCE] }) },
    resource: RESOURCE,
    authorizationServers: ["https://id.example.com"],
  })
  expect(await resource.authenticate("Bearer t")).toMatchObject({ token: "t", scopes: [] })
  expect(resource.metadata).not.toHaveProperty("scopes_supported")
})

test("the metadata of a resource with a query is at its path with the query, and at that path alone", () => {
  const replyTo = metadataReply({ resource: `${RESOURCE}?tenant=a`, authorizationServers: ["https://id.example.com"] })
  const path = "/.well-known/oauth-protected-resource"
  const found = ["", "?x", "/notes?tenant=a", "/notes", "/notes?tenant=b"].filter(
    (rest) => replyTo("GET", path + rest) !== undefined,
  )
  expect(found).toEqual(["", "?x", "/notes?tenant=a"])
})

test("an answer of ours is JSON that nobody keeps", async () => {
  const { resource } = protectedNotes()
  for (const authorization of [null, "Bearer unknown", "Bearer down"]) {
    await expect(resource.authenticate(authorization)).rejects.toMatchObject({
      _tag: "AccessRefused",
      reply: { headers: { "content-type": "application/json", "cache-control": "no-store" } },
    })
  }
})

test("what cannot be told from an outage is handed to the host's own error handling", async () => {
  const broken = protectedNotes({
    onUnavailable: () => {
      throw new RangeError("of the host's own log")
    },
  })
  const headers = { authorization: "Bearer down" }
  const handle = broken.resource.fetch(() => new Response())
  await expect(handle(new Request(RESOURCE, { headers }))).rejects.toThrow(RangeError)
  const request = { method: "GET", url: "/notes", headersDistinct: { authorization: ["Bearer down"] } }
  const passedOn = new Promise((next) => {
    broken.resource.express(request as unknown as IncomingMessage, {} as ServerResponse, next)
  })
  expect(await passedOn).toBeInstanceOf(RangeError)
})

test.each([
  [{}, 401],
  [{ method: undefined, url: undefined }, 401],
  [{ url: "/.well-known/x" }, 404],
  [{ url: "/x", originalUrl: "/.well-known/x" }, 404],
  [{ url: "/.well-known/x", originalUrl: 5 }, 404],
])("a request of %j, from whatever framework, is answered with %i", async (more, status) => {
  const { resource } = protectedNotes()
  const response = { headersSent: false, hasHeader: () => false, setHeader: () => {}, statusCode: 0, end: () => {} }
  const ended = new Promise<void>((resolve) => (response.end = resolve))
  const request = { method: "GET", url: "/notes", headersDistinct: {}, ...more } as unknown as IncomingMessage
  resource.express(request, response as unknown as ServerResponse, () => {})
  await ended
  expect(response.statusCode).toBe(status)
})

test("without needed scopes a challenge names none", async () => {
  const { resource } = protectedNotes({ scopes: [] })
  await expect(resource.authenticate(undefined)).rejects.toMatchObject({
    code: "missing_token",
    reply: { headers: { "www-authenticate": `Bearer resource_metadata="${METADATA_URL}"` } },
  })
})

test("any other framework gets the access, or a refusal with the answer in it", async () => {
  const { resource } = protectedNotes()
  expect(await resource.authenticate("Bearer good")).toMatchObject({ clientId: "an-app" })
  await expect(resource.authenticate(["Bearer good", "Bearer good"])).rejects.toBeInstanceOf(AccessRefused)
  await expect(resource.authenticate(null)).rejects.toMatchObject({ code: "missing_token", reply: { status: 401 } })
})

test("what a handler throws is its own affair", async () => {
  const { resource } = protectedNotes()
  const handle = resource.fetch(() => {
    throw new RangeError("of the handler")
  })
  const request = new Request(RESOURCE, { headers: { authorization: "Bearer good" } })
  await expect(handle(request)).rejects.toThrow(RangeError)
})

test("a refusal that comes after somebody else has answered changes nothing and breaks nothing", async () => {
  const { resource } = protectedNotes()
  const app = express()
  app.use((_, response, next) => {
    response.writeHead(504).end("too late")
    next()
  })
  app.use(resource.express)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/notes`)
  expect([response.status, await response.text()]).toEqual([504, "too late"])
})

test("without a handler for it, what a host lists is answered as if it were not listed", async () => {
  const card = "/.well-known/agent-card.json"
  const { resource } = protectedNotes({ handsOn: ["OPTIONS", card] })
  const handle = resource.fetch(() => new Response("let in"))
  const ask = async (path: string, method: string) =>
    (await handle(new Request(`https://api.example.com${path}`, { method }))).status
  expect([await ask(card, "GET"), await ask(card, "OPTIONS"), await ask("/notes", "OPTIONS")]).toEqual([404, 204, 204])
})

test("a host that said which pages may read its answers is not contradicted", async () => {
  const { resource } = protectedNotes()
  const app = express()
  app.use((_, response, next) => {
    response.setHeader("access-control-allow-origin", "https://app.example.com")
    next()
  })
  app.use(resource.express)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const { headers } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/notes`)
  expect(headers.get("access-control-allow-origin")).toBe("https://app.example.com")
  expect(headers.get("access-control-expose-headers")).toBeNull()
  expect(headers.get("www-authenticate")).toBe(INVITATION)
})

test("the access of a request that nobody let in is a mistake that says so", () => {
  expect(() => accessOf({})).toThrow(
    expect.objectContaining({
      _tag: "ResourceFault",
      code: "option_invalid",
      message: "the request was not let in by `protectResource`: mount its `express` in front of this handler",
    }),
  )
})

//= MCP-AUTHZ-rs-no-offline-access
test.each([
  [{ resource: "notes" }, "resource_invalid", "resource `notes` is not a URL"],
  [{ resource: "http://api.example.com" }, "resource_invalid", "is not https"],
  [{ resource: "https://api.example.com/#a" }, "resource_invalid", "has a fragment"],
  [{ resource: "https://a@api.example.com/" }, "resource_invalid", "has user information"],
  [{ resource: "https://:b@api.example.com/" }, "resource_invalid", "has user information"],
  [{ resource: "ftp://localhost/" }, "resource_invalid", "is not https"],
  [{ resource: "http://evil-localhost/" }, "resource_invalid", "is not https"],
  [{ resource: " https://api.example.com/" }, "resource_invalid", "is not a URL"],
  [{ resource: "https://api.example.com/ä" }, "resource_invalid", "is not a URL"],
  [{ authorizationServers: ["http://id.example.com"] }, "authorization_server_invalid", "which is not https"],
  [{ resource: 'https://api.example.com/?a="' }, "resource_invalid", "is not a URL"],
  [{ resource: "https://api.example.com/?a=\\" }, "resource_invalid", "is not a URL"],
  [{ resource: undefined as unknown as string }, "option_invalid", '["resource"]'],
  [
    { authorizationServers: ["id.example.com"] },
    "authorization_server_invalid",
    "`id.example.com`, which is not a URL",
  ],
  [{ authorizationServers: ["https://id.example.com/?a"] }, "authorization_server_invalid", "which has a query"],
  [{ authorizationServers: [] }, "option_invalid", '["authorizationServers"]'],
  [{ scopes: "read" as unknown as Array<string> }, "option_invalid", '["scopes"]'],
  [{ scopes: ["read write"] }, "option_invalid", '["scopes"][0]'],
  [{ scopes: undefined as never }, "option_invalid", '["scopes"]'],
  [{ impliedScopes: { admin: ["read", ""] } }, "option_invalid", '["impliedScopes"]["admin"][1]'],
  [{ impliedScopes: ["admin"] as never }, "option_invalid", '["impliedScopes"]'],
  [{ scopesSupported: ["read", '"'] }, "option_invalid", '["scopesSupported"][1]'],
  [{ resourceName: 1 as never }, "option_invalid", '["resourceName"]'],
  [{ resourceDocumentation: null as never }, "option_invalid", '["resourceDocumentation"]'],
  [{ authorizationServers: [1] as never }, "option_invalid", '["authorizationServers"][0]'],
  [{ scopes: ["offline_access"] }, "scope_invalid", "between client and authorization server"],
  [{ handsOn: ["/notes"] }, "option_invalid", '["handsOn"][0]'],
  [{ handsOn: ["/.well-known/"] }, "option_invalid", '["handsOn"][0]'],
  [{ handsOn: ["/.well-known/x?a"] }, "option_invalid", '["handsOn"][0]'],
  [{ handsOn: ["NO OPTIONS"] }, "option_invalid", '["handsOn"][0]'],
  [{ handsOn: ["OPTIONS too"] }, "option_invalid", '["handsOn"][0]'],
  [{ handsOn: ["/notes/.well-known/x"] }, "option_invalid", '["handsOn"][0]'],
  [{ handsOn: ["GET"] }, "option_invalid", '["handsOn"][0]'],
  [{ acceptsMissingAudience: "yes" as never }, "option_invalid", '["acceptsMissingAudience"]'],
  [{ scope: ["read"] } as object, "option_invalid", '["scope"]'],
  [{ verifier: undefined as never }, "option_invalid", "verifier has no method `verify`"],
  [{ verifier: {} as never }, "option_invalid", "verifier has no method `verify`"],
  [{ onUnavailable: "log" as never }, "option_invalid", "protectResource: onUnavailable is not a function"],
])("the options %j are refused before the first request", (options, code, sentence) => {
  const attempt = () => protectedNotes(options)
  expect(attempt).toThrow(ResourceFault)
  expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) }))
})

test("who changes what was given as an option changes nothing of who is let in", async () => {
  const scopes = ["read"]
  const impliedScopes = { admin: ["write"] }
  const { resource } = protectedNotes({ scopes, impliedScopes })
  scopes.length = 0
  impliedScopes.admin.push("read")
  await expect(resource.authenticate("Bearer admin")).rejects.toMatchObject({ code: "insufficient_scope" })
  await expect(resource.authenticate("Bearer reader")).resolves.toMatchObject({ scopes: ["read"] })
})

test("a resource on this machine may be http", () => {
  for (const resource of ["http://localhost:9999/mcp", "http://127.0.0.1:1/", "http://[::1]:1/"]) {
    expect(protectedNotes({ resource }).resource.metadata.resource).toBe(resource)
  }
  expect(() => protectedNotes({ resource: "http://localhost.example.com/" })).toThrow(ResourceFault)
})
