/** The client against other people's servers: each has its own idea of the details, and all of them are logged in to. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { DemoInMemoryAuthProvider } from "@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js"
import { mcpAuthRouter } from "@modelcontextprotocol/sdk/server/auth/router.js"
import { expect, onTestFinished, test } from "vitest"
import express from "express"
import { memoryKeyValue, OAuth, TokenStorageAdapter, type OpenBrowser } from "../../src/client/index.ts"
import { follow } from "./Follow.ts"
import { startFastmcp, startOidcProvider } from "./Peer.ts"
import { callWhoami, WHOAMI } from "./Whoami.ts"

/** Goes where the server sends it, with cookies, to the callback. */
const openBrowser: OpenBrowser = async (url) => {
  const { location } = await follow(url, new URL(url).searchParams.get("redirect_uri")!)
  void fetch(location)
}

const listen = async (listener: (origin: string) => RequestListener): Promise<string> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on("request", listener(origin))
  return origin
}

/** A client whose clock can be set forward, so that tokens come due. */
const newClient = (mcpUrl: string) => {
  let ahead = 0
  const tokenStorage = TokenStorageAdapter(memoryKeyValue(), mcpUrl)
  const oauth = OAuth({ mcpUrl, tokenStorage, openBrowser, now: () => Date.now() + ahead })
  return { oauth, tokenStorage, pass: (seconds: number) => void (ahead += seconds * 1000) }
}

/** Logged in, refreshed early, and another process finds both. */
const expectToStayLoggedIn = async ({ oauth, pass, tokenStorage }: ReturnType<typeof newClient>, mcpUrl: string) => {
  const first = await tokenStorage.getTokens()
  expect(first?.tokens.refresh_token).toBeDefined()
  pass(3590)
  const token = await oauth.token()
  expect(token).not.toBe(first!.tokens.access_token)
  const later = OAuth({ mcpUrl, tokenStorage, openBrowser: () => Promise.reject(new Error("a login was asked for")) })
  expect(await later.token()).toBe(token)
  return token!
}

test("FastMCP: a tool is called after a login, and after a refresh", async () => {
  const peer = await startFastmcp()
  onTestFinished(peer.stop)
  const mcpUrl = `${peer.issuer}/mcp`
  const made = newClient(mcpUrl)
  const callTool = () => callWhoami(mcpUrl, { fetch: made.oauth.fetch })
  expect(await callTool()).toEqual(WHOAMI)
  await expectToStayLoggedIn(made, mcpUrl)
  expect(await callTool()).toEqual(WHOAMI)
  // Its revocation endpoint takes no Basic, so that it may not have heard; here it is forgotten anyway.
  await made.oauth.logout()
  expect(await made.tokenStorage.getTokens()).toBeUndefined()
})

test.each(["memory", "awaited"] as const)("oidc-provider over %s: a login, and a refresh", async (storage) => {
  const peer = await startOidcProvider({ storage })
  onTestFinished(peer.stop)
  const origin = await listen((own) => (request, response) => {
    const isMetadata = request.url === "/.well-known/oauth-protected-resource/mcp"
    const status = isMetadata || request.headers.authorization !== undefined ? 200 : 401
    const metadata = { resource: `${own}/mcp`, authorization_servers: [peer.issuer], scopes_supported: ["read"] }
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(isMetadata ? metadata : {}))
  })
  const mcpUrl = `${origin}/mcp`
  const made = newClient(mcpUrl)
  expect((await made.oauth.fetch(mcpUrl)).status).toBe(200)
  await expectToStayLoggedIn(made, mcpUrl)
  expect(await made.oauth.logout()).toBe(true)
})

test("the MCP SDK's own authorization router: a login", async () => {
  const origin = await listen((own) => {
    const app = express()
    const provider = new DemoInMemoryAuthProvider()
    app.use(mcpAuthRouter({ provider, issuerUrl: new URL(own), scopesSupported: ["mcp:tools"] }) as never)
    app.get("/mcp", ((request: { headers: Record<string, string> }, response: { sendStatus: (code: number) => void }) =>
      response.sendStatus(request.headers["authorization"] === undefined ? 401 : 200)) as never)
    return app as never
  })
  const { oauth, tokenStorage } = newClient(`${origin}/mcp`)
  expect((await oauth.fetch(`${origin}/mcp`)).status).toBe(200)
  expect((await tokenStorage.getTokens())?.issuer).toBe(`${origin}/`)
})
