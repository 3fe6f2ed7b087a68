/** Signing a subject out everywhere: every grant it gave so far ends; it may give new ones. */
import type { CommandOf } from "../Command.ts"
import { accept, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const revokeSubjectSessions = (_: State, command: CommandOf<"RevokeSubjectSessions">): Decision =>
  accept([{ _tag: "SubjectSessionsRevoked", subjectId: command.subjectId, revokedAt: command.at }])
