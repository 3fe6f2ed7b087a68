/**
 * The subject lifecycle: the resource owner, known by a random id and nothing else.
 *
 * A subject without events has epoch 0 and is enabled. Ending its sessions or disabling it raises the epoch, which
 * ends every grant it gave before; enabling it again revives none of them.
 */
import { Schema } from "effect"
import { Epoch, firstEpoch, nextEpoch } from "./Ids.ts"
import type { SubjectEvent } from "./Event.ts"

export const Subject = Schema.Struct({ status: Schema.Literals(["enabled", "disabled"]), epoch: Epoch })
export type Subject = typeof Subject.Type

export const initialSubject: Subject = { status: "enabled", epoch: firstEpoch }

//= GTR-3.3-revoke-all
export const evolveSubject = (subject: Subject, event: SubjectEvent): Subject => {
  switch (event._tag) {
    case "SubjectSessionsRevoked":
      return { ...subject, epoch: nextEpoch(subject.epoch) }
    case "SubjectDisabled":
      return { status: "disabled", epoch: nextEpoch(subject.epoch) }
    case "SubjectEnabled":
      return { ...subject, status: "enabled" }
    default:
      return event satisfies never
  }
}
