/**
 * The older name: a client for one server, as what the MCP SDK takes, with the flexible discovery of the time before
 * resource metadata. Discovery is lenient by itself where there is no resource metadata, so this is the same client.
 */
import { OAuth } from "./OAuth.ts"
import type { OAuthOptions } from "./Options.ts"
import type { SdkProvider } from "./sdk/SdkProvider.ts"

/**
 * The same client as what the MCP SDKs take as `authProvider`; it listens for the browser from now on.
 *
 * @example
 * import { OAuthClientProvider } from "grantlog/client"
 *
 * const authProvider = await OAuthClientProvider({ mcpUrl: "https://mcp.example.com/mcp" })
 * const options = { authProvider } // of a StreamableHTTPClientTransport
 */
export const OAuthClientProvider = (options: OAuthOptions): Promise<SdkProvider> => OAuth(options).provider()
