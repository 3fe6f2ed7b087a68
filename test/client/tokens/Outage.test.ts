/**
 * Somebody who is logged in while the metadata of the resource cannot be had: nothing sends the login to another
 * authorization server, and afterwards it goes on without a new one.
 */
import { expect, test } from "vitest"
import { OAuth } from "../../../src/client/index.ts"
import { metadataOf } from "../support/Attacker.ts"
import { ISSUER, json, makeStack, MCP_URL, memoryStorage, type Server } from "../support/World.ts"

const RESOURCE = new URL(MCP_URL).origin

const outages: ReadonlyArray<readonly [string, (path: string) => Response | Promise<Response>, string]> = [
  ["502", () => new Response("bad gateway", { status: 502 }), "server_unavailable"],
  ["429", () => new Response("slow down", { status: 429 }), "server_unavailable"],
  ["no network", () => Promise.reject(new TypeError("fetch failed")), "server_unavailable"],
  ["403", () => new Response("blocked", { status: 403 }), "metadata_not_found"],
  ["a page", () => new Response("<h1>back soon</h1>"), "metadata_not_found"],
  ["JSON of something else", () => json({ error: "upstream" }), "metadata_malformed"],
  ["metadata of another resource", () => json({ resource: `${RESOURCE}/other` }), "resource_mismatch"],
  [
    "servers that are no list",
    () => json({ resource: MCP_URL, authorization_servers: RESOURCE }),
    "metadata_malformed",
  ],
  [
    "502 at the better place, and another issuer at the root",
    (path) =>
      path.endsWith("/mcp")
        ? new Response("bad gateway", { status: 502 })
        : json({ resource: RESOURCE, authorization_servers: [RESOURCE] }),
    "server_unavailable",
  ],
]

test.each(outages)(
  "with %s for metadata, the login stays where it is and is good again afterwards",
  async (_, broken, code) => {
    const { world, options, clock } = await makeStack()
    const tokenStorage = memoryStorage()
    await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)
    const stored = await tokenStorage.getTokens()
    const honest = world.servers.get(RESOURCE)!
    // Meanwhile the resource's own host answers as an authorization server of somebody's.
    const failing: Server = (request) => {
      const { pathname } = new URL(request.url)
      if (pathname.startsWith("/.well-known/oauth-protected-resource")) return broken(pathname)
      return pathname.startsWith("/.well-known/") ? json(metadataOf(RESOURCE)) : honest(request)
    }
    world.servers.set(RESOURCE, failing)
    clock.pass(3600)
    const oauth = OAuth({ ...options, tokenStorage })
    const asked = world.sent.length
    for (const attempt of [
      () => oauth.fetch(MCP_URL),
      () => oauth.token(),
      () => oauth.authFlow(),
      () => oauth.begin(),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code })
    }
    const paths = world.sent.slice(asked).map(({ origin, path }) => origin + path)
    expect(paths.filter((url) => /\/(?:authorize|token|register)$/.test(url))).toEqual([])
    expect(await tokenStorage.getTokens()).toEqual(stored)

    world.servers.set(RESOURCE, honest)
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    expect(world.pages).toHaveLength(1)
  },
)

test("a resource that moves to another issuer is followed, for its metadata says so", async () => {
  const { world, options, clock } = await makeStack()
  const tokenStorage = memoryStorage()
  await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)
  const honest = world.servers.get(RESOURCE)!
  world.servers.set(RESOURCE, (request) => {
    if (request.url.includes("/.well-known/oauth-protected-resource")) {
      return json({ resource: MCP_URL, authorization_servers: [RESOURCE] })
    }
    return request.url.includes("/.well-known/") ? json(metadataOf(RESOURCE)) : honest(request)
  })
  clock.pass(3600)
  expect((await OAuth({ ...options, tokenStorage }).discover()).server.issuer).toBe(RESOURCE)
  expect(world.to(ISSUER, "/token")).toHaveLength(1)
})

test("credentials that an operator gave go to the issuer that they are of, whichever is listed first or answers now", async () => {
  const { world, options } = await makeStack()
  const given = { ...options, clientId: "given", clientSecret: "a-secret-of-the-operator", clientIssuer: ISSUER }
  const honest = world.servers.get(RESOURCE)!
  const listing = (answer: () => Response) => {
    world.servers.set(RESOURCE, (request) => {
      if (request.url.includes("/.well-known/oauth-protected-resource")) return answer()
      return request.url.includes("/.well-known/") ? json(metadataOf(RESOURCE)) : honest(request)
    })
    return OAuth(given)
  }
  const both = listing(() => json({ resource: MCP_URL, authorization_servers: [RESOURCE, ISSUER] }))
  expect((await both.discover()).server.issuer).toBe(ISSUER)
  const page = listing(() => new Response("<h1>back soon</h1>"))
  await expect(page.authFlow()).rejects.toMatchObject({ code: "metadata_not_found" })
  for (const { text } of world.to(RESOURCE)) expect(text).not.toContain(given.clientSecret)
})
