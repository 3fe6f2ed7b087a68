/**
 * The registration of one client, for itself: `GET` shows it, `PUT` replaces it, `DELETE` ends it (RFC 7592).
 *
 * The client stands in the query, and its token in the Authorization header. Wrong tokens are counted like wrong secrets.
 */
import * as Effect from "effect/Effect"
import { OAuthError, type AuthorizationServer, type Failure, type RegistrationAccess } from "../../provider/index.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"
import type { Limits } from "../Limits.ts"
import { bearerOf, parseJson, registrationFailure } from "./Register.ts"
import { comeAgain, errorReply, json, noStore } from "../Reply.ts"

type Act = (access: RegistrationAccess, request: WireRequest) => Effect.Effect<WireReply, Failure>

const accessOf = (request: WireRequest): RegistrationAccess | undefined => {
  const token = bearerOf(request)
  const clientIds = new URLSearchParams(request.query).getAll("client_id")
  return token === undefined || clientIds.length !== 1 ? undefined : { clientId: clientIds[0]!, token }
}

const unnamed = errorReply(
  401,
  "invalid_token",
  "send client_id in the query, and the registration access token as a bearer",
  {
    "www-authenticate": "Bearer",
  },
)

const endpoint =
  (limits: Limits, act: Act): Endpoint =>
  (request) => {
    const access = accessOf(request)
    if (access === undefined) return Effect.succeed(unnamed)
    return Effect.catch(act(access, request), (failure) =>
      failure instanceof OAuthError && failure.error === "invalid_token"
        ? Effect.flatMap(limits.failedAuthentication(request.source, access.clientId), (waitSeconds) =>
            waitSeconds > 0
              ? Effect.succeed(comeAgain(429, waitSeconds, "too many failed authentications; try again later"))
              : registrationFailure(failure),
          )
        : registrationFailure(failure),
    )
  }

export const managedRegistration = (server: AuthorizationServer, limits: Limits) => ({
  GET: endpoint(limits, (access) => Effect.map(server.readRegistration(access), (client) => json(200, client))),
  PUT: endpoint(limits, (access, { body }) => {
    const metadata = parseJson(body)
    return metadata === undefined
      ? Effect.succeed(errorReply(400, "invalid_client_metadata", "the body is not JSON"))
      : Effect.map(server.replaceRegistration(access, metadata), (client) => json(200, client))
  }),
  DELETE: endpoint(limits, (access) =>
    Effect.as(server.deleteRegistration(access), { status: 204, headers: noStore, body: "" }),
  ),
})
