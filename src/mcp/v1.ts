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
 * const verifier = await oauthTokenVerifierV1({ verifier: inProcessVerifier(server), resource })
 * app.post("/mcp", requireBearerAuth({ verifier, requiredScopes: ["read"] }), speakMcp)
 */
export const oauthTokenVerifierV1 = async (options: VerificationOptions): Promise<OAuthTokenVerifier> => ({
  verifyAccessToken: verification(options, sdkErrors(await loadErrors())),
})
