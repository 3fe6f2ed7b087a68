/** Enabling: a suspended client goes on where it was; what expired meanwhile stays expired. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const enableClient = ({ client }: State, command: CommandOf<"EnableClient">): Decision => {
  if (client._tag !== "Registered") return deny("client-unknown")
  return client.status === "enabled"
    ? accept([])
    : accept([{ _tag: "ClientEnabled", clientId: command.clientId, enabledAt: command.at }])
}
