/** How a subject stands: disabled, enabled, signed out everywhere, or forgotten for good. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

/** Disabling a subject: every grant it gave ends, and it gives no new ones. One that was forgotten gives none anyway. */
export const disableSubject = ({ subject }: State, command: CommandOf<"DisableSubject">): Decision =>
  subject.status === "enabled"
    ? accept([{ _tag: "SubjectDisabled", subjectId: command.subjectId, disabledAt: command.at }])
    : accept([])

/** Enabling a subject: it may give grants again; those that ended when it was disabled stay ended. */
export const enableSubject = ({ subject }: State, command: CommandOf<"EnableSubject">): Decision => {
  if (subject.status === "forgotten") return deny("subject-forgotten")
  return subject.status === "enabled"
    ? accept([])
    : accept([{ _tag: "SubjectEnabled", subjectId: command.subjectId, enabledAt: command.at }])
}

/** Signing a subject out everywhere: every grant it gave so far ends; it may give new ones, unless it was forgotten. */
export const revokeSubjectSessions = ({ subject }: State, command: CommandOf<"RevokeSubjectSessions">): Decision =>
  subject.status === "forgotten"
    ? accept([])
    : accept([{ _tag: "SubjectSessionsRevoked", subjectId: command.subjectId, revokedAt: command.at }])

/**
 * Forgetting a subject: final. Every grant it gave ends, and no grant is given in its name again.
 *
 * The event says that it happened and when; what identified a person is no part of the log and is removed beside it.
 */
//= GTR-3.3-revoke-all
export const forgetSubject = ({ subject }: State, command: CommandOf<"ForgetSubject">): Decision =>
  subject.status === "forgotten"
    ? accept([])
    : accept([{ _tag: "SubjectForgotten", subjectId: command.subjectId, forgottenAt: command.at }])
