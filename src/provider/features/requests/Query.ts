/** An authorization request whose parameters stand in the query (OAuth 2.1 4.1.1). */
import type { AuthorizationRequestSource } from "../Feature.ts"

export const queryRequests: AuthorizationRequestSource = {
  kind: "authorization request source",
  name: "query",
  read: (parameters) => ({ parameters }),
}
