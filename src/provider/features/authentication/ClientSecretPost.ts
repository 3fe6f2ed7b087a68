/** `client_secret_post`: id and secret in the body of the request (OAuth 2.1 2.4.1). */
import type { ClientAuthentication } from "../Feature.ts"
import { optional } from "../Form.ts"

export const clientSecretPost: ClientAuthentication = {
  kind: "client authentication",
  name: "client_secret_post",
  requirements: ["OAUTH21-2.4.1-secret-in-body"],
  reads: "client_secret",
  isProof: true,
  read: (_request, form) => {
    const clientId = form.get("client_id")
    return clientId === undefined ? undefined : { clientId, ...optional("clientSecret", form.get("client_secret")) }
  },
}
