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
  /** What the token is good for; rejects with the SDK's error where it is for nothing. */
  verifyAccessToken(token: string): Promise<AuthInfo>
}

/**
 * A verifier for `requireBearerAuth` of SDK 2.x; rejects with an `McpFault` that says what to change.
 *
 * Its `verifyAccessToken` throws the SDK's own `OAuthError`: `invalid_token`, or `server_error` during an outage.
 *
 * @example
 * import { introspectionVerifier, oauthTokenVerifier } from "grantlog/mcp"
 *
 * const verifier = await oauthTokenVerifier({
 *   resource: "https://mcp.example.com/mcp",
 *   verifier: introspectionVerifier({
 *     introspectionEndpoint: "https://id.example.com/introspect",
 *     clientId: "rs",
 *     clientSecret: "a secret that was printed once",
 *   }),
 * })
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
