/** What a login keeps: what the server gave, and nothing that the program brought along. */
import { expect, test } from "vitest"
import { memoryKeyValue, OAuth, TokenStorageAdapter } from "../../src/client/index.ts"
import { json, ISSUER, makeStack, makeWorld, MCP_URL } from "./support/World.ts"
import { addEvil, addEvilResource, EVIL, EVIL_MCP, metadataOf } from "./support/Attacker.ts"

const SECRET = "the-secret-of-the-program"
const given = { clientId: "given", clientSecret: SECRET }

/** Everything that is ever written to a store. */
const watched = () => {
  const inner = memoryKeyValue()
  const written: Array<string> = []
  const keyValue = {
    ...inner,
    set: (key: string, value: string, options?: { readonly ttlSeconds?: number }) => {
      written.push(value)
      return inner.set(key, value, options)
    },
  }
  return { written, tokenStorage: TokenStorageAdapter(keyValue, EVIL_MCP) }
}

const stackOf = () => {
  const world = makeWorld()
  addEvil(world, metadataOf(EVIL))
  addEvilResource(world, () => [EVIL])
  return { mcpUrl: EVIL_MCP, fetch: world.fetch, openBrowser: world.openBrowser, world }
}

test("a secret that the program gave is not kept, by whichever way it logs in", async () => {
  for (const way of ["flow", "steps"] as const) {
    const { world, ...options } = stackOf()
    const { written, tokenStorage } = watched()
    const oauth = OAuth({ ...options, ...given, tokenStorage })
    if (way === "flow") await oauth.authFlow()
    else {
      const { authorizationUrl } = await oauth.begin()
      await oauth.redirectHandler(authorizationUrl)
      await oauth.finish(await oauth.callbackHandler())
    }
    expect(await tokenStorage.getClientInfo()).toEqual({ client: { client_id: "given" }, issuer: EVIL })
    expect(written.length).toBeGreaterThan(1)
    expect(written.join("\n")).not.toContain(SECRET)
    const [sent] = world.to(EVIL, "/token")
    expect(sent!.headers.get("authorization")).toBe(`Basic ${Buffer.from(`given:${SECRET}`).toString("base64")}`)
  }
})

test("a secret that the program gave is not kept by the SDK either", async () => {
  const { world: _, ...options } = stackOf()
  const { written, tokenStorage } = watched()
  const provider = await OAuth({ ...options, ...given, tokenStorage }).provider()
  await provider.saveClientInformation({ client_id: "given", client_secret: SECRET, issuer: EVIL })
  await provider.saveTokens({ access_token: "a", token_type: "Bearer", issuer: EVIL })
  await provider.close()
  expect(written).toHaveLength(1)
  expect(written.join("\n")).not.toContain(SECRET)
})

test("a secret that the server gave with a registration is kept, for it is the program's only one", async () => {
  const { world, ...options } = stackOf()
  const evil = world.servers.get(EVIL)!
  world.servers.set(EVIL, (request) =>
    request.url.endsWith("/register")
      ? json({ client_id: "app", client_secret: "of-the-server", client_secret_expires_at: 0 }, 201)
      : evil(request),
  )
  const { tokenStorage } = watched()
  await OAuth({ ...options, tokenStorage }).authFlow()
  expect(await tokenStorage.getClientInfo()).toMatchObject({ client: { client_secret: "of-the-server" }, issuer: EVIL })
})

test("who was lately taken is not asked about again; who was stored long ago is, before a browser opens", async () => {
  const { world, options, clock } = await makeStack()
  const tokenStorage = TokenStorageAdapter(memoryKeyValue(), MCP_URL)
  const asked = () => world.to(ISSUER, "/authorize").filter(({ query }) => !query.has("response_type")).length
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.authFlow()
  expect(asked()).toBe(0)
  clock.pass(299)
  await oauth.authFlow()
  expect(asked()).toBe(0)
  clock.pass(300)
  await oauth.authFlow()
  expect(asked()).toBe(1)
  await OAuth({ ...options, tokenStorage }).authFlow()
  expect(asked()).toBe(2)
})
