/** Disabling: the client is suspended, and with it all its grants; enabling resumes them. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const disableClient = ({ client }: State, command: CommandOf<"DisableClient">): Decision => {
  if (client._tag !== "Registered") return deny("client-unknown")
  return client.status === "disabled"
    ? accept([])
    : accept([{ _tag: "ClientDisabled", clientId: command.clientId, disabledAt: command.at }])
}
