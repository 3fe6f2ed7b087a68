/** `POST /register`: a client registers itself (RFC 7591). */
import * as Effect from "effect/Effect"
import { OAuthError, type ProtocolServer } from "../../provider/index.ts"
import { failureReply } from "../Caller.ts"
import type { Limits } from "../Limits.ts"
import { comeAgain, errorReply, json } from "../Reply.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"

export const register =
  (server: ProtocolServer, limits: Limits): Endpoint =>
  (request) =>
    Effect.gen(function* () {
      //= MCP-AUTHZ-as-dcr
      if (server.settings.registration === "off") {
        return errorReply(403, "access_denied", "clients cannot register themselves here; ask the operator")
      }
      const waitSeconds = yield* limits.registration(request.source, request.headers["origin"] !== undefined)
      if (waitSeconds > 0) return comeAgain(429, waitSeconds, "too many registrations; try again later")
      const metadata = parseJson(request.body)
      if (metadata === undefined) return errorReply(400, "invalid_client_metadata", "the body is not JSON")
      return json(201, yield* server.registerClient(metadata))
    }).pipe(
      Effect.catch((failure) =>
        failure instanceof OAuthError
          ? Effect.succeed(
              errorReply(failure.error === "access_denied" ? 403 : 400, failure.error, failure.description),
            )
          : failureReply(failure),
      ),
    )

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
