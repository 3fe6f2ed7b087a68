/**
 * Many clients with one stored login: one refresh an expiry, and nobody is logged out, against grantlog and against a
 * server that ends the grant at the first refresh token that it sees twice.
 */
import fc from "fast-check"
import { expect, test } from "vitest"
import { OAuth } from "../../../src/client/index.ts"
import { json, makeStack, makeWorld, MCP_URL, memoryStorage, type Server } from "../support/World.ts"

const CLIENT_COUNT = 8
const STRICT = "http://localhost:4500"

/** Rotates at every refresh, lets tokens live for 10 s, and ends everything at a second presentation. */
const strictRotator = (now: () => number) => {
  let generation = 0
  let isDead = false
  const refreshes: Array<string> = []
  const issue = () => {
    generation++
    return json({
      access_token: `a${generation}@${now()}`,
      token_type: "Bearer",
      expires_in: 10,
      refresh_token: `r${generation}`,
    })
  }
  const server: Server = async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === "/register") return json({ client_id: "c" }, 201)
    if (pathname === "/authorize") {
      const answer = new URLSearchParams({ code: "code", state: searchParams.get("state") ?? "" })
      return new Response(null, { status: 302, headers: { location: `${searchParams.get("redirect_uri")}?${answer}` } })
    }
    if (pathname !== "/token") {
      if (!pathname.includes("oauth-authorization-server")) return json({}, 404)
      return json({
        issuer: STRICT,
        authorization_endpoint: `${STRICT}/authorize`,
        token_endpoint: `${STRICT}/token`,
        registration_endpoint: `${STRICT}/register`,
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["none"],
      })
    }
    const fields = new URLSearchParams(await request.text())
    if (fields.get("grant_type") === "authorization_code") return issue()
    const presented = fields.get("refresh_token")!
    refreshes.push(presented)
    isDead ||= presented !== `r${generation}`
    return isDead ? json({ error: "invalid_grant" }, 400) : issue()
  }
  const isLive = (token: string) => !isDead && token.startsWith("a") && now() < Number(token.split("@")[1]) + 10_000
  return { server, refreshes, isLive }
}

const makeStrictStack = () => {
  let millis = 1_000_000
  const now = () => millis
  const world = makeWorld()
  const strict = strictRotator(now)
  world.servers.set(STRICT, strict.server)
  world.servers.set("http://localhost:9999", (request) => {
    if (request.url.includes("/.well-known/")) return json({ resource: MCP_URL, authorization_servers: [STRICT] })
    const token = request.headers.get("authorization")?.slice("Bearer ".length) ?? ""
    return new Response(null, { status: strict.isLive(token) ? 200 : 401 })
  })
  const options = { mcpUrl: MCP_URL, fetch: world.fetch, openBrowser: world.openBrowser, now }
  return { world, strict, options, pass: (seconds: number) => void (millis += seconds * 1000) }
}

//= OAUTH21-4.3.2-client-replaces-rt
test("against a strict rotator: eight clients, fifty expiries, fifty refreshes, one login", async () => {
  const { world, strict, options, pass } = makeStrictStack()
  const tokenStorage = memoryStorage()
  const clients = Array.from({ length: CLIENT_COUNT }, () => OAuth({ ...options, tokenStorage }))
  await clients[0]!.fetch(MCP_URL)
  for (let expiry = 1; expiry <= 50; expiry++) {
    pass(10)
    const answers = await Promise.all(clients.map((client) => client.fetch(MCP_URL)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from(clients, () => 200))
    expect(strict.refreshes).toHaveLength(expiry)
  }
  expect(new Set(strict.refreshes).size).toBe(50)
  expect(world.pages).toHaveLength(1)
})

test("against grantlog, too, although replies get lost and clients die with what they were sent", async () => {
  let faultCount = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 9 }), { minLength: 5, maxLength: 15 }), async (faults) => {
      const { world, options, clock } = await makeStack()
      const tokenStorage = memoryStorage()
      const honest = world.servers.get("http://localhost:4000")!
      await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)
      for (const fault of faults) {
        let left = fault === 0 ? 1 : 0
        world.servers.set("http://localhost:4000", async (request) => {
          const isRefresh = request.url.endsWith("/token")
          const answer = await honest(request)
          if (!isRefresh || left-- <= 0) return answer
          faultCount++
          throw new TypeError("fetch failed", { cause: Object.assign(new Error("gone"), { code: "ECONNRESET" }) })
        })
        // One client that is killed while it waits for its reply, where the fault says so.
        if (fault === 1) {
          const dying = { ...tokenStorage, setTokens: () => Promise.reject(new Error("killed")) }
          clock.pass(3600)
          await expect(OAuth({ ...options, tokenStorage: dying }).fetch(MCP_URL)).rejects.toThrow("killed")
          faultCount++
        } else clock.pass(3600)
        const clients = Array.from({ length: 3 }, () => OAuth({ ...options, tokenStorage }))
        const answers = await Promise.all(clients.map((client) => client.fetch(MCP_URL)))
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      }
      expect(world.pages).toHaveLength(1)
    }),
    { seed: 12, numRuns: 6 },
  )
  expect(faultCount).toBeGreaterThan(5)
})
