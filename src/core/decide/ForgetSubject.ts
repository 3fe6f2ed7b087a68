/**
 * Forgetting a subject: final. Every grant it gave ends, and no grant is given in its name again.
 *
 * The event says that it happened and when; what identified a person is no part of the log and is removed beside it.
 */
import type { CommandOf } from "../Command.ts"
import { accept, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

//= GTR-3.3-revoke-all
export const forgetSubject = ({ subject }: State, command: CommandOf<"ForgetSubject">): Decision =>
  subject.status === "forgotten"
    ? accept([])
    : accept([{ _tag: "SubjectForgotten", subjectId: command.subjectId, forgottenAt: command.at }])
