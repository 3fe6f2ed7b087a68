/** Changes to a registered client: its metadata, and its secret. */
import type { CommandOf } from "../Command.ts"
import { isPublic } from "../Client.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"
import { metadataFault } from "./ClientMetadataRules.ts"

/** Updating: metadata is replaced as a whole; what was granted stays granted, new requests are judged by the new. */
export const updateClient = (state: State, command: CommandOf<"UpdateClient">): Decision => {
  const { clientId, metadata, at } = command
  if (state.client._tag !== "Registered") return deny("client-unknown")

  const fault = metadataFault(metadata, command.appSchemes)
  if (fault !== undefined) return { events: [], reply: fault }
  //= OAUTH21-2.1-record-client-type
  if (isPublic(state.client) !== (metadata.token_endpoint_auth_method === "none")) {
    return deny("client-auth-method-fixed")
  }

  return accept([{ _tag: "ClientUpdated", clientId, metadata, updatedAt: at }], {
    _tag: "ClientStored",
    client: { ...state.client, metadata },
  })
}

/** Rotating a client's secret: the new one holds from now on, the old one ends at once. */
export const rotateClientSecret = (state: State, command: CommandOf<"RotateClientSecret">): Decision => {
  const { clientId, secret, at } = command
  if (state.client._tag !== "Registered") return deny("client-unknown")
  if (isPublic(state.client)) return deny("client-public-with-secret")
  return accept([{ _tag: "ClientSecretRotated", clientId, secret, rotatedAt: at }], {
    _tag: "ClientStored",
    client: { ...state.client, secret },
  })
}
