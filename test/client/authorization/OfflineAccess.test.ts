/** `offline_access` on its way: added to a scope in the link and in the registration, alone in neither. */
import { expect, test } from "vitest"
import { OAuth } from "../../../src/client/index.ts"
import { addEvil, addEvilResource, EVIL, EVIL_MCP, metadataOf } from "../support/Attacker.ts"
import { json, makeWorld } from "../support/World.ts"

/** What a login sends at a server that offers these scopes, for a resource that lists those. */
const sentWhere = async (offered: ReadonlyArray<string> | undefined, listed?: ReadonlyArray<string>, scopes = "") => {
  const world = makeWorld()
  addEvil(world, metadataOf(EVIL, offered === undefined ? {} : { scopes_supported: offered }))
  addEvilResource(world, () => [EVIL])
  const bare = world.servers.get(new URL(EVIL_MCP).origin)!
  world.servers.set(new URL(EVIL_MCP).origin, (request) =>
    listed !== undefined && request.url.includes("/.well-known/oauth-protected-resource")
      ? json({ resource: EVIL_MCP, authorization_servers: [EVIL], scopes_supported: listed })
      : bare(request),
  )
  let link = new URL("about:blank")
  const openBrowser = (url: string) => world.openBrowser((link = new URL(url)).href)
  await OAuth({ mcpUrl: EVIL_MCP, fetch: world.fetch, openBrowser, scopes }).authFlow()
  const registration = JSON.parse(world.to(EVIL, "/register")[0]!.body) as { readonly scope?: string }
  const { searchParams } = link
  return {
    asked: searchParams.get("scope"),
    prompt: searchParams.get("prompt"),
    registered: registration.scope ?? null,
  }
}

test.each([
  ["nobody names a scope", ["offline_access"], undefined, "", [null, null, null]],
  [
    "nobody names the default beside it",
    ["read", "offline_access"],
    undefined,
    "",
    [null, null, "read offline_access"],
  ],
  ["the resource lists none", ["offline_access"], [], "", [null, null, null]],
  ["the resource lists it alone", ["offline_access"], ["offline_access"], "", [null, null, null]],
  ["the program wants it alone", ["offline_access"], undefined, "offline_access", [null, null, null]],
  ["a scope is listed", ["offline_access"], ["read"], "", ["read offline_access", "consent", "read offline_access"]],
  ["a scope is wanted", ["offline_access"], undefined, "a", ["a offline_access", "consent", "a offline_access"]],
  ["it is not offered", ["read"], ["read", "offline_access"], "", ["read", null, "read"]],
  ["nothing is said of what is offered", undefined, undefined, "offline_access", [null, null, null]],
] as const)("where %s, offline access is never asked for alone", async (_, offered, listed, scopes, sent) => {
  const { asked, prompt, registered } = await sentWhere(offered, listed, scopes)
  expect([asked, prompt, registered]).toEqual(sent)
})

test.each([
  ["offline_access", undefined],
  ["", undefined],
  ["read", "read"],
  ["read offline_access", "read offline_access"],
])("a program that wants `%s` has the SDK register %j", async (scopes, scope) => {
  const provider = await OAuth({ mcpUrl: EVIL_MCP, fetch: makeWorld().fetch, scopes }).provider()
  expect(provider.clientMetadata.scope).toBe(scope)
  await provider.close()
})
