/** `none`: a public client says who it is, and proves nothing (OAuth 2.1 2.4). */
import type { ClientAuthentication } from "../Feature.ts"

export const none: ClientAuthentication = {
  kind: "client authentication",
  name: "none",
  requirements: ["OAUTH21-2.2-client-id-not-auth"],
  reads: "client_id",
  isProof: false,
  read: (_request, form) => {
    const clientId = form.get("client_id")
    return clientId === undefined ? undefined : { clientId }
  },
}
