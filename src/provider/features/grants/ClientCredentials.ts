/** `grant_type=client_credentials`: a confidential client gets a token for itself (OAuth 2.1 4.2). */
import { OAuthError } from "../../OAuthError.ts"
import { readDetails } from "../details/ReadDetails.ts"
import type { GrantType } from "../Feature.ts"
import { optional, scopeList } from "../Form.ts"

export const clientCredentials: GrantType = {
  kind: "grant type",
  name: "client_credentials",
  requirements: ["OAUTH21-4.2-cc-confidential-only"],
  read: (_request, form) => {
    const details = readDetails(form.get("authorization_details"))
    if (details instanceof OAuthError) return details
    return {
      _tag: "IssueToken",
      ...optional("scopes", scopeList(form)),
      ...optional("resource", form.list("resource")),
      ...optional("authorizationDetails", details),
    }
  },
}
