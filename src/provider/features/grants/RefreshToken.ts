/** `grant_type=refresh_token`: a refresh token is rotated, or its answer repeated (OAuth 2.1 4.3). */
import { OAuthError, oauthError } from "../../OAuthError.ts"
import { readDetails } from "../details/ReadDetails.ts"
import type { GrantType } from "../Feature.ts"
import { optional, scopeList } from "../Form.ts"

export const refreshToken: GrantType = {
  kind: "grant type",
  name: "refresh_token",
  requirements: ["OAUTH21-4.3-rt-client-binding", "OAUTH21-4.3.1-rt-replay-detection"],
  read: (_request, form) => {
    const token = form.get("refresh_token")
    if (token === undefined) return oauthError("invalid_request", "refresh_token is missing")
    const details = readDetails(form.get("authorization_details"))
    if (details instanceof OAuthError) return details
    return {
      _tag: "Refresh",
      refreshToken: token,
      ...optional("scopes", scopeList(form)),
      ...optional("resource", form.list("resource")),
      ...optional("authorizationDetails", details),
    }
  },
}
