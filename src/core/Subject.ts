/**
 * The subject lifecycle: the resource owner, known by a random id and nothing else.
 *
 * A subject without events has epoch 0 and is enabled. Ending its sessions or disabling it raises the epoch, which
 * ends every grant it gave before; enabling it again revives none of them. Forgetting it is final: whoever it stood for
 * cannot be found again, so it gives nothing ever after.
 */
import * as Schema from "effect/Schema"
import { Epoch, firstEpoch, nextEpoch } from "./Ids.ts"
import type { SubjectEvent } from "./Event.ts"

/** The state of whoever grants: enabled, disabled, or forgotten for good, and its epoch. */
export const Subject = Schema.Struct({ status: Schema.Literals(["enabled", "disabled", "forgotten"]), epoch: Epoch })
export type Subject = typeof Subject.Type

export const initialSubject: Subject = { status: "enabled", epoch: firstEpoch }

//= GTR-3.3-revoke-all
export const evolveSubject = (subject: Subject, event: SubjectEvent): Subject => {
  if (subject.status === "forgotten") return subject
  switch (event._tag) {
    case "SubjectSessionsRevoked":
      return { ...subject, epoch: nextEpoch(subject.epoch) }
    case "SubjectDisabled":
      return { status: "disabled", epoch: nextEpoch(subject.epoch) }
    case "SubjectEnabled":
      return { ...subject, status: "enabled" }
    case "SubjectForgotten":
      return { status: "forgotten", epoch: nextEpoch(subject.epoch) }
    default:
      return event satisfies never
  }
}
