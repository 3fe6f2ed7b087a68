/**
 * An attacker: a server that says of itself what a test tells it to, a resource that sends there, and what to look for
 * in everything that reached them.
 */
import { expect } from "vitest"
import { json, type World } from "./World.ts"

export const EVIL = "http://localhost:6666"
export const DOCUMENT = "https://app.example.com/client.json"
export const EVIL_MCP = "http://localhost:6667/mcp"

export const metadataOf = (issuer: string, more: Record<string, unknown> = {}) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  response_types_supported: ["code"],
  code_challenge_methods_supported: ["S256"],
  token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
  ...more,
})

/** A server that says these things of itself and hands out tokens to everybody. */
export const addEvil = (world: World, metadata: Record<string, unknown> = metadataOf(EVIL), issuer = EVIL) =>
  world.servers.set(issuer, async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname.startsWith("/.well-known/oauth-authorization-server")) return json(metadata)
    if (pathname === "/register") return json({ client_id: "evil-client", redirect_uris: [] }, 201)
    if (pathname === "/token") return json({ access_token: "evil", token_type: "Bearer", refresh_token: "evil-r" })
    if (pathname !== "/authorize") return json({}, 404)
    const back = new URL(searchParams.get("redirect_uri")!)
    back.search = String(new URLSearchParams({ code: "evil-code", state: searchParams.get("state")! }))
    return new Response(null, { status: 302, headers: { location: back.href } })
  })

/** A resource that names these issuers, in a document about this resource. */
export const addEvilResource = (world: World, issuers: () => ReadonlyArray<string>, resource = EVIL_MCP) =>
  world.servers.set(new URL(EVIL_MCP).origin, (request) => {
    if (request.url.includes("/.well-known/oauth-protected-resource")) {
      return json({ resource, authorization_servers: issuers() })
    }
    return request.url.endsWith("/mcp") ? new Response(null, { status: 401 }) : json({}, 404)
  })

/** The values behind these names in everything that was sent to this origin. */
export const secretsSentTo = (world: World, origin: string): ReadonlyArray<string> =>
  world.to(origin).flatMap(({ body, headers }) => {
    const fields = new URLSearchParams(body)
    const named = ["code", "code_verifier", "refresh_token", "client_secret"].flatMap((name) => fields.getAll(name))
    const authorization = headers.get("authorization")
    return authorization === null ? named : [...named, authorization]
  })

export const expectNothingOf = (world: World, origin: string, secrets: ReadonlyArray<string>) => {
  expect(secrets.length).toBeGreaterThan(0)
  for (const { text } of world.to(origin)) for (const secret of secrets) expect(text).not.toContain(secret)
}
