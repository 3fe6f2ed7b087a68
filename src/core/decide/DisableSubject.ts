/** Disabling a subject: every grant it gave ends, and it gives no new ones. One that was forgotten gives none anyway. */
import type { CommandOf } from "../Command.ts"
import { accept, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const disableSubject = ({ subject }: State, command: CommandOf<"DisableSubject">): Decision =>
  subject.status === "enabled"
    ? accept([{ _tag: "SubjectDisabled", subjectId: command.subjectId, disabledAt: command.at }])
    : accept([])
