/** A provider in trouble: whatever it is asked, it throws what it should not, synchronously or not, or answers nonsense. */
import type { OAuthProvider } from "../../../src/entry/grantlog.ts"

export const SECRET = "postgres://admin:hunter2@db.internal/tokens"

const client = {
  client_id: "app",
  redirect_uris: ["http://127.0.0.1/callback"],
  token_endpoint_auth_method: "none",
}

export const garbage: OAuthProvider = {
  getClient: (clientId) => {
    if (clientId === "throws") throw new Error(SECRET)
    if (clientId === "refuses") return Promise.reject(Object.assign(new Error(SECRET), { error: "invalid_grant" }))
    return Promise.resolve(clientId === "nonsense" ? ({ client_id: 7 } as never) : client)
  },
  registerClient: () => Promise.reject(SECRET),
  authorize: (_, { state }) =>
    Promise.resolve(state === "nothing" ? (undefined as never) : `http://x/\r\nx: ${SECRET}`),
  loadAuthorizationCode: () => Promise.reject(new Error(SECRET)),
  exchangeAuthorizationCode: () => Promise.reject(undefined),
  loadRefreshToken: () => {
    throw { code: 42, message: SECRET }
  },
  exchangeRefreshToken: () => Promise.reject(null),
  loadAccessToken: () => Promise.reject(new Error(SECRET)),
  verifyToken: () => Promise.resolve("yes" as never),
  revokeToken: () => Promise.reject(new Error(SECRET)),
}
