/**
 * How often a stranger has this server ask for documents that are none.
 *
 * Whoever sends a request names the client, and may make up where its document is. What is found there costs nobody
 * more than that; what is not is counted, per source and at every endpoint that takes the name of a client, so that nobody
 * has other people's servers asked through this one again and again. Clients that are registered are not looked for
 * anywhere, and are never kept waiting.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { OAuthError, oauthError, type ProtocolServer } from "../provider/index.ts"
import type { FeatureContext } from "../provider/features/Feature.ts"
import type { WireRequest } from "../provider/features/Wire.ts"
import { readRequest, targetOf } from "./AuthorizationParameters.ts"
import { documentTurn } from "./DocumentTurns.ts"
import type { Limits } from "./Limits.ts"

const unknownClient = oauthError("invalid_client", "the client is not known here")

/** The request in a query, and the client and redirect URI that it is for; a sentence where there are none. */
export const limitedRequest = (
  server: ProtocolServer,
  limits: Limits,
  context: FeatureContext,
  request: WireRequest,
) => {
  const { features } = server
  const given = new URLSearchParams(request.query)
  const clientId = given.get("client_id") ?? ""
  const turn = documentTurn({ features, limits }, clientId, request.source)
  return Effect.gen(function* () {
    yield* turn.wait
    const read = yield* Effect.tapError(readRequest(features, given, request, context), (failure) =>
      failure instanceof OAuthError ? turn.note(unknownClient) : Effect.void,
    )
    const target = yield* targetOf(server, read)
    if (Result.isFailure(target)) yield* turn.note(unknownClient)
    return { read, target }
  })
}
