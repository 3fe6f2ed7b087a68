/** Whom a logout tells: the issuer of the tokens, with what it gave last, and nobody else. */
import { expect, test } from "vitest"
import { OAuth } from "../../../src/client/index.ts"
import { revoke } from "../../../src/client/tokens/Revocation.ts"
import type { ServerOAuthMetadata } from "../../../src/client/discovery/ServerMetadata.ts"
import { addEvil, DOCUMENT, EVIL, expectNothingOf, metadataOf } from "../support/Attacker.ts"
import { ISSUER, json, makeStack, makeWorld, MCP_URL, memoryStorage } from "../support/World.ts"

const tokensOf = (issuer: string, refresh_token?: string) => ({
  tokens: { access_token: "access-1", token_type: "Bearer", ...(refresh_token === undefined ? {} : { refresh_token }) },
  issuer,
})
const clientOf = (issuer: string) => ({ client: { client_id: "app" }, issuer })

const serverOf = (metadata: Partial<ServerOAuthMetadata>) => ({
  issuer: ISSUER,
  metadata: { ...metadataOf(ISSUER), revocation_endpoint: `${ISSUER}/revoke`, ...metadata },
})

const telling = (status = 200) => {
  const world = makeWorld()
  world.servers.set(ISSUER, () => new Response(status === 204 ? null : "done", { status }))
  const outbound = { fetch: world.fetch, now: () => 0 }
  return { world, outbound }
}

//= OAUTH21-7.15-client-issuer-binding
test.each([
  ["tokens of another issuer", tokensOf(EVIL, "refresh-1"), clientOf(ISSUER)],
  ["a client of another issuer", tokensOf(ISSUER, "refresh-1"), clientOf(EVIL)],
])("nothing is told of %s", async (_, tokens, client) => {
  const { world, outbound } = telling()
  expect(await revoke(outbound, { server: serverOf({}), client, tokens })).toBe(false)
  expect(world.sent).toEqual([])
})

test("nothing is told where there is no endpoint for it", async () => {
  const { world, outbound } = telling()
  const { revocation_endpoint: _, ...metadata } = serverOf({}).metadata
  const server = { issuer: ISSUER, metadata }
  expect(await revoke(outbound, { server, client: clientOf(ISSUER), tokens: tokensOf(ISSUER) })).toBe(false)
  expect(world.sent).toEqual([])
})

test("the refresh token is told, where there is none the access token, and only a 200 is a yes", async () => {
  for (const [refresh, told] of [
    ["refresh-1", "refresh-1"],
    ["", "access-1"],
    [undefined, "access-1"],
  ] as const) {
    const { world, outbound } = telling()
    const request = { server: serverOf({}), client: clientOf(ISSUER), tokens: tokensOf(ISSUER, refresh) }
    expect(await revoke(outbound, request)).toBe(true)
    const [sent] = world.to(ISSUER, "/revoke")
    expect(Object.fromEntries(new URLSearchParams(sent!.body))).toEqual({ token: told, client_id: "app" })
  }
  for (const status of [204, 400, 503]) {
    const { outbound } = telling(status)
    const request = { server: serverOf({}), client: clientOf(ISSUER), tokens: tokensOf(ISSUER) }
    expect(await revoke(outbound, request)).toBe(false)
  }
})

test.each([
  ["a client of its own address", { clientMetadataUrl: DOCUMENT }],
  ["a client that was given for it", { clientId: "given", clientSecret: "a-secret", clientIssuer: EVIL }],
])("a logout as %s tells the server that the resource moved to nothing, and forgets all the same", async (_, more) => {
  const { world, options } = await makeStack()
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.authFlow()
  const { tokens } = (await tokenStorage.getTokens())!
  const lists = { client_id_metadata_document_supported: true, revocation_endpoint: `${EVIL}/revoke` }
  addEvil(world, metadataOf(EVIL, lists))
  world.servers.set(new URL(MCP_URL).origin, (request) =>
    request.url.includes("/.well-known/")
      ? json({ resource: MCP_URL, authorization_servers: [EVIL] })
      : new Response(null, { status: 401 }),
  )
  expect(await OAuth({ ...options, ...more, tokenStorage }).logout()).toBe(false)
  expect(world.to(EVIL, "/revoke")).toEqual([])
  expectNothingOf(world, EVIL, [tokens.refresh_token!, tokens.access_token])
  expect([await tokenStorage.getTokens(), await tokenStorage.getClientInfo()]).toEqual([undefined, undefined])
})

test("a logout without a login tells nobody, and one whose server is down forgets all the same", async () => {
  const { world, options } = await makeStack()
  expect(await OAuth(options).logout()).toBe(false)
  expect(world.sent).toEqual([])
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.authFlow()
  world.servers.delete(ISSUER)
  expect(await oauth.logout()).toBe(false)
  expect(await tokenStorage.getTokens()).toBeUndefined()
})
