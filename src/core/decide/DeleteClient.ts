/** Deleting: final. Every grant of the client ends, and its id is never given out again. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const deleteClient = ({ client }: State, command: CommandOf<"DeleteClient">): Decision => {
  if (client._tag === "Absent") return deny("client-unknown")
  return client._tag === "Deleted"
    ? accept([])
    : accept([{ _tag: "ClientDeleted", clientId: command.clientId, deletedAt: command.at }])
}
