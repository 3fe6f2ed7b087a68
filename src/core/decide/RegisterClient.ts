/**
 * Registering: a client id comes into being, once, with the metadata that the client sent.
 *
 * An id that exists, or ever existed, is never registered again. A client that a document describes is registered when
 * somebody approves a request of it, and not before.
 */
import type { CommandOf } from "../Command.ts"
import { evolveClient, type RegisteredClient } from "../Client.ts"
import { hasKeys } from "../ClientMetadata.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { ClientEvent } from "../Event.ts"
import type { State } from "../State.ts"
import { metadataFault } from "./ClientMetadataRules.ts"

export const registerClient = (state: State, command: CommandOf<"RegisterClient">): Decision => {
  const { clientId, metadata, secret, audience, origin, policy, metadataDigest, registrationToken, at } = command
  // INVARIANT: no registration replaces another (ClientIdIsCreatedOnce).
  if (state.client._tag !== "Absent") return deny("client-id-taken")
  if ((origin === "document") !== (metadataDigest !== undefined)) return deny("client-of-document")
  if (policy !== undefined && origin !== "operator") return deny("client-policy-not-operators")
  if (!command.isQuotaLeft) return deny("client-quota-exhausted")

  const fault = metadataFault(metadata, command.appSchemes)
  if (fault !== undefined) return { events: [], reply: fault }

  //= OAUTH21-8.1-no-native-shared-secret
  const isPublic = metadata.token_endpoint_auth_method === "none"
  if (isPublic && secret !== null) return deny("client-public-with-secret")
  if (!isPublic && secret === null && !hasKeys(metadata)) return deny("client-confidential-without-secret")

  const event: ClientEvent = {
    _tag: "ClientRegistered",
    clientId,
    metadata,
    secret,
    audience,
    origin,
    ...(policy === undefined ? {} : { policy }),
    ...(metadataDigest === undefined ? {} : { metadataDigest }),
    ...(registrationToken === undefined ? {} : { registrationToken }),
    registeredAt: at,
  }
  return accept([event], {
    _tag: "ClientStored",
    client: evolveClient(state.client, event) as RegisteredClient,
  })
}
