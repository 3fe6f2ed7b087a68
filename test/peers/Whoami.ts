/** The tool that a FastMCP peer protects, called by the MCP SDK with whatever proves who calls. */
import {
  Client,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from "@modelcontextprotocol/client"

/** What the tool says to whoever has a token. */
export const WHOAMI = [{ type: "text", text: "somebody with a token" }]

export const callWhoami = async (mcpUrl: string, options: StreamableHTTPClientTransportOptions): Promise<unknown> => {
  const client = new Client({ name: "test", version: "1.0.0" })
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), options))
    return (await client.callTool({ name: "whoami" })).content
  } finally {
    await client.close()
  }
}
