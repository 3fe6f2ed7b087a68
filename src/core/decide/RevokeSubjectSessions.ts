/** Signing a subject out everywhere: every grant it gave so far ends; it may give new ones, unless it was forgotten. */
import type { CommandOf } from "../Command.ts"
import { accept, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const revokeSubjectSessions = ({ subject }: State, command: CommandOf<"RevokeSubjectSessions">): Decision =>
  subject.status === "forgotten"
    ? accept([])
    : accept([{ _tag: "SubjectSessionsRevoked", subjectId: command.subjectId, revokedAt: command.at }])
