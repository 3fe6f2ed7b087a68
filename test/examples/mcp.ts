/** An MCP server with grantlog inside: one program, one origin, one fetch handler for all of it. */
import type { HttpBindings } from "@hono/node-server"
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server"
import { authorizationServer, createHandler, ephemeralKeys, memoryStore } from "../../src/entry/grantlog.ts"
import { authInfoOf, inProcessVerifier, protectResource } from "../../src/entry/mcp.ts"

const whoami = (): McpServer => {
  const mcp = new McpServer({ name: "whoami", version: "1.0.0" })
  mcp.registerTool("whoami", { description: "Who you are" }, ({ http }) => {
    const { extra, scopes } = http!.authInfo!
    return { content: [{ type: "text", text: `${String(extra?.["sub"])} may ${scopes.join(" and ")}` }] }
  })
  return mcp
}

/** What the server that carries the handler knows of a request: the connection that it came by. */
type Carried = [HttpBindings]

export const mcpWithGrantlog = async (
  issuer: string,
): Promise<(request: Request, ...carried: Carried) => Promise<Response>> => {
  const config = { issuer, autoApprove: "alice" } // development: without it people sign in and are asked
  const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  const verifier = inProcessVerifier(server)
  const resource = new URL("/mcp", issuer).href
  const api = protectResource({ verifier, resource, authorizationServers: [issuer], scopes: ["read"] })
  const mcp = createMcpHandler(whoami)
  const handleMcp = api.fetch((request, access) => mcp.fetch(request, { authInfo: authInfoOf(access) }))
  const handle = createHandler(server, {
    sourceOf: (_, ...[{ incoming }]: Carried) => incoming.socket.remoteAddress ?? "",
  })
  const mcpPaths = ["/mcp", ...api.metadataPaths]
  return (request, ...carried) =>
    mcpPaths.includes(new URL(request.url).pathname) ? handleMcp(request) : handle(request, ...carried)
}
