/** Changes to a registered client: its metadata, and its secret. */
import type { CommandOf } from "../Command.ts"
import { evolveClient, isPublic, type RegisteredClient } from "../Client.ts"
import { hasKeys } from "../ClientMetadata.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { ClientEvent } from "../Event.ts"
import type { State } from "../State.ts"
import { metadataFault } from "./ClientMetadataRules.ts"

/**
 * Updating: metadata is replaced as a whole; what was granted stays granted, new requests are judged by the new. A client
 * that a document describes is updated by its document alone.
 */
export const updateClient = (state: State, command: CommandOf<"UpdateClient">): Decision => {
  const { clientId, metadata, metadataDigest, at } = command
  const { client } = state
  if (client._tag !== "Registered") return deny("client-unknown")
  const isOfDocument = client.origin === "document"
  if (isOfDocument !== (metadataDigest !== undefined)) return deny("client-of-document")
  if (isOfDocument && client.metadataDigest === metadataDigest) return accept([], { _tag: "ClientStored", client })

  const fault = metadataFault(metadata, command.appSchemes)
  if (fault !== undefined) return { events: [], reply: fault }
  //= OAUTH21-2.1-record-client-type
  const isPublicNow = metadata.token_endpoint_auth_method === "none"
  if (!isOfDocument && isPublic(client) !== isPublicNow) return deny("client-auth-method-fixed")
  const { secret = client.secret } = command
  //= OAUTH21-8.1-no-native-shared-secret
  if (isPublicNow && secret !== null) return deny("client-public-with-secret")
  if (!isPublicNow && secret === null && !hasKeys(metadata)) return deny("client-confidential-without-secret")

  const changed = {
    ...(command.secret === undefined ? {} : { secret: command.secret }),
    ...(metadataDigest === undefined ? {} : { metadataDigest }),
  }
  const event: ClientEvent = { _tag: "ClientUpdated", clientId, metadata, ...changed, updatedAt: at }
  return accept([event], { _tag: "ClientStored", client: evolveClient(client, event) as RegisteredClient })
}

/**
 * Rotating a client's secret: the new one holds from now on, the old one ends at once, or when the overlap does; no later
 * than it would have ended anyway. One that was replaced before ends at once. Keys are the client's to rotate.
 */
export const rotateClientSecret = (state: State, command: CommandOf<"RotateClientSecret">): Decision => {
  const { clientId, secret, overlapUntil, at } = command
  if (state.client._tag !== "Registered") return deny("client-unknown")
  if (isPublic(state.client)) return deny("client-public-with-secret")
  if (state.client.secret === null) return deny("client-has-keys")
  const overlap = overlapUntil === undefined ? {} : { overlapUntil }
  const event: ClientEvent = { _tag: "ClientSecretRotated", clientId, secret, ...overlap, rotatedAt: at }
  return accept([event], { _tag: "ClientStored", client: evolveClient(state.client, event) as RegisteredClient })
}
