/** Revoking a grant, by its subject or the operator: everything that came of it ends. */
import type { CommandOf } from "../Command.ts"
import { accept, type Decision } from "../Decision.ts"
import { isGrantAlive } from "../Liveness.ts"
import type { State } from "../State.ts"

export const revokeGrant = (state: State, command: CommandOf<"RevokeGrant">): Decision =>
  // INVARIANT: a dead grant appends nothing further (OutsidersCannotGrowTheLog).
  isGrantAlive(state, command.at)
    ? accept([{ _tag: "GrantRevoked", grantId: command.grantId, reason: command.by, revokedAt: command.at }])
    : accept([])
