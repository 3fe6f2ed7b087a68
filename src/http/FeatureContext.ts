/**
 * What protocol features may ask of the server that they are in, by Promises.
 *
 * Somebody else's provider behind our endpoints has the features of its contract, which ask for no more than every
 * server knows of itself.
 */
import * as Effect from "effect/Effect"
import type { AuthorizationServer, Failure, ProtocolServer } from "../provider/index.ts"
import { OAuthError } from "../provider/index.ts"
import type { FeatureContext } from "../provider/features/Feature.ts"
import { clientKeysOf } from "./ClientKeys.ts"
import { judgeRequest } from "./RequestJudgement.ts"

export const isAuthorizationServer = (server: ProtocolServer): server is AuthorizationServer => "openGrant" in server

/** A refusal is a value to whoever asks; that the store is not to be had is thrown. */
const answered = <A>(asked: Effect.Effect<A, Failure>): Promise<A | OAuthError> =>
  Effect.runPromise(
    Effect.catch(asked, (failure) => (failure instanceof OAuthError ? Effect.succeed(failure) : Effect.fail(failure))),
  )

const notOurs = (): never => {
  throw new Error("somebody else's provider has only the features of its contract")
}

export const featureContextOf = (server: ProtocolServer): FeatureContext => {
  const known = { ...server.serverContext, keysOf: clientKeysOf(server) }
  if (!isAuthorizationServer(server)) {
    const carried = { encrypt: notOurs, decrypt: notOurs }
    const theirs = {
      authenticate: notOurs,
      clientFor: notOurs,
      accessOf: notOurs,
      audienceOf: notOurs,
      subjectOf: notOurs,
    }
    return { ...known, ...theirs, carried, newGrantId: notOurs, judgeRequest: notOurs }
  }
  const context: FeatureContext = {
    ...known,
    carried: server.carried,
    newGrantId: server.newGrantId,
    authenticate: (credentials) => answered(server.requireClient(credentials)),
    clientFor: (credentials, grantType) => answered(server.clientFor(credentials, grantType)),
    accessOf: (token) => Effect.runPromise(server.verify(token)),
    audienceOf: (clientId) => Effect.runPromise(server.audienceOf(clientId)),
    subjectOf: (issuer, sub) => Effect.runPromise(server.subjectOf(issuer, sub)),
    judgeRequest: (parameters, request, by) => answered(judgeRequest(server, context, parameters, request, by)),
  }
  return context
}
