/**
 * A small MCP server that grantlog protects: one tool, streamable HTTP, Express, the MCP TypeScript SDK.
 *
 * Who comes without a token is told where to get one (RFC 9728); a token is asked about at grantlog's `/introspect`,
 * where this server is a resource server of its own:
 *
 *     grantlog client add --name mcp --audience http://localhost:9999/mcp --json
 *     RS_CLIENT_ID=… RS_CLIENT_SECRET=… node test/examples/mcp-server.ts
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js"
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js"
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"

export interface McpOptions {
  /** The issuer whose tokens are taken. */
  readonly issuer: string
  /** This server's own address: what tokens must be for. */
  readonly resource: string
  /** What `grantlog client add --audience` printed. */
  readonly clientId: string
  readonly clientSecret: string
}

const SCOPE = "read"

type Incoming = IncomingMessage & { body?: unknown; auth?: AuthInfo }
type Handler = (request: Incoming, response: ServerResponse, next: () => void) => void | Promise<void>

/** The little of Express that is used here; it comes without types. */
type App = RequestListener & {
  readonly get: (path: string, handler: Handler) => void
  readonly post: (path: string, ...handlers: ReadonlyArray<Handler>) => void
}

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
}

/** What the token is worth here: nothing, unless it is alive and for this very resource. */
const verify = async ({ issuer, resource, clientId, clientSecret }: McpOptions, token: string) => {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/introspect`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` },
    body: new URLSearchParams({ token }),
  })
  if (!response.ok) throw new Error(`introspection was answered with ${response.status}`)
  const answer = (await response.json()) as {
    readonly active: boolean
    readonly client_id: string
    readonly sub: string
    readonly scope?: string
    readonly exp: number
    readonly aud?: string | ReadonlyArray<string>
  }
  if (!answer.active || ![answer.aud ?? []].flat().includes(resource)) return undefined
  const info: AuthInfo = {
    token,
    clientId: answer.client_id,
    scopes: answer.scope?.split(" ") ?? [],
    expiresAt: answer.exp,
    resource: new URL(resource),
    extra: { sub: answer.sub },
  }
  return info
}

/** A new protocol server for each request: nothing is kept between them. */
const protocolServer = (): McpServer => {
  const server = new McpServer({ name: "whoami", version: "1.0.0" })
  server.registerTool("whoami", { description: "Who you are, by the token you came with" }, ({ authInfo }) => ({
    content: [{ type: "text", text: `${String(authInfo?.extra?.["sub"])} may ${authInfo?.scopes.join(" and ")}` }],
  }))
  return server
}

/** The server's request listener; `resource` says below which path it answers. */
export const mcpApp = (options: McpOptions): RequestListener => {
  const { issuer, resource } = options
  const { pathname, origin } = new URL(resource)
  const metadataPath = `/.well-known/oauth-protected-resource${pathname}`
  const challenge = `Bearer resource_metadata="${origin}${metadataPath}", scope="${SCOPE}"`

  const protect: Handler = async (request, response, next) => {
    const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1]
    if (token === undefined) return json(response, 401, {}, { "www-authenticate": challenge })
    const info = await verify(options, token)
    if (info === undefined) {
      const headers = { "www-authenticate": `${challenge}, error="invalid_token"` }
      return json(response, 401, { error: "invalid_token" }, headers)
    }
    if (!info.scopes.includes(SCOPE)) {
      const headers = { "www-authenticate": `${challenge}, error="insufficient_scope"` }
      return json(response, 403, { error: "insufficient_scope" }, headers)
    }
    request.auth = info
    next()
  }

  const speak: Handler = async (request, response) => {
    const server = protocolServer()
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    response.on("close", () => void server.close())
    await server.connect(transport as Parameters<typeof server.connect>[0])
    await transport.handleRequest(request, response, request.body)
  }

  const app: App = createMcpExpressApp({ host: "localhost" })
  app.get(metadataPath, (_, response) =>
    json(response, 200, {
      resource,
      authorization_servers: [issuer],
      scopes_supported: [SCOPE],
      bearer_methods_supported: ["header"],
    }),
  )
  app.post(pathname, protect, speak)
  // There is no stream to follow and no session to end.
  app.get(pathname, (_, response) => json(response, 405, {}, { allow: "POST" }))
  return app
}

if (import.meta.main) {
  const { GRANTLOG_ISSUER = "http://localhost:4000", RS_CLIENT_ID = "", RS_CLIENT_SECRET = "" } = process.env
  const resource = "http://localhost:9999/mcp"
  const options = { issuer: GRANTLOG_ISSUER, resource, clientId: RS_CLIENT_ID, clientSecret: RS_CLIENT_SECRET }
  createServer(mcpApp(options)).listen(9999, "localhost", () => console.log(`MCP at ${resource}`))
}
