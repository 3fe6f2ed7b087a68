/**
 * For the MCP TypeScript SDK 1.x (`@modelcontextprotocol/sdk`): the verifier of `requireBearerAuth`, and the errors thrown.
 *
 * The classes are those of the SDK's ES modules: its CommonJS copy has others, which know nothing of these.
 */
import { loaded } from "./McpFault.ts"
import { verification, type VerificationOptions } from "./Verification.ts"
import type { OAuthTokenVerifier } from "./v2.ts"

export const loadErrors = () =>
  loaded("@modelcontextprotocol/sdk", () => import("@modelcontextprotocol/sdk/server/auth/errors.js"))

export const sdkErrors = ({ InvalidTokenError, ServerError }: Awaited<ReturnType<typeof loadErrors>>) => ({
  invalidToken: (message: string) => new InvalidTokenError(message),
  serverError: (message: string) => new ServerError(message),
})

/** A verifier for `requireBearerAuth` of SDK 1.x; rejects with an `McpFault` that says what to change. */
export const oauthTokenVerifierV1 = async (options: VerificationOptions): Promise<OAuthTokenVerifier> => ({
  verifyAccessToken: verification(options, sdkErrors(await loadErrors())),
})
