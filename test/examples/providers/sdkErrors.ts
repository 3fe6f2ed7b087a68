/** A provider that refuses by throwing errors in the shapes that the MCP SDKs have, and nothing else. */
import type { OAuthProvider } from "../../../src/entry/grantlog.ts"

/** As in the TypeScript SDK: the code in `errorCode`. */
class InvalidGrantError extends Error {
  readonly errorCode = "invalid_grant"
}

/** As in the Python SDK's `TokenError`: the code in `error`. */
class TokenError extends Error {
  readonly error: string
  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

const record = { clientId: "app", scopes: ["read"], resource: [] }

export const sdkErrors: OAuthProvider = {
  getClient: async (clientId) =>
    clientId === "app"
      ? { client_id: "app", redirect_uris: ["http://127.0.0.1/callback"], token_endpoint_auth_method: "none" }
      : undefined,
  registerClient: () => Promise.reject(new TokenError("invalid_client_metadata", "no clients on Sundays")),
  authorize: () => Promise.reject(new TokenError("access_denied", "the user said no")),
  loadAuthorizationCode: () => Promise.reject(new InvalidGrantError("the code is gone")),
  exchangeAuthorizationCode: () => Promise.reject(new InvalidGrantError("the code is gone")),
  loadRefreshToken: async (_, token) => ({ ...record, token }),
  exchangeRefreshToken: () => Promise.reject(new TokenError("invalid_scope", 'that "scope" is not for you')),
  loadAccessToken: async () => undefined,
  verifyToken: async () => undefined,
  revokeToken: () => Promise.reject(new TokenError("invalid_request", "cannot be revoked")),
}
