/** `POST /introspect`: what a token is worth, to whom it is for or from (RFC 7662). */
import * as Effect from "effect/Effect"
import type { ProtocolServer } from "../../provider/index.ts"
import { asCaller, tokenError } from "../Caller.ts"
import { invalidClient } from "../ClientAuthentication.ts"
import type { Limits } from "../Limits.ts"
import { json } from "../Reply.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"

export const introspect =
  (server: ProtocolServer, limits: Limits): Endpoint =>
  (request) =>
    asCaller(
      limits,
      request,
      (credentials, form) => {
        const token = form.get("token")
        if (token === undefined) return tokenError("invalid_request", "token is missing")
        return Effect.map(server.introspect(credentials, token), (answer) => json(200, answer))
      },
      invalidClient,
    )
