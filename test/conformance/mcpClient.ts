/**
 * This client as the MCP conformance suite drives it: a server's address is the last argument, a login needs no eyes.
 *
 * What a scenario has to tell comes in the environment. The SDK's own client speaks MCP over
 * `oauth.fetch`; a refusal that the suite provokes ends the process with code 1.
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { OAuth, type OpenBrowser } from "../../src/client/index.ts"

const mcpUrl = process.argv.at(-1)!
const context = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}") as {
  readonly client_id?: string
  readonly client_secret?: string
}

/** A browser that follows one redirect: the server asks nobody, and the answer goes to the callback. */
const headless: OpenBrowser = async (url) => {
  const response = await fetch(url, { redirect: "manual" })
  const location = response.headers.get("location")
  if (location === null) throw new Error(`the authorization endpoint answered with ${response.status}`)
  void fetch(new URL(location, url)).catch(() => undefined)
  return true
}

const oauth = OAuth({
  mcpUrl,
  clientName: "grantlog",
  openBrowser: headless,
  callbackTimeout: 120,
  clientMetadataUrl: "https://conformance-test.local/client-metadata.json",
  ...(context.client_id === undefined ? {} : { clientId: context.client_id }),
  ...(context.client_secret === undefined ? {} : { clientSecret: context.client_secret }),
})

const version = process.env["MCP_CONFORMANCE_PROTOCOL_VERSION"] ?? ""
const isStateless = version >= "2026-07-28"
const client = new Client(
  { name: "grantlog", version: "1.0.0" },
  isStateless ? { versionNegotiation: { mode: { pin: version } } } : {},
)
const transport = new StreamableHTTPClientTransport(new URL(mcpUrl), { fetch: oauth.fetch })
await client.connect(transport)
await client.listTools()
await client.callTool({ name: "test-tool", arguments: {} })
await client.close()
