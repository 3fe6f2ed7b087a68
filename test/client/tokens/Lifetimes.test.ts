/** How long a server says its tokens live, in whatever way: no saying of it means a browser for each request. */
import { expect, test } from "vitest"
import { OAuth } from "../../../src/client/index.ts"
import { ISSUER, json, makeStack, MCP_URL, memoryStorage } from "../support/World.ts"

/** A server whose tokens live so long by its own words, and a resource that takes each until it is told otherwise. */
const stackWhere = async (members: Record<string, unknown>) => {
  const { world, options, clock } = await makeStack()
  const honest = world.servers.get(ISSUER)!
  let count = 0
  const dead = new Set<string>()
  world.servers.set(ISSUER, (request) =>
    request.url.endsWith("/token")
      ? json({ access_token: `at-${++count}`, token_type: "Bearer", ...members })
      : honest(request),
  )
  const { origin } = new URL(MCP_URL)
  const resource = world.servers.get(origin)!
  world.servers.set(origin, (request) => {
    const token = request.headers.get("authorization")?.slice("Bearer ".length)
    const isTaken = token !== undefined && !dead.has(token)
    return request.url.endsWith("/mcp") && isTaken ? new Response("hello") : resource(request)
  })
  return { world, clock, dead, oauth: OAuth({ ...options, tokenStorage: memoryStorage() }) }
}

const sayings: ReadonlyArray<unknown> = [
  ...[0, -1, -3600, -1e306, "0", "-1", "", " ", "never", "1e999", null, false, true, [], {}, [3600], { seconds: 1 }],
]

test.each(sayings)("expires_in of %j without a refresh token is one login for many requests", async (expires_in) => {
  const { world, oauth, clock } = await stackWhere({ expires_in })
  for (let request = 0; request < 5; request++) {
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    clock.pass(600)
  }
  expect(world.pages).toHaveLength(1)
  expect(world.to(ISSUER, "/token")).toHaveLength(1)
})

test("a token without a usable lifetime is replaced when the resource refuses it, by a login, or by a refresh where one can be", async () => {
  const without = await stackWhere({ expires_in: 0 })
  await without.oauth.fetch(MCP_URL)
  without.dead.add("at-1")
  expect((await without.oauth.fetch(MCP_URL)).status).toBe(200)
  expect(without.world.pages).toHaveLength(2)

  const having = await stackWhere({ expires_in: 0, refresh_token: "refresh-1" })
  await having.oauth.fetch(MCP_URL)
  await having.oauth.fetch(MCP_URL)
  expect(having.world.to(ISSUER, "/token")).toHaveLength(1)
  having.dead.add("at-1")
  expect((await having.oauth.fetch(MCP_URL)).status).toBe(200)
  expect(having.world.pages).toHaveLength(1)
  expect(having.world.to(ISSUER, "/token")).toHaveLength(2)
})

test.each([
  [60, 61],
  ["60", 61],
  [" 60 ", 61],
  ["6e1", 61],
  [60.5, 61],
])("expires_in of %j is a lifetime, and after %i seconds it is over", async (expires_in, seconds) => {
  const { world, oauth, clock } = await stackWhere({ expires_in })
  await oauth.fetch(MCP_URL)
  clock.pass(59)
  await oauth.fetch(MCP_URL)
  expect(world.pages).toHaveLength(1)
  clock.pass(seconds - 59)
  await oauth.fetch(MCP_URL)
  expect(world.pages).toHaveLength(2)
})

test("the SDK's tokens without a usable lifetime are kept without an end", async () => {
  const { oauth } = await stackWhere({})
  const provider = await oauth.provider()
  await provider.saveTokens({ access_token: "of-the-sdk", token_type: "Bearer", expires_in: 0, issuer: ISSUER })
  expect(await provider.tokens()).toEqual({ access_token: "of-the-sdk", token_type: "Bearer", issuer: ISSUER })
  await provider.close()
})
