/** `POST /introspect`: what a token is worth, to whom it is for or from (RFC 7662). */
import * as Effect from "effect/Effect"
import type { ProtocolServer } from "../../provider/index.ts"
import { asCaller, tokenError, type Callers } from "../Caller.ts"
import { json } from "../Reply.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"

export const introspect =
  (server: ProtocolServer, callers: Callers): Endpoint =>
  (request) =>
    asCaller(
      callers,
      request,
      ({ credentials }, form) => {
        const token = form.get("token")
        if (token === undefined) return tokenError("invalid_request", "token is missing")
        return Effect.map(server.introspect(credentials, token), (answer) => json(200, answer))
      },
      { isProofNeeded: true },
    )
