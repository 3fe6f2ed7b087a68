/** Initialising: a log learns whose it is, once; another issuer identifier later is a mistake, not an update. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const initializeIssuer = (state: State, command: CommandOf<"InitializeIssuer">): Decision => {
  if (state.issuer._tag === "Initialized") return deny("issuer-already-initialized", `\`${state.issuer.issuer}\``)
  const { issuer, keyId, at } = command
  return accept([{ _tag: "IssuerInitialized", issuer, keyId, initializedAt: at }])
}
