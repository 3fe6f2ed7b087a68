/**
 * Clients as they are known here: registered, or described by a document, and whether credentials are theirs.
 *
 * Nothing here changes anything, but that a proof is used up.
 */
import * as Effect from "effect/Effect"
import { absentClient, requireClient, requireVouchedClient, type RegisteredClient } from "../core/index.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import type { ClientDocuments } from "./ClientDocuments.ts"
import { authenticationOf, provenClient } from "./ClientProof.ts"
import { orUnavailable, useUp, type HandlerContext } from "./CommandHandler.ts"
import type { Settings } from "./Config.ts"
import { OAuthError, oauthError } from "./OAuthError.ts"
import { clientInformation } from "./Records.ts"

export const clientLookup = (
  context: HandlerContext,
  settings: Settings,
  documents: Pick<ClientDocuments, "asking">,
) => {
  const { log, time } = context
  const informationOf = (client: RegisteredClient) => clientInformation(client, settings)

  const stateOf = (clientId: string) => Effect.map(orUnavailable(log.rows.client(clientId)), ({ state }) => state)
  const registered = (clientId: string) =>
    Effect.map(stateOf(clientId), (state) => (state._tag === "Registered" ? state : undefined))

  /** As it says of itself now, or as it was last approved where that cannot be read. */
  const known = (clientId: string) =>
    Effect.catch(
      Effect.map(documents.asking(clientId), (asking) => asking?.client),
      (failure) => (failure instanceof OAuthError ? registered(clientId) : Effect.fail(failure)),
    )

  return {
    client: registered,
    askingClient: documents.asking,
    findClient: (clientId) =>
      Effect.map(documents.asking(clientId), (asking) => asking && informationOf(asking.client)),
    knownClient: (clientId) => Effect.map(known(clientId), (client) => client && informationOf(client)),
    authenticateClient: (credentials) =>
      Effect.map(stateOf(credentials.clientId), (state) => {
        const client = provenClient(state, credentials, time.now())
        return client === undefined ? undefined : informationOf(client)
      }),
    requireClient: (credentials) =>
      Effect.gen(function* () {
        const client = (yield* known(credentials.clientId)) ?? absentClient
        const authentication = authenticationOf(client, credentials)
        const judged = requireClient({ client }, { authentication, at: time.now() })
        const isUnproven = judged._tag === "Refused" && judged.error === "invalid_client"
        // Who did not prove to be the client used up nothing of it.
        if (!isUnproven && credentials.claims !== undefined) yield* useUp(context, credentials.claims)
        return judged._tag === "Refused" ? yield* oauthError(judged.error, judged.description) : informationOf(judged)
      }),
    clientFor: (credentials, grantType) =>
      Effect.flatMap(stateOf(credentials.clientId), (client) => {
        const authentication = authenticationOf(client, credentials)
        const judged = requireVouchedClient({ client }, { authentication, grantType, offer: settings, at: time.now() })
        return judged._tag === "Refused"
          ? Effect.fail(oauthError(judged.error, judged.description))
          : Effect.succeed(informationOf(judged))
      }),
  } satisfies Partial<AuthorizationServer>
}
