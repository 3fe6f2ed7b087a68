/**
 * For the MCP TypeScript SDK 2.x (`@modelcontextprotocol/server` and its adapters): the verifier of its bearer-auth gates.
 *
 * Refusals are the SDK's own `OAuthError`. Its gates name an error even where no token was sent; `protectResource` with
 * `authInfoOf` answers as MCP asks, and needs no verifier of this kind.
 */
import type { AuthInfo } from "./AuthInfo.ts"
import { loaded } from "./McpFault.ts"
import { verification, type VerificationOptions } from "./Verification.ts"

/** The SDK's `OAuthTokenVerifier`. */
export interface OAuthTokenVerifier {
  verifyAccessToken(token: string): Promise<AuthInfo>
}

/**
 * A verifier for `requireBearerAuth` of SDK 2.x; rejects with an `McpFault` that says what to change.
 *
 * Its `verifyAccessToken` throws the SDK's own `OAuthError`: `invalid_token`, or `server_error` during an outage.
 *
 * @example
 * const verifier = await oauthTokenVerifier({ verifier: inProcessVerifier(server), resource })
 * app.post("/mcp", requireBearerAuth({ verifier, requiredScopes: ["read"] }), speakMcp)
 */
export const oauthTokenVerifier = async (options: VerificationOptions): Promise<OAuthTokenVerifier> => {
  const name = "@modelcontextprotocol/server"
  const { OAuthError, OAuthErrorCode } = await loaded(name, () => import("@modelcontextprotocol/server"))
  const verifyAccessToken = verification(options, {
    invalidToken: (message) => new OAuthError(OAuthErrorCode.InvalidToken, message),
    serverError: (message) => new OAuthError(OAuthErrorCode.ServerError, message),
  })
  return { verifyAccessToken }
}
