/** Enabling a subject: it may give grants again; those that ended when it was disabled stay ended. */
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const enableSubject = ({ subject }: State, command: CommandOf<"EnableSubject">): Decision => {
  if (subject.status === "forgotten") return deny("subject-forgotten")
  return subject.status === "enabled"
    ? accept([])
    : accept([{ _tag: "SubjectEnabled", subjectId: command.subjectId, enabledAt: command.at }])
}
