/** Asking a resource, without credentials, whether it wants some: it is asked once, and what it says is believed. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { checkIfAuthRequired, OAuth } from "../../../src/client/index.ts"
import { addEvil, addEvilResource, EVIL, EVIL_MCP } from "../support/Attacker.ts"
import { json, makeWorld, MCP_URL } from "../support/World.ts"

const RESOURCE = new URL(MCP_URL).origin

test.each([
  [new Response("hello"), false],
  [new Response(null, { status: 405 }), false],
  [new Response(null, { status: 401 }), true],
  [new Response(null, { status: 403 }), true],
  [new Response("hello", { headers: { "www-authenticate": "Bearer" } }), true],
])("%# an answer says whether a login is needed", async (answer, isNeeded) => {
  const world = makeWorld()
  world.servers.set(RESOURCE, () => answer)
  expect(await checkIfAuthRequired(MCP_URL, world.fetch)).toBe(isNeeded)
  expect(world.sent).toMatchObject([{ method: "GET", path: "/mcp" }])
  expect(world.sent[0]!.headers.get("accept")).toBe("application/json, text/event-stream")
})

test("where nobody answers, a login finds out more", async () => {
  expect(await checkIfAuthRequired(MCP_URL, makeWorld().fetch)).toBe(true)
})

const listening = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, "127.0.0.1")
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once("listening", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

test("a server on this machine may be asked", async () => {
  expect(await checkIfAuthRequired(await listening((_, response) => response.end("hello")))).toBe(false)
  expect(await checkIfAuthRequired(await listening((_, response) => response.writeHead(401).end()))).toBe(true)
})

test("metadata that lies where the challenge alone says is found, whether the challenge came or has to be asked for", async () => {
  for (const way of ["asked for", "given"] as const) {
    const world = makeWorld()
    addEvil(world)
    addEvilResource(world, () => [EVIL])
    const place = `${new URL(EVIL_MCP).origin}/elsewhere`
    const challenge = { "www-authenticate": `Bearer resource_metadata="${place}"` }
    world.servers.set(new URL(EVIL_MCP).origin, (request) => {
      if (request.url === place) return json({ resource: EVIL_MCP, authorization_servers: [EVIL] })
      return request.url === EVIL_MCP ? new Response(null, { status: 401, headers: challenge }) : json({}, 404)
    })
    const { fetch, openBrowser } = world
    const oauth = OAuth({ mcpUrl: EVIL_MCP, fetch, openBrowser })
    const { issuer } = await oauth.authFlow(way === "given" ? { resourceMetadata: place } : undefined)
    expect(issuer).toBe(EVIL)
    const bare = world.to(new URL(EVIL_MCP).origin, "/mcp")
    expect(bare).toHaveLength(way === "given" ? 0 : 1)
  }
})

test("without a `fetch` of the program's own the platform's is used", async () => {
  const mcpUrl = await listening((_, response) => response.end("hello"))
  expect(await (await OAuth({ mcpUrl }).fetch(mcpUrl)).text()).toBe("hello")
})
