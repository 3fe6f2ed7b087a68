/** `grant_type=client_credentials`: a confidential client gets a token for itself (OAuth 2.1 4.2). */
import { optional, scopeList } from "../../../provider/features/Form.ts"
import { tokenReply, type TokenGrant } from "./TokenGrant.ts"

export const clientCredentials: TokenGrant = (server, credentials, form) =>
  tokenReply(
    server.issueClientCredentials({
      credentials,
      ...optional("scopes", scopeList(form)),
      ...optional("resource", form.list("resource")),
    }),
  )
