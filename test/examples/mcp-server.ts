/**
 * A small MCP server that a running grantlog protects: one tool, streamable HTTP, Express, the MCP TypeScript SDK 1.x.
 *
 * Who comes without a token is told where to get one (RFC 9728); a token is asked about at grantlog's `/introspect`,
 * where this server is a resource server of its own:
 *
 *     grantlog client add --name mcp --audience http://localhost:9999/mcp --json
 *     RS_CLIENT_ID=… RS_CLIENT_SECRET=… node test/examples/mcp-server.ts
 */
import { createServer, type RequestListener } from "node:http"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js"
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"
import express, { type RequestHandler } from "express"
import { accessOf, authInfoOf, introspectionVerifier, protectResource } from "../../src/entry/mcp.ts"

export interface McpOptions {
  /** The issuer whose tokens are taken. */
  readonly issuer: string
  /** This server's own address: what tokens must be for. */
  readonly resource: string
  /** What `grantlog client add --audience` printed. */
  readonly clientId: string
  readonly clientSecret: string
}

/** A new protocol server for each request: nothing is kept between them. */
const protocolServer = (): McpServer => {
  const server = new McpServer({ name: "whoami", version: "1.0.0" })
  server.registerTool("whoami", { description: "Who you are, by the token you came with" }, ({ authInfo }) => ({
    content: [{ type: "text", text: `${String(authInfo?.extra?.["sub"])} may ${authInfo?.scopes.join(" and ")}` }],
  }))
  return server
}

const speak: RequestHandler = async (request, response) => {
  const server = protocolServer()
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  response.on("close", () => void server.close())
  await server.connect(transport as Parameters<typeof server.connect>[0])
  await transport.handleRequest(Object.assign(request, { auth: authInfoOf(accessOf(request)) }), response)
}

/** The server's request listener; `resource` says below which path it answers. */
export const mcpApp = ({ issuer, resource, clientId, clientSecret }: McpOptions): RequestListener => {
  const introspectionEndpoint = `${issuer.replace(/\/$/, "")}/introspect`
  const verifier = introspectionVerifier({ introspectionEndpoint, clientId, clientSecret })
  const api = protectResource({ verifier, resource, authorizationServers: [issuer], scopes: ["read"] })
  const { pathname } = new URL(resource)
  const app = express()
  app.all(api.metadataPaths, api.express)
  app.post(pathname, api.express, speak)
  // There is no stream to follow and no session to end.
  app.get(pathname, (_, response) => response.writeHead(405, { allow: "POST" }).end())
  return app
}

if (import.meta.main) {
  const { GRANTLOG_ISSUER = "http://localhost:4000", RS_CLIENT_ID = "", RS_CLIENT_SECRET = "" } = process.env
  const resource = "http://localhost:9999/mcp"
  const options = { issuer: GRANTLOG_ISSUER, resource, clientId: RS_CLIENT_ID, clientSecret: RS_CLIENT_SECRET }
  createServer(mcpApp(options)).listen(9999, "localhost", () => console.log(`MCP at ${resource}`))
}
