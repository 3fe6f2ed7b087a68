/** Where the keys of a server's clients come from: read as far as a stranger may send the server, which is not far. */
import * as Effect from "effect/Effect"
import { isLoopbackIssuer, type AuthorizationServer, type ProtocolServer } from "../provider/index.ts"
import { makeKeysOf, type KeysOf } from "../provider/features/clients/PublishedKeys.ts"

/**
 * A server whose issuer is this machine is for development: it reads what is on this machine as well. Keys of clients that
 * an operator added, or somebody approved, are not displaced by those of strangers.
 */
export const clientKeysOf = (
  server: Pick<ProtocolServer, "settings" | "now"> & Partial<Pick<AuthorizationServer, "client">>,
): KeysOf =>
  makeKeysOf({
    now: server.now,
    allowsLoopback: isLoopbackIssuer(server.settings.issuer),
    isKnown: async (clientId) => {
      if (server.client === undefined) return false
      const client = await Effect.runPromise(server.client(clientId))
      return client !== undefined && client.origin !== "dynamic"
    },
  })
