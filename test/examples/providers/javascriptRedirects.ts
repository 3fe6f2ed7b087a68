/** A provider that has stored redirect URIs that should never have been registered, and sends browsers where it is told. */
import type { OAuthProvider } from "../../../src/entry/grantlog.ts"

const none = async () => undefined
const never = () => Promise.reject(new Error("not reached"))

export const javascriptRedirects: OAuthProvider = {
  getClient: async (clientId) => ({
    client_id: clientId,
    redirect_uris: [
      "javascript:alert(1)//",
      "data:text/html,x",
      "https://app.example/#fragment",
      "https://app.example/callback",
    ],
    token_endpoint_auth_method: "none",
  }),
  registerClient: never,
  authorize: async (_, { redirectUri }) => `${redirectUri}?code=anything`,
  loadAuthorizationCode: none,
  exchangeAuthorizationCode: never,
  loadRefreshToken: none,
  exchangeRefreshToken: never,
  loadAccessToken: none,
  verifyToken: none,
  revokeToken: never,
}
