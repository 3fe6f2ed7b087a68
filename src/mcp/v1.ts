/** For the MCP TypeScript SDK 1.x (`@modelcontextprotocol/sdk`): the verifier of its `requireBearerAuth`. */
import { verification, type VerificationOptions } from "./Verification.ts"
import { loadErrors, sdkErrors } from "./v1Errors.ts"
import type { OAuthTokenVerifier } from "./v2.ts"

/**
 * A verifier for `requireBearerAuth` of SDK 1.x; rejects with an `McpFault` that says what to change.
 *
 * Its `verifyAccessToken` throws the SDK's own `InvalidTokenError`, or `ServerError` during an outage. A server that is
 * its own `mcpAuthRouter` needs none: `oauthServerProvider` verifies too.
 *
 * @example
 * import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js"
 * import { introspectionVerifier, oauthTokenVerifierV1 } from "grantlog/mcp"
 *
 * const verifier = await oauthTokenVerifierV1({
 *   resource: "https://mcp.example.com/mcp",
 *   verifier: introspectionVerifier({
 *     introspectionEndpoint: "https://id.example.com/introspect",
 *     clientId: "rs", // of `grantlog client add --name rs --audience https://mcp.example.com/mcp`
 *     clientSecret: "a secret that was printed once",
 *   }),
 * })
 * const middleware = requireBearerAuth({ verifier, requiredScopes: ["read"] }) // app.post("/mcp", middleware, …)
 * console.log(typeof middleware)
 */
export const oauthTokenVerifierV1 = async (options: VerificationOptions): Promise<OAuthTokenVerifier> => ({
  verifyAccessToken: verification(options, sdkErrors(await loadErrors())),
})
