/**
 * How often a stranger has this server ask for documents that are none.
 *
 * Whoever sends a request names the client, and may make up where its document is. What is found there costs nobody
 * more than that; what is not is counted, per source, so that nobody has other people's servers asked through this one
 * again and again. Clients that are registered are not looked for anywhere, and are never kept waiting.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { rateLimited, type ProtocolServer } from "../provider/index.ts"
import { targetOf, type SourcedRequest } from "./AuthorizationParameters.ts"
import type { Limits } from "./Limits.ts"

const isDescribed = ({ features }: ProtocolServer, { parameters }: SourcedRequest): boolean => {
  const clientId = parameters.get("client_id") ?? ""
  return features.clientSources.find(({ isOf }) => isOf(clientId))?.read !== undefined
}

/** {@link targetOf}, for a request that came from `source`. */
export const limitedTarget = Effect.fnUntraced(function* (
  server: ProtocolServer,
  limits: Limits,
  request: SourcedRequest,
  source: string,
) {
  if (!isDescribed(server, request)) return yield* targetOf(server, request)
  const waitSeconds = yield* limits.documentWait(source)
  if (waitSeconds > 0) {
    return yield* rateLimited("too many clients that are described nowhere; try again later", waitSeconds * 1000)
  }
  const found = yield* targetOf(server, request)
  if (Result.isFailure(found)) yield* limits.failedDocument(source)
  return found
})
