/** `grant_type=authorization_code`: a code is redeemed (OAuth 2.1 4.1.3). */
import { OAuthError, oauthError } from "../../OAuthError.ts"
import { readDetails } from "../details/ReadDetails.ts"
import type { GrantType } from "../Feature.ts"
import { optional } from "../Form.ts"

export const authorizationCode: GrantType = {
  kind: "grant type",
  name: "authorization_code",
  requirements: ["OAUTH21-4.1.3-code-single-use", "OAUTH21-4.1.3-verifier-correct", "OAUTH21-4.1.2-code-short-life"],
  read: (_request, form) => {
    const code = form.get("code")
    if (code === undefined) return oauthError("invalid_request", "code is missing")
    const details = readDetails(form.get("authorization_details"))
    if (details instanceof OAuthError) return details
    return {
      _tag: "RedeemCode",
      code,
      ...optional("codeVerifier", form.get("code_verifier")),
      ...optional("redirectUri", form.get("redirect_uri")),
      ...optional("resource", form.list("resource")),
      ...optional("authorizationDetails", details),
    }
  },
}
