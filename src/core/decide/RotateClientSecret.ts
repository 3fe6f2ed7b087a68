/** Rotating a client's secret: the new one holds from now on, the old one ends at once. */
import type { CommandOf } from "../Command.ts"
import { isPublic } from "../Client.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const rotateClientSecret = (state: State, command: CommandOf<"RotateClientSecret">): Decision => {
  const { clientId, secret, at } = command
  if (state.client._tag !== "Registered") return deny("client-unknown")
  if (isPublic(state.client)) return deny("client-public-with-secret")
  return accept([{ _tag: "ClientSecretRotated", clientId, secret, rotatedAt: at }], {
    _tag: "ClientStored",
    client: { ...state.client, secret },
  })
}
