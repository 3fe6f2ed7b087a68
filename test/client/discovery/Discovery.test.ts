/** From a URL to its authorization server: the order of places, what is believed, and the older way. */
import { expect, test } from "vitest"
import { discover } from "../../../src/client/discovery/Discovery.ts"
import { checkIfAuthRequired } from "../../../src/client/index.ts"
import { checkedOptions } from "../../../src/client/Options.ts"
import { json, makeWorld } from "../support/World.ts"

const MCP = "https://mcp.example.com/a/mcp"
const HOST = "https://mcp.example.com"

const metadataOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${new URL(issuer).origin}/authorize`,
  token_endpoint: `${new URL(issuer).origin}/token`,
  code_challenge_methods_supported: ["S256"],
})

type Answers = Readonly<Record<string, unknown>>

/** Documents by address; anything else is 404, a number is a status. */
const worldOf = (answers: Answers) => {
  const world = makeWorld()
  for (const origin of new Set(Object.keys(answers).map((url) => new URL(url).origin))) {
    world.servers.set(origin, ({ url }) => {
      const answer = answers[url]
      if (typeof answer === "number") return new Response("", { status: answer })
      return answer === undefined ? json({}, 404) : typeof answer === "string" ? new Response(answer) : json(answer)
    })
  }
  return world
}

const find = (
  answers: Answers,
  more: { resourceMetadata?: string; mcpUrl?: string; endpointOrigins?: string[] } = {},
) => {
  const world = worldOf(answers)
  const { mcpUrl = MCP, endpointOrigins = [] } = more
  const { outbound } = checkedOptions({ mcpUrl, endpointOrigins, fetch: world.fetch })
  const found = discover({ fetch: outbound.fetch, mcpUrl, endpointOrigins, ...more })
  const asked = () => world.sent.map(({ origin, path }) => origin + path)
  return { found, asked }
}

const ISSUER = "https://id.example.com/tenant"
const resource = { resource: MCP, authorization_servers: [ISSUER] }
const inserted = `${HOST}/.well-known/oauth-protected-resource/a/mcp`
const root = `${HOST}/.well-known/oauth-protected-resource`
const server = "https://id.example.com/.well-known/oauth-authorization-server/tenant"

test("resource metadata is looked for where the challenge says, then below the path, then at the root", async () => {
  const announced = `${HOST}/metadata`
  const first = find({ [announced]: resource, [server]: metadataOf(ISSUER) }, { resourceMetadata: announced })
  expect((await first.found).server.issuer).toBe(ISSUER)
  expect(first.asked()).toEqual([announced, server])

  const last = find(
    { [root]: { ...resource, resource: HOST }, [server]: metadataOf(ISSUER) },
    { resourceMetadata: announced },
  )
  expect((await last.found).resource).toBe(HOST)
  expect(last.asked().slice(0, 3)).toEqual([announced, inserted, root])
})

//= MCP-AUTHZ-client-discovery-order
test("server metadata is looked for with the path inserted, then as OpenID inserts and appends it", async () => {
  const appended = `${ISSUER}/.well-known/openid-configuration`
  const { found, asked } = find({ [inserted]: resource, [appended]: metadataOf(ISSUER) })
  expect((await found).server.metadata.token_endpoint).toBe("https://id.example.com/token")
  expect(asked().slice(1)).toEqual([server, "https://id.example.com/.well-known/openid-configuration/tenant", appended])
})

test.each([500, 502, 503, 429])("%s at a well-known place leads on, and to nothing that is made up", async (status) => {
  const good = { [root]: { ...resource, resource: HOST }, [server]: metadataOf(ISSUER) }
  const atResource = find({ [inserted]: status, ...good })
  expect((await atResource.found).server.issuer).toBe(ISSUER)
  expect(atResource.asked()).toEqual([inserted, root, server])
  const everywhere = find({ [inserted]: status, [`${HOST}/.well-known/oauth-authorization-server`]: metadataOf(HOST) })
  await expect(everywhere.found).rejects.toMatchObject({ code: "server_unavailable" })
  expect(everywhere.asked()).toEqual([inserted, root])
  const atServer = find({ [inserted]: resource, [server]: status })
  await expect(atServer.found).rejects.toMatchObject({ code: "server_unavailable" })
})

test("a page where a document should be is as good as none", async () => {
  const { found } = find({
    [inserted]: "<html>",
    [root]: "<html>",
    [`${HOST}/.well-known/openid-configuration`]: metadataOf(HOST),
  })
  expect(await found).toMatchObject({ isFromResource: false, server: { issuer: HOST } })
})

test("a resource without metadata is its own server, the older way, and without any the paths are fixed", async () => {
  const named = find({ [`${HOST}/.well-known/oauth-authorization-server`]: metadataOf(`${HOST}/`) })
  expect(await named.found).toMatchObject({ resource: MCP, server: { issuer: `${HOST}/` } })
  const none = find({ [HOST]: {} })
  expect((await none.found).server.metadata).toMatchObject({
    issuer: HOST,
    authorization_endpoint: `${HOST}/authorize`,
    token_endpoint: `${HOST}/token`,
    registration_endpoint: `${HOST}/register`,
  })
})

test("the older way does not believe an issuer that lies elsewhere, and is not taken when a listed issuer is silent", async () => {
  const foreign = find({ [`${HOST}/.well-known/oauth-authorization-server`]: metadataOf("https://id.example.com") })
  await expect(foreign.found).rejects.toMatchObject({ code: "issuer_mismatch" })
  const silent = find({ [inserted]: resource, "https://id.example.com": {} })
  await expect(silent.found).rejects.toMatchObject({ code: "metadata_not_found" })
})

test("metadata is read leniently: a member that cannot be read is as good as absent", async () => {
  const metadata = { ...metadataOf(ISSUER), scopes_supported: "read", registration_endpoint: null, more: { a: 1 } }
  const { server: found } = await find({ [inserted]: resource, [server]: metadata }).found
  expect(found.metadata).not.toHaveProperty("scopes_supported")
  expect(found.metadata).not.toHaveProperty("registration_endpoint")
})

//= RFC7636-7.2-no-client-downgrade
test("a server that does not say S256 is refused, and one without the endpoints, too", async () => {
  const { code_challenge_methods_supported: _methods, ...silent } = metadataOf(ISSUER)
  for (const metadata of [silent, { ...silent, code_challenge_methods_supported: ["plain"] }]) {
    const { found } = find({ [inserted]: resource, [server]: metadata })
    await expect(found).rejects.toMatchObject({ code: "pkce_unsupported" })
  }
  const { token_endpoint: _endpoint, ...pointless } = metadataOf(ISSUER)
  const { found } = find({ [inserted]: resource, [server]: pointless })
  await expect(found).rejects.toMatchObject({ code: "metadata_malformed" })
})

test("endpoints at another origin are taken where the program allowed it", async () => {
  const metadata = { ...metadataOf(ISSUER), token_endpoint: "https://tokens.example.com/token" }
  const answers = { [inserted]: resource, [server]: metadata }
  await expect(find(answers).found).rejects.toMatchObject({ code: "endpoint_foreign" })
  const { found } = find(answers, { endpointOrigins: ["https://tokens.example.com"] })
  expect((await found).server.metadata.token_endpoint).toBe("https://tokens.example.com/token")
})

test("who cannot be reached, or answers with 401, 403 or a challenge, is taken to want a login", async () => {
  const answering = (status: number, headers: Record<string, string> = {}) => {
    const world = makeWorld()
    world.servers.set(HOST, () => new Response(null, { status, headers }))
    return checkIfAuthRequired(MCP, world.fetch)
  }
  expect(await checkIfAuthRequired(MCP, makeWorld().fetch)).toBe(true)
  expect(await Promise.all([401, 403].map((status) => answering(status)))).toEqual([true, true])
  expect(await answering(200, { "www-authenticate": "Bearer" })).toBe(true)
  expect(await Promise.all([200, 404, 405, 500].map((status) => answering(status)))).toEqual([
    false,
    false,
    false,
    false,
  ])
})

//= RFC9728-7.7-ssrf
test.each([
  "http://127.0.0.1:8080/metadata",
  "https://localhost/metadata",
  "https://10.0.0.7/metadata",
  "https://169.254.169.254/latest",
  "https://[fd00::1]/metadata",
  "https://[::ffff:192.168.1.1]/metadata",
  "https://localhost./metadata",
  "https://any.localhost/metadata",
  "https://any.localhost./metadata",
  "https://[::127.0.0.1]/metadata",
  "https://[::ffff:0:127.0.0.1]/metadata",
  "https://[64:ff9b::127.0.0.1]/metadata",
  "https://[2002:7f00:1::]/metadata",
  "https://0.0.0.0/metadata",
  "https://0/metadata",
  "https://0x7f.1/metadata",
  "https://2130706433/metadata",
  "https://017700000001/metadata",
  "https://100.64.0.1/metadata",
  "https://224.0.0.1/metadata",
])("a server elsewhere does not send the client to %s", async (address) => {
  const { found, asked } = find({ [address]: resource, [HOST]: {} }, { resourceMetadata: address })
  await expect(found).rejects.toMatchObject({ code: "endpoint_insecure" })
  expect(asked()).toEqual([inserted, root])
})

test("a server on this machine may send the client elsewhere on it", async () => {
  const mcpUrl = "http://localhost:9999/mcp"
  const issuer = "http://127.0.0.1:4000"
  const { found } = find(
    {
      "http://localhost:9999/.well-known/oauth-protected-resource/mcp": {
        resource: mcpUrl,
        authorization_servers: [issuer],
      },
      [`${issuer}/.well-known/oauth-authorization-server`]: metadataOf(issuer),
    },
    { mcpUrl },
  )
  expect((await found).server.issuer).toBe(issuer)
})

//= RFC9728-3.3-resource-identical
test.each([
  ["/mcp", "/mcp-other", false],
  ["/mcp", "/mcpx", false],
  ["/mcp", "/mc", false],
  ["/mcp/", "/mcp-other", false],
  ["/mcp", "/other/mcp", false],
  ["/mcp", "/mcp/other", true],
  ["/mcp/", "/mcp/other", true],
  ["/mcp", "/mcp", true],
  ["", "/mcp-other", true],
])("the metadata of a resource at `%s` counts for one that is called at `%s`: %s", async (path, called, isTaken) => {
  const mcpUrl = HOST + called
  const announced = `${HOST}/.well-known/oauth-protected-resource${path}`
  const { found, asked } = find(
    { [announced]: { ...resource, resource: HOST + path }, [server]: metadataOf(ISSUER) },
    { mcpUrl, resourceMetadata: announced },
  )
  if (isTaken) expect((await found).resource).toBe(HOST + path)
  else await expect(found).rejects.toMatchObject({ code: "resource_mismatch" })
  expect(asked()[0]).toBe(announced)
})

test("metadata at another origin counts for the very resource that is called, and for none above it", async () => {
  const announced = "https://other.example.com/.well-known/oauth-protected-resource/a"
  const own = find({ [announced]: resource, [server]: metadataOf(ISSUER) }, { resourceMetadata: announced })
  expect((await own.found).resource).toBe(MCP)
  for (const other of [`${HOST}/a`, HOST, "https://other.example.com/a", "nonsense"]) {
    const above = find({ [announced]: { ...resource, resource: other }, [HOST]: {} }, { resourceMetadata: announced })
    await expect(above.found).rejects.toMatchObject({ code: "resource_mismatch" })
  }
})

test("metadata that lies at no well-known location counts for the very resource that is called", async () => {
  const announced = `${HOST}/metadata`
  const own = find({ [announced]: resource, [server]: metadataOf(ISSUER) }, { resourceMetadata: announced })
  expect((await own.found).resource).toBe(MCP)
  const above = find({ [announced]: { ...resource, resource: HOST } }, { resourceMetadata: announced })
  await expect(above.found).rejects.toMatchObject({ code: "resource_mismatch" })
})

test("a login follows a resource that moved to another server, where nothing but absence stands before it", async () => {
  const world = makeWorld()
  const [host, other] = ["https://moving.example.com", "https://new.example.com"]
  world.servers.set(host, ({ url }) =>
    url === `${host}/.well-known/oauth-protected-resource`
      ? json({ resource: `${host}/mcp`, authorization_servers: [other] })
      : new Response(null, { status: 404 }),
  )
  world.servers.set(other, () =>
    json({
      issuer: other,
      authorization_endpoint: `${other}/authorize`,
      token_endpoint: `${other}/token`,
      code_challenge_methods_supported: ["S256"],
    }),
  )
  const request = {
    fetch: world.fetch,
    mcpUrl: `${host}/mcp`,
    endpointOrigins: [],
    preferredIssuer: "https://old.example.com",
  }
  expect((await discover(request)).server.issuer).toBe(other)
})

test("a resource that is its own server takes the tokens of that one", async () => {
  const world = makeWorld()
  const host = "https://own.example.com"
  world.servers.set(host, () => new Response(null, { status: 404 }))
  const found = await discover({ fetch: world.fetch, mcpUrl: `${host}/mcp`, endpointOrigins: [] })
  expect(found).toMatchObject({ issuers: [host], isFromResource: false })
})

test.each([
  ["nonsense", "is of the issuer `nonsense`, which is no address"],
  ["https://elsewhere.example.com", "is of the issuer `https://elsewhere.example.com`, which lies elsewhere"],
])("an older server that says it is `%s` is not believed, and that is said", async (issuer, why) => {
  const world = makeWorld()
  const host = "https://own.example.com"
  world.servers.set(host, ({ url }) =>
    url.includes("oauth-protected-resource") ? new Response(null, { status: 404 }) : json({ issuer }),
  )
  const fault: unknown = await discover({ fetch: world.fetch, mcpUrl: `${host}/mcp`, endpointOrigins: [] }).catch(
    (error: unknown) => error,
  )
  expect(fault).toMatchObject({ _tag: "DiscoveryError", code: "issuer_mismatch" })
  expect((fault as Error).message).toContain(why)
})

test.each([`"'`, "``", "< >; ", "\\"])(
  "an address of metadata that is nothing but %j leads nowhere",
  async (around) => {
    const world = makeWorld()
    const host = "https://own.example.com"
    world.servers.set(host, () => new Response(null, { status: 404 }))
    const request = { fetch: world.fetch, mcpUrl: `${host}/mcp`, endpointOrigins: [], resourceMetadata: around }
    await discover(request)
    expect(world.sent[0]!.path).toBe("/.well-known/oauth-protected-resource/mcp")
    await discover({ ...request, resourceMetadata: `\`${host}/metadata\`` })
    expect(world.to(host, "/metadata")).toHaveLength(1)
  },
)
