/**
 * The door to the provider for `mcpAuthRouter`: what that needs is loaded when one is made, so that a verifier alone loads
 * no authorization server.
 */
import type { AuthorizationServer, ServedBy } from "../provider/index.ts"
import type { OAuthServerProvider, ServerProviderOptions } from "./ServerProvider.ts"

/**
 * A provider for `mcpAuthRouter` of SDK 1.x, for public clients; rejects with an `McpFault` that says what to change.
 *
 * Whatever it refuses it throws as the SDK's own error class of the same OAuth code: `InvalidClientError` for a client
 * that is unknown or has a secret, `InvalidGrantError` for a code or refresh token that is spent, `TooManyRequestsError`
 * where a limit says to come again, `ServerError` for an outage. `resource` is what `verifyAccessToken` takes tokens for. The issuer of `server` ends in a slash if it has no
 * path, for that is how the router writes it.
 *
 * @example
 * import { authorizationServer, ephemeralKeys, memoryStore } from "grantlog"
 * import { oauthServerProvider } from "grantlog/mcp"
 *
 * const config = { issuer: "http://localhost:4000/" }
 * const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
 * const options = { resource: "http://localhost:4000/mcp", approve: () => "alice" }
 * const provider = await oauthServerProvider(server, options) // for mcpAuthRouter
 */
export const oauthServerProvider = async (
  server: ServedBy<AuthorizationServer>,
  options: ServerProviderOptions,
): Promise<OAuthServerProvider> => {
  const { serverProvider } = await import("./ServerProvider.ts")
  return serverProvider(server, options)
}
