/**
 * The error classes of the MCP TypeScript SDK 1.x, loaded when an adapter is made.
 *
 * The classes are those of the SDK's ES modules: its CommonJS copy has others, which know nothing of these. They stand in
 * a file of their own, so that no declaration that is public names the SDK, which may not be there.
 */
import { INSUFFICIENT_AUTHENTICATION } from "../protocol/index.ts"
import { loaded } from "./McpFault.ts"

export const loadErrors = () =>
  loaded("@modelcontextprotocol/sdk", () => import("@modelcontextprotocol/sdk/server/auth/errors.js"))

export const sdkErrors = ({ InvalidTokenError, ServerError }: Awaited<ReturnType<typeof loadErrors>>) => ({
  invalidToken: (message: string) => new InvalidTokenError(message),
  serverError: (message: string) => new ServerError(message),
  insufficientAuthentication: (message: string) => {
    // The SDK answers 401 with a challenge to an invalid token alone, and takes the code from the class.
    class InsufficientAuthentication extends InvalidTokenError {
      static override errorCode = INSUFFICIENT_AUTHENTICATION
    }
    return new InsufficientAuthentication(message)
  },
})
