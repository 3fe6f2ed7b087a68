/** The issuer: initialized once for a log, and its epoch raised to end everything that was opened before. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

/** Initialising: a log learns whose it is, once; another issuer identifier later is a mistake, not an update. */
export const initializeIssuer = (state: State, command: CommandOf<"InitializeIssuer">): Decision => {
  if (state.issuer._tag === "Initialized") return deny("issuer-already-initialized", `\`${state.issuer.issuer}\``)
  const { issuer, keyId, at } = command
  return accept([{ _tag: "IssuerInitialized", issuer, keyId, initializedAt: at }])
}

/** Raising the issuer's epoch: everything opened before ends at once, for a restored backup or a compromise. */
export const raiseIssuerEpoch = (state: State, command: CommandOf<"RaiseIssuerEpoch">): Decision =>
  state.issuer._tag === "Uninitialized"
    ? deny("issuer-not-initialized")
    : accept([{ _tag: "IssuerEpochRaised", reason: command.reason, raisedAt: command.at }])
