/**
 * The demo provider of the MCP TypeScript SDK behind the SDK's own router, with an MCP endpoint that asks for its tokens.
 *
 * Its limits of requests are off: a check asks more often in a minute than they allow in an hour.
 */
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { DemoInMemoryAuthProvider } from "@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js"
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js"
import { mcpAuthRouter } from "@modelcontextprotocol/sdk/server/auth/router.js"
import express, { type RequestHandler } from "express"
import type { Peer } from "./Peer.ts"

const unlimited = { rateLimit: false } as const

export const startSdkDemo = async (): Promise<Peer> => {
  let listener: RequestListener = (_, response) => void response.writeHead(503).end()
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => listener(request, response))
  await once(server.listen(0, "127.0.0.1"), "listening")
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const resourceServerUrl = new URL("/mcp", issuer)
  const provider = new DemoInMemoryAuthProvider()
  const app = express()
  const router = mcpAuthRouter({
    provider,
    issuerUrl: new URL(issuer),
    resourceServerUrl,
    scopesSupported: ["mcp:tools"],
    authorizationOptions: unlimited,
    clientRegistrationOptions: unlimited,
    tokenOptions: unlimited,
    revocationOptions: unlimited,
  })
  app.use(router as RequestHandler)
  const resourceMetadataUrl = `${issuer}/.well-known/oauth-protected-resource/mcp`
  const guarded = requireBearerAuth({ verifier: provider, resourceMetadataUrl }) as RequestHandler
  app.all("/mcp", guarded, (_, response) => void response.writeHead(406).end())
  listener = app
  const stop = async () => {
    const closed = once(server, "close")
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { name: "MCP TypeScript SDK demo", issuer: resourceServerUrl.href, stop }
}
