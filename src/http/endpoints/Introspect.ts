/**
 * `POST /introspect`: what a token is worth, to whom it is for or from (RFC 7662); in the form that the caller asks for.
 */
import * as Effect from "effect/Effect"
import type { Introspection } from "../../protocol/index.ts"
import type { OAuthError, ProtocolServer, Unavailable } from "../../provider/index.ts"
import type { OpenIdProvider } from "../../provider/features/openid/OpenIdProvider.ts"
import { settled } from "../../provider/features/Settled.ts"
import { wishesOf } from "../Accept.ts"
import { asCaller, tokenError, type Callers } from "../Caller.ts"
import { json, noStore } from "../Reply.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"

export const introspect =
  (server: ProtocolServer, callers: Callers): Endpoint =>
  (request) =>
    asCaller(
      callers,
      request,
      ({ credentials }, form) => {
        const token = form.get("token")
        if (token === undefined) return tokenError("invalid_request", "token is missing")
        const known = server.introspect(credentials, token)
        const { openIdProvider } = callers.features
        const answered =
          openIdProvider === undefined
            ? known
            : Effect.flatMap(known, (answer) => toItself(callers, openIdProvider, answer, credentials.clientId))
        const { introspectionFormats: formats } = callers.features
        if (formats.length === 0) return Effect.map(answered, (answer) => json(200, answer))
        return Effect.flatMap(answered, (answer) => inForm(callers, request, answer, credentials.clientId))
      },
      { isProofNeeded: true },
    )

/** A client that knows people by ids of its own is told no other of its own tokens. */
//= OIDC-8.1-pairwise
const toItself = (
  { context }: Callers,
  provider: OpenIdProvider,
  answer: Introspection,
  clientId: string,
): Effect.Effect<Introspection> =>
  answer.active && answer.client_id === clientId && answer.sub !== undefined && answer.sub !== clientId
    ? Effect.map(
        Effect.promise(() => provider.subjectFor(clientId, answer.sub!, context)),
        (sub) => ({ ...answer, sub }),
      )
    : Effect.succeed(answer)

/** Of the forms that there are the one that the caller likes best; JSON where it does not say. */
const inForm = (
  { features, context }: Callers,
  request: WireRequest,
  answer: Introspection,
  clientId: string,
): Effect.Effect<WireReply, Unavailable | OAuthError> => {
  const wishFor = wishesOf(request)
  const [best] = features.introspectionFormats
    .map((format) => ({ format, wish: wishFor(format.mediaType) }))
    .filter(({ wish }) => wish > 0 && wish >= wishFor("application/json"))
    .toSorted((one, other) => other.wish - one.wish)
  const vary = { vary: "accept" }
  if (best === undefined) {
    const plain = json(200, answer)
    return Effect.succeed({ ...plain, headers: { ...plain.headers, ...vary } })
  }
  const { mediaType, write } = best.format
  return Effect.map(settled(write(answer, clientId, context)), (body) => ({
    status: 200,
    headers: { "content-type": mediaType, "x-content-type-options": "nosniff", ...noStore, ...vary },
    body,
  }))
}
