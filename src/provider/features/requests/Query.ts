/** An authorization request whose parameters stand in the query (OAuth 2.1 4.1.1). */
import type { AuthorizationRequestSource } from "../Feature.ts"

export const queryRequests: AuthorizationRequestSource = {
  kind: "authorization request source",
  name: "query",
  requirements: ["OAUTH21-2.3.1-exact-redirect-match", "OAUTH21-4.1.2.1-reject-no-challenge"],
  read: (parameters) => ({ parameters }),
}
