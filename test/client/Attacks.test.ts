/**
 * Two issuers, one of them the attacker's: whatever that one answers, nothing of the other's goes there.
 *
 * What counts as a secret is collected from what the honest server handed out and what the client made for it; then
 * everything that reached the attacker is searched for it.
 */
import { expect, onTestFinished, test, vi } from "vitest"
import { DiscoveryError, OAuth, RegistrationError } from "../../src/client/index.ts"
import { addGrantlog, addResource, ISSUER, json, makeStack, MCP_URL, memoryStorage } from "./support/World.ts"
import { addEvil, addEvilResource, DOCUMENT, EVIL, EVIL_MCP, expectNothingOf, metadataOf } from "./support/Attacker.ts"

//= RFC9207-2.4-client-rejects-mismatch
//= MCP-AUTHZ-client-iss
test.each([
  ["another issuer than the one that was asked", `${ISSUER}`],
  ["its own one, but with a slash more", `${EVIL}/`],
])("A04: an answer that names %s is dropped, and its code goes nowhere", async (_, iss) => {
  const { world, options } = await makeStack()
  addEvil(world)
  addEvilResource(world, () => [EVIL])
  const openBrowser = async (url: string) => {
    const { searchParams } = new URL(url)
    const back = new URL(searchParams.get("redirect_uri")!)
    // The honest server's code for the attacker's login, as in the classic mix-up.
    back.search = String(new URLSearchParams({ code: "honest-code", state: searchParams.get("state")!, iss }))
    void fetch(back)
  }
  const oauth = OAuth({ ...options, mcpUrl: EVIL_MCP, openBrowser })
  await expect(oauth.fetch(EVIL_MCP)).rejects.toMatchObject({ code: "issuer_mismatch" })
  expectNothingOf(world, EVIL, ["honest-code"])
  expect(world.to(EVIL, "/token")).toHaveLength(0)
})

test("A04: an answer without an issuer is dropped where the server says that it sends one", async () => {
  const { world, options } = await makeStack()
  const oauth = OAuth({
    ...options,
    openBrowser: (url) => {
      const { searchParams } = new URL(url)
      const answer = new URLSearchParams({ code: "a-code", state: searchParams.get("state")! })
      void fetch(`${searchParams.get("redirect_uri")!}?${answer}`)
    },
  })
  await expect(oauth.fetch(MCP_URL)).rejects.toMatchObject({ code: "issuer_mismatch" })
  expect(world.to(ISSUER, "/token")).toHaveLength(0)
})

test("A04: an error is judged by its issuer, too, before it is believed", async () => {
  const { options } = await makeStack()
  const openBrowser = (url: string) => {
    const { searchParams } = new URL(url)
    const answer = new URLSearchParams({ error: "invalid_client", state: searchParams.get("state")!, iss: EVIL })
    void fetch(`${searchParams.get("redirect_uri")!}?${answer}`)
  }
  await expect(OAuth({ ...options, openBrowser }).fetch(MCP_URL)).rejects.toMatchObject({ code: "issuer_mismatch" })
})

test.each(["authorization_endpoint", "token_endpoint", "registration_endpoint"])(
  "A05: metadata whose %s is another issuer's is refused before anything is sent",
  async (endpoint) => {
    const { world, options } = await makeStack()
    addEvil(world, metadataOf(EVIL, { [endpoint]: `${ISSUER}/authorize` }))
    addEvilResource(world, () => [EVIL])
    const oauth = OAuth({ ...options, mcpUrl: EVIL_MCP })
    await expect(oauth.fetch(EVIL_MCP)).rejects.toMatchObject({ code: "endpoint_foreign" })
    expect(world.to(ISSUER)).toHaveLength(0)
    expect(world.to(EVIL).map(({ method }) => method)).not.toContain("POST")
  },
)

test("A05: where a revocation endpoint is another issuer's, nothing is ever sent there", async () => {
  const { world, options } = await makeStack()
  addEvil(world, metadataOf(EVIL, { revocation_endpoint: `${ISSUER}/revoke` }))
  addEvilResource(world, () => [EVIL])
  const oauth = OAuth({ ...options, mcpUrl: EVIL_MCP })
  await oauth.authFlow()
  expect(await oauth.logout()).toBe(false)
  expect(world.to(ISSUER)).toHaveLength(0)
})

//= RFC8414-3.3-issuer-identical
test.each([ISSUER, `${EVIL}/`, "HTTP://localhost:6666", `${EVIL}?`, undefined])(
  "A05: metadata that says it is of `%s` is refused for another spelling",
  async (issuer) => {
    const { world, options } = await makeStack()
    addEvil(world, { ...metadataOf(EVIL), issuer })
    addEvilResource(world, () => [EVIL])
    await expect(OAuth({ ...options, mcpUrl: EVIL_MCP }).fetch(EVIL_MCP)).rejects.toMatchObject({
      code: "issuer_mismatch",
    })
  },
)

//= RFC9728-3.3-resource-identical
test.each([MCP_URL, "http://localhost:6668/", "http://localhost:6667/mcp/other", "http://localhost:6667/mcpx"])(
  "A05: resource metadata below the resource's own path that is of `%s` is refused",
  async (resource) => {
    const { world, options } = await makeStack()
    addEvil(world)
    addEvilResource(world, () => [ISSUER], resource)
    const refused = OAuth({ ...options, mcpUrl: EVIL_MCP }).fetch(EVIL_MCP)
    await expect(refused).rejects.toMatchObject({ code: "resource_mismatch" })
    await expect(refused).rejects.toBeInstanceOf(DiscoveryError)
  },
)

test("A06: a state is good for one answer, and the page tells nobody the address that it was called by", async () => {
  const { options } = await makeStack()
  const oauth = OAuth({ ...options, openBrowser: () => undefined })
  const { redirectUri, state } = await oauth.begin()
  const answer = `${redirectUri}?${new URLSearchParams({ code: "c", state, iss: ISSUER })}`
  const first = fetch(answer)
  const judged = await oauth.callbackHandler()
  expect((await first).headers.get("referrer-policy")).toBe("no-referrer")
  await expect(fetch(answer)).rejects.toThrow()
  await expect(oauth.callbackHandler()).rejects.toMatchObject({ code: "not_started" })
  await expect(oauth.finish(judged)).rejects.toMatchObject({ code: "grant_ended" })
  await expect(oauth.finish(judged)).rejects.toMatchObject({ code: "not_started" })
})

//= OAUTH21-7.15-client-issuer-binding
test("A07: the code goes to the server of the login, whatever the answer or the resource says meanwhile", async () => {
  const { world, options } = await makeStack()
  addEvil(world)
  const issuers = [ISSUER]
  const grantlog = await addGrantlog(world, ISSUER)
  addResource(world, MCP_URL, grantlog, [ISSUER])
  const resource = world.servers.get("http://localhost:9999")!
  world.servers.set("http://localhost:9999", (request) =>
    request.url.includes("/.well-known/")
      ? json({ resource: MCP_URL, authorization_servers: issuers })
      : resource(request),
  )
  const oauth = OAuth({
    ...options,
    openBrowser: async (url) => {
      // While the user logs in, the resource moves to the attacker.
      issuers[0] = EVIL
      return world.openBrowser(url)
    },
  })
  await oauth.authFlow()
  expect(world.to(EVIL)).toHaveLength(0)
  expect(world.to(ISSUER, "/token")).toHaveLength(1)
})

//= OAUTH21-2.3.3-client-csrf
test("A08: an answer of somebody else's login is no answer, and changes nothing", async () => {
  const { world, options } = await makeStack()
  const tokenStorage = memoryStorage()
  const strangers: Array<number> = []
  const oauth = OAuth({
    ...options,
    tokenStorage,
    openBrowser: async (url) => {
      const redirectUri = new URL(url).searchParams.get("redirect_uri")!
      for (const query of ["", "?code=attackers", "?code=attackers&state=", "?code=attackers&state=guess"]) {
        strangers.push((await fetch(redirectUri + query)).status)
      }
      expect(await tokenStorage.getTokens()).toBeUndefined()
      return world.openBrowser(url)
    },
  })
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(strangers).toEqual([404, 404, 404, 404])
  expectNothingOf(world, ISSUER, ["attackers"])
})

//= STU-2.2-context-distinct-redirect
test("A25: two connections have two addresses and two states, and neither takes the other's answer", async () => {
  const { world, options } = await makeStack()
  addEvil(world)
  addEvilResource(world, () => [EVIL])
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const honest = await OAuth(options).begin()
  const evil = OAuth({ ...options, mcpUrl: EVIL_MCP, callbackTimeout: 60 })
  const other = await evil.begin()
  expect(other.redirectUri).not.toBe(honest.redirectUri)
  expect(other.state).not.toBe(honest.state)
  const crossed = new URLSearchParams({ code: "honest-code", state: honest.state, iss: ISSUER })
  expect((await fetch(`${other.redirectUri}?${crossed}`)).status).toBe(404)
  const waited = expect(evil.callbackHandler()).rejects.toMatchObject({ code: "timed_out" })
  vi.advanceTimersByTime(60_000)
  await waited
  expect(world.to(EVIL, "/token")).toHaveLength(0)
})

//= MCP-AUTHZ-client-as-binding
test("A26, A55: what authenticates the client goes to the token endpoint of its issuer alone, and is never an assertion", async () => {
  const { world, options } = await makeStack()
  addEvil(world)
  const issuers = [ISSUER]
  addEvilResource(world, () => issuers)
  const given = { clientId: "given", clientSecret: "a-secret-that-the-operator-gave", clientIssuer: ISSUER }
  const oauth = OAuth({ ...options, ...given, mcpUrl: EVIL_MCP })
  issuers[0] = EVIL
  const refused = oauth.fetch(EVIL_MCP)
  await expect(refused).rejects.toBeInstanceOf(RegistrationError)
  await expect(refused).rejects.toMatchObject({ code: "issuer_changed" })
  expectNothingOf(world, EVIL, [given.clientSecret, Buffer.from(`given:${given.clientSecret}`).toString("base64")])
  for (const { body } of world.sent) expect(body).not.toContain("assertion")
})

test.each([
  ["a registered client", {}, "evil-client"],
  ["a client of its own address", { clientMetadataUrl: DOCUMENT }, DOCUMENT],
])("A32: %s neither refreshes nor shows tokens of an issuer that the resource no longer lists", async (_, more, id) => {
  const { world, options, clock } = await makeStack()
  addEvil(world, metadataOf(EVIL, { client_id_metadata_document_supported: true }))
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.fetch(MCP_URL)
  const { tokens } = (await tokenStorage.getTokens())!
  world.servers.set("http://localhost:9999", (request) => {
    if (request.url.includes("/.well-known/")) return json({ resource: MCP_URL, authorization_servers: [EVIL] })
    return new Response(null, { status: request.headers.get("authorization") === "Bearer evil" ? 200 : 401 })
  })
  // Still alive, but due: whoever looks for the server now sees that it is another one.
  clock.pass(3590)
  const before = world.sent.length
  const later = OAuth({ ...options, ...more, tokenStorage })
  expect((await later.fetch(MCP_URL)).status).toBe(200)
  for (const { text } of world.sent.slice(before)) expect(text).not.toContain(tokens.access_token)
  expect(await tokenStorage.getClientInfo()).toMatchObject({ issuer: EVIL, client: { client_id: id } })
  expectNothingOf(world, EVIL, [tokens.access_token, tokens.refresh_token!])
  expect(world.to(ISSUER, "/token")).toHaveLength(1)
})

test("nothing secret is sent to an endpoint without TLS off loopback, and no redirect of a token request is followed", async () => {
  const { world, options } = await makeStack()
  const plain = "http://id.example.com"
  addEvilResource(world, () => [plain])
  const insecure = OAuth({ ...options, mcpUrl: EVIL_MCP }).fetch(EVIL_MCP)
  await expect(insecure).rejects.toMatchObject({ code: "endpoint_insecure" })
  expect(world.to(plain)).toHaveLength(0)
  expect(() => OAuth({ mcpUrl: "http://mcp.example.com/mcp" })).toThrow(/https/)

  const honest = world.servers.get(ISSUER)!
  addEvil(world)
  world.servers.set(ISSUER, (request) =>
    request.url.endsWith("/token")
      ? new Response(null, { status: 307, headers: { location: `${EVIL}/token` } })
      : honest(request),
  )
  await expect(OAuth(options).fetch(MCP_URL)).rejects.toMatchObject({ code: "request_refused" })
  expect(world.to(EVIL)).toHaveLength(0)
})
