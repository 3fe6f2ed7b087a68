/** `response_mode=query`: the answer stands in the query of the redirect URI (OAuth 2.1 4.1.2). */
import { redirectWith } from "../../RedirectResponse.ts"
import type { ResponseMode } from "../Feature.ts"

export const queryMode: ResponseMode = {
  kind: "response mode",
  name: "query",
  requirements: ["OAUTH21-4.1.2-state-echo", "RFC9207-2-iss-in-all-responses"],
  respond: redirectWith,
}
