/**
 * Whether a client may act: known, proved, enabled, registered for what it wants.
 *
 * Asked first by every command that a client sends; the order is that of what may be told to whom.
 */
import { isAuthenticated, mayUse, type Authentication, type RegisteredClient } from "../Client.ts"
import type { GrantType } from "../ClientMetadata.ts"
import { refused, type Refused } from "../Refusal.ts"
import type { State } from "../State.ts"
import type { EpochMillis } from "../Time.ts"

export const requireEnabledClient = ({ client }: State): RegisteredClient | Refused => {
  if (client._tag !== "Registered") return refused("client-unknown")
  return client.status === "enabled" ? client : refused("client-disabled")
}

export const requireClient = (
  state: State,
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
