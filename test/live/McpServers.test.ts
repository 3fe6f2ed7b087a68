/**
 * MCP servers of both generations of the SDK, protected in each of the ways there are, called by the client of each
 * generation: from nothing to a tool's answer, over a refresh, to the end of the grant.
 */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { getRequestListener, type HttpBindings } from "@hono/node-server"
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
  UnauthorizedError as UnauthorizedV2,
} from "@modelcontextprotocol/client"
import { createMcpExpressApp, mcpAuthMetadataRouter, requireBearerAuth } from "@modelcontextprotocol/express"
import { toNodeHandler } from "@modelcontextprotocol/node"
import { UnauthorizedError as UnauthorizedV1 } from "@modelcontextprotocol/sdk/client/auth.js"
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { requireBearerAuth as requireBearerAuthV1 } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js"
import {
  mcpAuthMetadataRouter as metadataRouterV1,
  mcpAuthRouter,
} from "@modelcontextprotocol/sdk/server/auth/router.js"
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js"
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server"
import express, { type RequestHandler } from "express"
import { describe, expect, it, onTestFinished } from "vitest"
import { nodeListener } from "../../src/http/index.ts"
import { authorizationServer, ephemeralKeys, memoryStore } from "../../src/entry/grantlog.ts"
import { oauthServerProvider, oauthTokenVerifier, oauthTokenVerifierV1 } from "../../src/mcp/index.ts"
import { inProcessVerifier, introspectionVerifier } from "../../src/resource/index.ts"
import { mcpWithGrantlog } from "../examples/mcp.ts"
import { Application } from "../mcp/Application.ts"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve } from "./support/ServeProcess.ts"
import type { Client as Credentials } from "./support/Wire.ts"

/** Listens on a free port, and then learns its origin. */
const listen = async (listenerOf: (origin: string) => RequestListener | Promise<RequestListener>): Promise<string> => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const origin = `http://localhost:${(http.address() as AddressInfo).port}`
  http.on("request", await listenerOf(origin))
  return origin
}

const embedded = async (issuer: string, autoApprove?: string) => {
  const config = { issuer, ...(autoApprove === undefined ? {} : { autoApprove }) }
  const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  onTestFinished(() => server.close())
  return server
}

const metadataOf = async (issuer: string) =>
  (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json() as Promise<{
    readonly issuer: string
    readonly revocation_endpoint: string
  }>

const implementation = { name: "whoami", version: "1.0.0" }
const said = (sub: unknown, scopes: ReadonlyArray<string> = []) => ({
  content: [{ type: "text" as const, text: `${String(sub)} may ${scopes.join(" and ")}` }],
})

/** MCP as SDK 1.x speaks it: a new protocol server for each request. */
const speakV1: RequestHandler = async (request, response) => {
  const server = new McpServerV1(implementation)
  server.registerTool("whoami", {}, ({ authInfo }) => said(authInfo?.extra?.["sub"], authInfo?.scopes))
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  response.on("close", () => void server.close())
  await server.connect(transport as Parameters<typeof server.connect>[0])
  await transport.handleRequest(request, response)
}

/** MCP as SDK 2.x speaks it under Express. */
const speakV2 = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer(implementation)
    server.registerTool("whoami", {}, ({ http }) => said(http?.authInfo?.extra?.["sub"], http?.authInfo?.scopes))
    return server
  }),
)

const insideFetch = () =>
  listen(async (origin) => {
    const handle = await mcpWithGrantlog(origin)
    // Behind node:http/1, as here, what carries the request is always this.
    return getRequestListener((request, carried) => handle(request, carried as HttpBindings), {
      overrideGlobalObjects: false,
    })
  })

const besideOnExpressV2 = async () => {
  let server: Awaited<ReturnType<typeof embedded>>
  const issuer = await listen(async (origin) => {
    server = await embedded(origin, "alice")
    return nodeListener(server)
  })
  const oauthMetadata = (await metadataOf(issuer)) as Parameters<typeof mcpAuthMetadataRouter>[0]["oauthMetadata"]
  return listen(async (origin) => {
    const resource = `${origin}/mcp`
    const verifier = await oauthTokenVerifier({ verifier: inProcessVerifier(server), resource })
    const resourceMetadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`
    const app = createMcpExpressApp({ host: "localhost" })
    app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: new URL(resource) }))
    app.use(
      "/mcp",
      requireBearerAuth({ verifier, requiredScopes: ["read"], resourceMetadataUrl }),
      (request, response) => speakV2(request as Parameters<typeof speakV2>[0], response, request.body),
    )
    return app
  })
}

const insideRouterV1 = () =>
  listen(async (origin) => {
    const issuer = `${origin}/`
    const resource = `${origin}/mcp`
    const provider = await oauthServerProvider(await embedded(issuer), { resource, approve: () => "alice" })
    const app = express()
    app.use(mcpAuthRouter({ provider, issuerUrl: new URL(issuer), resourceServerUrl: new URL(resource) }))
    const resourceMetadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`
    app.use("/mcp", requireBearerAuthV1({ verifier: provider, requiredScopes: ["read"], resourceMetadataUrl }), speakV1)
    return app
  })

const besideProcessV1 = async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const file = folder.at("grantlog.db")
  const { issuer, stop } = await serve(file)
  onTestFinished(async () => void (await stop()))
  const oauthMetadata = (await metadataOf(issuer)) as Parameters<typeof metadataRouterV1>[0]["oauthMetadata"]
  return listen(async (origin) => {
    const resource = `${origin}/mcp`
    const add = ["client", "add", "--name", "mcp", "--audience", resource, "--store", `sqlite:${file}`]
    const { client_id: clientId, client_secret: clientSecret = "" } = await grantlogJson<Credentials>(add)
    const introspectionEndpoint = `${issuer}/introspect`
    const asked = introspectionVerifier({ introspectionEndpoint, clientId, clientSecret })
    const verifier = await oauthTokenVerifierV1({ verifier: asked, resource })
    const resourceMetadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`
    const app = express()
    app.use(metadataRouterV1({ oauthMetadata, resourceServerUrl: new URL(resource) }))
    app.use("/mcp", requireBearerAuthV1({ verifier, requiredScopes: ["read"], resourceMetadataUrl }), speakV1)
    return app
  })
}

const servers = [
  { server: "SDK 2.x with grantlog inside", start: insideFetch },
  { server: "SDK 2.x on Express, its own gate, a grantlog in the same process", start: besideOnExpressV2 },
  { server: "SDK 1.x with grantlog inside its router", start: insideRouterV1 },
  { server: "SDK 1.x, its own gate, a grantlog process that it introspects at", start: besideProcessV1 },
]

/** What both clients can do, as far as it matters here. */
interface Speaker {
  readonly connect: (transport: never) => Promise<void>
  readonly callTool: (call: { readonly name: string }) => Promise<unknown>
  readonly close: () => Promise<void>
}

interface Transport {
  readonly finishAuth: (code: string, iss?: string) => Promise<void>
}

const clients = [
  {
    client: "1.x",
    Unauthorized: UnauthorizedV1,
    newClient: () => new ClientV1(implementation) as unknown as Speaker,
    newTransport: (url: URL, authProvider: Application): Transport => new TransportV1(url, { authProvider }),
  },
  {
    client: "2.x",
    Unauthorized: UnauthorizedV2,
    newClient: () => new ClientV2(implementation) as unknown as Speaker,
    newTransport: (url: URL, authProvider: Application): Transport =>
      new TransportV2(url, { authProvider: authProvider as never }) as Transport,
  },
]

const pairs = servers.flatMap((server) => clients.map((client) => ({ ...server, ...client })))

const whoami = async (speaker: Speaker): Promise<string> => {
  const { content } = (await speaker.callTool({ name: "whoami" })) as { readonly content: [{ readonly text: string }] }
  return content[0].text
}

describe.each(pairs)(
  "$server, called by the SDK client $client",
  ({ start, Unauthorized, newClient, newTransport }) => {
    it("a client logs in, calls a tool, refreshes by itself, and is sent away once its grant was revoked", async () => {
      const url = new URL(`${await start()}/mcp`)
      const application = new Application(43_130)
      const client = newClient()
      const first = newTransport(url, application)
      await expect(client.connect(first as never)).rejects.toBeInstanceOf(Unauthorized)
      const answer = application.response!.searchParams
      await first.finishAuth(answer.get("code")!, answer.get("iss") ?? undefined)
      await client.connect(newTransport(url, application) as never)
      expect(await whoami(client)).toMatch(/^sub_\w{22} may read$/)

      const revoke = await revocationAt(url, application)
      const before = application.tokens()!
      await revoke(before.access_token)
      expect((await post(url, before.access_token)).status).toBe(401)
      expect(await whoami(client)).toMatch(/^sub_\w{22} may read$/)
      const after = application.tokens()!
      expect(after.refresh_token).not.toBe(before.refresh_token)

      await revoke(after.refresh_token!)
      const refused = await post(url, after.access_token)
      expect(refused.status).toBe(401)
      expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"')
      await expect(whoami(client)).rejects.toBeInstanceOf(Unauthorized)
      expect(application.registrationCount).toBe(1)
      await client.close()
    })
  },
)

const post = (url: URL, token: string) =>
  fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  })

/** Finds where tokens are taken back, as a client would. */
const revocationAt = async (url: URL, application: Application) => {
  const document = await fetch(`${url.origin}/.well-known/oauth-protected-resource${url.pathname}`)
  const { authorization_servers } = (await document.json()) as { readonly authorization_servers: [string] }
  const { revocation_endpoint } = await metadataOf(authorization_servers[0].replace(/\/$/, ""))
  return async (token: string) => {
    const body = new URLSearchParams({ token, client_id: application.information!.client_id })
    expect((await fetch(revocation_endpoint, { method: "POST", body })).status).toBe(200)
  }
}
