/**
 * An authorization request, judged as a whole before anybody is asked: by the authorization endpoint, and where a client
 * pushes one (OAuth 2.1 4.1.1, RFC 9126 2.1).
 *
 * What nobody could be granted, nobody is asked. Both ways are this one, so that neither lets through what the other
 * refuses. Changes nothing.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  OAuthError,
  oauthError,
  requestOf,
  type AuthorizationServer,
  type Failure,
  type RequestParams,
} from "../provider/index.ts"
import type { AuthorizationRequestRead, FeatureContext } from "../provider/features/Feature.ts"
import { optional, parseParameters } from "../provider/features/Form.ts"
import type { WireRequest } from "../provider/features/Wire.ts"
import { paramsOf, promptOptionsOf, readRequest, targetOf, type Target } from "./AuthorizationParameters.ts"
import type { Fault } from "./ClientAnswer.ts"

/** Why the request could be granted by nobody; `undefined` where somebody could. */
export const faultOf = (
  server: AuthorizationServer,
  { clientId }: Target,
  params: RequestParams,
): Effect.Effect<OAuthError | undefined, Failure> => {
  const unapproved = {
    clientId,
    request: requestOf(params),
    scopes: params.scopes ?? null,
    resources: params.resource ?? [],
    ...optional("authorizationDetails", params.authorizationDetails),
  }
  return Effect.catch(Effect.as(server.preview(unapproved), undefined), (failure) =>
    failure instanceof OAuthError ? Effect.succeed(failure) : Effect.fail(failure),
  )
}

const refused = ({ error, description }: Fault): OAuthError => oauthError(error, description)

/** A request that came by `source`, before any browser; fails with what is wrong with it. */
export const judgeRequest = Effect.fnUntraced(function* (
  server: AuthorizationServer,
  context: FeatureContext,
  given: URLSearchParams,
  request: WireRequest,
  { source, jkt }: { readonly source: string; readonly jkt?: string },
): Effect.fn.Return<AuthorizationRequestRead, Failure> {
  const read = yield* readRequest(server.features, given, request, context)
  const through = [...read.sources, source]
  const sourced = { ...read, sources: through, through, ...(jkt === undefined ? {} : { jkt }) }
  const target = yield* targetOf(server, sourced)
  if (Result.isFailure(target)) return yield* oauthError("invalid_request", target.failure)
  const parameters = parseParameters(sourced.parameters)
  if (Result.isFailure(parameters)) return yield* oauthError("invalid_request", parameters.failure)
  const params = paramsOf(parameters.success, target.success, server.features)
  if (Result.isFailure(params)) return yield* refused(params.failure)
  const fault = yield* faultOf(server, target.success, params.success)
  if (fault !== undefined) return yield* fault
  const prompt = promptOptionsOf(parameters.success, server.features)
  return Result.isFailure(prompt) ? yield* refused(prompt.failure) : sourced
})
