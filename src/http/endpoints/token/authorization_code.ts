/** `grant_type=authorization_code`: a code is redeemed (OAuth 2.1 4.1.3). */
import { tokenError } from "../../Caller.ts"
import { optional } from "../../../provider/features/Form.ts"
import { tokenReply, type TokenGrant } from "./TokenGrant.ts"

export const authorizationCode: TokenGrant = (server, credentials, form) => {
  const code = form.get("code")
  if (code === undefined) return tokenError("invalid_request", "code is missing")
  return tokenReply(
    server.redeemCode({
      credentials,
      code,
      ...optional("codeVerifier", form.get("code_verifier")),
      ...optional("redirectUri", form.get("redirect_uri")),
      ...optional("resource", form.list("resource")),
    }),
  )
}
