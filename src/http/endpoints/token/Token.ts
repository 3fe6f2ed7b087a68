/**
 * `POST /token`: one endpoint, one file per grant type.
 *
 * The password grant and the implicit one are not here, and never will be.
 */
import type { ProtocolServer } from "../../../provider/index.ts"
import { asCaller, tokenError } from "../../Caller.ts"
import type { Limits } from "../../Limits.ts"
import type { Endpoint } from "../../../provider/features/Wire.ts"
import { authorizationCode } from "./authorization_code.ts"
import { clientCredentials } from "./client_credentials.ts"
import { refreshToken } from "./refresh_token.ts"
import type { TokenGrant } from "./TokenGrant.ts"

//= RFC9700-2.4-no-password-grant
//= MCP-AUTHZ-as-oauth21
const grants: Readonly<Record<string, TokenGrant>> = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  client_credentials: clientCredentials,
}

export const token =
  (server: ProtocolServer, limits: Limits): Endpoint =>
  (request) =>
    asCaller(limits, request, (credentials, form) => {
      const grantType = form.get("grant_type")
      if (grantType === undefined) return tokenError("invalid_request", "grant_type is missing")
      const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined
      if (grant === undefined || !server.grantTypes.includes(grantType)) {
        const description = `grant_type is not one of ${server.grantTypes.join(", ")}`
        return tokenError("unsupported_grant_type", description)
      }
      return grant(server, credentials, form)
    })
