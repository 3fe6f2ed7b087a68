/** Revoking a grant, by its subject or the operator: everything that came of it ends. */
import type { CommandOf } from "../Command.ts"
import { accept, type Decision } from "../Decision.ts"
import type { SubjectId } from "../Ids.ts"
import { isGrantAlive } from "../Liveness.ts"
import type { State } from "../State.ts"

export const revokeGrant = (state: State, command: CommandOf<"RevokeGrant">): Decision =>
  // INVARIANT: a dead grant appends nothing further (OutsidersCannotGrowTheLog).
  isGrantAlive(state, command.at) && isAllowed(state.grant, command.subjectId)
    ? accept([
        {
          _tag: "GrantRevoked",
          grantId: command.grantId,
          reason: command.subjectId === null ? "operator" : "subject",
          revokedAt: command.at,
        },
      ])
    : accept([])

/** The operator may end any grant, a subject only what it gave; nobody learns more. */
//= OAUTH21-7.9-user-can-revoke
const isAllowed = (grant: State["grant"], subjectId: SubjectId | null): boolean =>
  subjectId === null || (grant._tag === "Open" && grant.subjectId === subjectId)
