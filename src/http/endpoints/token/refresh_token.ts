/** `grant_type=refresh_token`: a refresh token is rotated, or its answer repeated (OAuth 2.1 4.3). */
import { tokenError } from "../../Caller.ts"
import { optional, scopeList } from "../../../provider/features/Form.ts"
import { tokenReply, type TokenGrant } from "./TokenGrant.ts"

export const refreshToken: TokenGrant = (server, credentials, form) => {
  const token = form.get("refresh_token")
  if (token === undefined) return tokenError("invalid_request", "refresh_token is missing")
  return tokenReply(
    server.refresh({
      credentials,
      refreshToken: token,
      ...optional("scopes", scopeList(form)),
      ...optional("resource", form.list("resource")),
    }),
  )
}
