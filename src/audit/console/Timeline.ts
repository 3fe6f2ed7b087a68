/** Entries as a timeline: the events of one request are one group, in the order of the log. */
import type { Recorded } from "../../log/index.ts"
import type { EventLine } from "../explain/EventLine.ts"

/** One entry, the grant it is about, and whether it proves a theft. */
export interface TimelineEvent extends EventLine {
  readonly grantId: string | null
  readonly isTheft: boolean
}

/** The events of one request that stand together. A request whose events stand apart appears more than once. */
export interface TimelineRequest {
  readonly correlationId: string
  readonly actor: string | null
  /** The name of the client that did it, if a client did. */
  readonly actorName: string | null
  /** When its first event was recorded, milliseconds since the epoch. */
  readonly at: number
  readonly events: ReadonlyArray<TimelineEvent>
}

const THEFTS: ReadonlyArray<string> = ["AuthorizationCodeReplayed", "RefreshTokenReused"]

const timelineEventOf = (entry: Recorded, lineOf: (entry: Recorded) => EventLine): TimelineEvent => ({
  ...lineOf(entry),
  grantId: "grantId" in entry.event ? entry.event.grantId : null,
  isTheft: THEFTS.includes(entry.event._tag),
})

/** Groups neighbouring entries of the same request. */
export const requestsOf = (
  entries: ReadonlyArray<Recorded>,
  lineOf: (entry: Recorded) => EventLine,
): ReadonlyArray<TimelineRequest> => {
  const groups: Array<Array<TimelineEvent>> = []
  for (const entry of entries) {
    const event = timelineEventOf(entry, lineOf)
    const last = groups.at(-1)
    if (last?.[0]?.correlationId === event.correlationId) last.push(event)
    else groups.push([event])
  }
  return groups.map((events) => {
    const { correlationId, actor, actorName, at } = events[0]!
    return { correlationId, actor, actorName, at, events }
  })
}
