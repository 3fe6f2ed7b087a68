/**
 * `POST /revoke`: a client ends a token of its own (RFC 7009).
 *
 * The answer to a token that is unknown, ended or somebody else's is the same empty 200; the hint is not needed.
 */
import * as Effect from "effect/Effect"
import type { ProtocolServer } from "../../provider/index.ts"
import { asCaller, tokenError, type Callers } from "../Caller.ts"
import { noStore } from "../Reply.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"

export const revoke =
  (server: ProtocolServer, callers: Callers): Endpoint =>
  (request) =>
    asCaller(callers, request, ({ credentials }, form) => {
      const token = form.get("token")
      if (token === undefined) return tokenError("invalid_request", "token is missing")
      return Effect.as(server.revokeToken({ credentials, token }), { status: 200, headers: noStore, body: "" })
    })
