/** Raising the issuer's epoch: everything opened before ends at once, for a restored backup or a compromise. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const raiseIssuerEpoch = (state: State, command: CommandOf<"RaiseIssuerEpoch">): Decision =>
  state.issuer._tag === "Uninitialized"
    ? deny("issuer-not-initialized")
    : accept([{ _tag: "IssuerEpochRaised", reason: command.reason, raisedAt: command.at }])
