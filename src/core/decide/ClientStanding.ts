/**
 * How a client stands: disabled, enabled or deleted, and whether it may act.
 *
 * Every command that a client sends asks first whether it is known, proved, enabled and registered for what it wants; the
 * order is that of what may be told to whom.
 */
import {
  isAuthenticated,
  isBoundAlone,
  isOfferedTo,
  isPublic,
  mayUse,
  type Authentication,
  type RegisteredClient,
} from "../Client.ts"
import type { GrantType } from "../ClientMetadata.ts"
import type { CommandOf, Offer } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { Jkt } from "../Ids.ts"
import { refused, type Refused } from "../Refusal.ts"
import type { State } from "../State.ts"
import type { EpochMillis } from "../Time.ts"

/** Disabling: the client is suspended, and with it all its grants; enabling resumes them. */
export const disableClient = ({ client }: State, command: CommandOf<"DisableClient">): Decision => {
  if (client._tag !== "Registered") return deny("client-unknown")
  return client.status === "disabled"
    ? accept([])
    : accept([{ _tag: "ClientDisabled", clientId: command.clientId, disabledAt: command.at }])
}

/** Enabling: a suspended client goes on where it was; what expired meanwhile stays expired. */
export const enableClient = ({ client }: State, command: CommandOf<"EnableClient">): Decision => {
  if (client._tag !== "Registered") return deny("client-unknown")
  return client.status === "enabled"
    ? accept([])
    : accept([{ _tag: "ClientEnabled", clientId: command.clientId, enabledAt: command.at }])
}

/** Deleting: final. Every grant of the client ends, and its id is never given out again. */
export const deleteClient = ({ client }: State, command: CommandOf<"DeleteClient">): Decision => {
  if (client._tag === "Absent") return deny("client-unknown")
  return client._tag === "Deleted"
    ? accept([])
    : accept([{ _tag: "ClientDeleted", clientId: command.clientId, deletedAt: command.at }])
}

export const requireEnabledClient = ({ client }: State): RegisteredClient | Refused => {
  if (client._tag !== "Registered") return refused("client-unknown")
  return client.status === "enabled" ? client : refused("client-disabled")
}

/**
 * The same for a command that issues a token, which a client may have registered to get for a key alone (RFC 9449 5.2).
 */
export const requireTokenClient = (
  state: Pick<State, "client">,
  command: { readonly authentication: Authentication; readonly at: EpochMillis; readonly jkt: Jkt | null },
  grantType: GrantType,
): RegisteredClient | Refused => {
  const client = requireClient(state, command, grantType)
  //= RFC9449-5.2-bound-required
  const isKeyMissing = client._tag === "Registered" && isBoundAlone(client) && command.jkt === null
  return isKeyMissing ? refused("client-key-missing") : client
}

/** The client of a command, if it proved itself, may act, and is registered for the grant type, where one is needed. */
export const requireClient = (
  state: Pick<State, "client">,
  command: { readonly authentication: Authentication; readonly at: EpochMillis },
  grantType?: GrantType,
): RegisteredClient | Refused => {
  const { client } = state
  if (client._tag !== "Registered") return refused("client-unknown")
  //= OAUTH21-3.2.2-confidential-must-auth
  if (!isAuthenticated(client, command.authentication, command.at)) return refused("client-unauthenticated")
  if (client.status === "disabled") return refused("client-disabled")
  return grantType === undefined || mayUse(client, grantType) ? client : refused("client-may-not")
}

/** The same for who exchanges or vouches: a confidential client, that somebody vouched for. */
export const requireVouchedClient = (
  state: Pick<State, "client">,
  command: {
    readonly authentication: Authentication
    readonly grantType: GrantType
    readonly offer: Pick<Offer, "registrationGrants">
    readonly at: EpochMillis
  },
): RegisteredClient | Refused => {
  const client = requireClient(state, command, command.grantType)
  if (client._tag === "Refused") return client
  if (!isOfferedTo(client, command.grantType, command.offer)) return refused("client-registered-itself")
  // What was stolen is not worth more to a thief who need not prove to be anybody.
  return isPublic(client) ? refused("client-unauthenticated") : client
}
