/** `POST /register`: a client registers itself (RFC 7591). */
import * as Effect from "effect/Effect"
import { OAuthError, type Failure, type ProtocolServer } from "../../provider/index.ts"
import { failureReply } from "../Caller.ts"
import type { Limits } from "../Limits.ts"
import { comeAgain, errorReply, json } from "../Reply.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"

/** Makes a registration; by whom an operator invited, where that is needed. */
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
      return json(201, yield* server.registerClient(metadata, bearerOf(request)))
    }).pipe(Effect.catch(registrationFailure))

const statuses: Readonly<Record<string, number>> = { access_denied: 403, invalid_token: 401 }

/** What a refusal of a registration, or of what is done with one, looks like (RFC 7591 3.2.2). */
export const registrationFailure = (failure: Failure): Effect.Effect<WireReply> =>
  failure instanceof OAuthError
    ? Effect.succeed(
        errorReply(statuses[failure.error] ?? 400, failure.error, failure.description, failure.headers ?? {}),
      )
    : failureReply(failure)

/** The token in the Authorization header (RFC 6750 2.1). */
export const bearerOf = ({ headers }: WireRequest): string | undefined =>
  /^bearer +([\w.~+/-]+=*) *$/i.exec(headers["authorization"] ?? "")?.[1]

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
