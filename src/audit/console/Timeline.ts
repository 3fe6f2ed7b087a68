/** Entries as a timeline: what one request led to is one group, in the order of the log. */
import type { Recorded } from "../../log/index.ts"
import type { EventLine } from "../explain/EventLine.ts"

/** One of the entries, and what it is about. */
export interface TimelineEvent extends EventLine {
  readonly grantId: string | null
  readonly isTheft: boolean
}

/** What came with one request; a request that came back to it later is told again. */
export interface TimelineRequest {
  readonly correlationId: string
  readonly actor: string | null
  /** What the client is called that did it, if it was one. */
  readonly actorName: string | null
  /** When the first of it was recorded, milliseconds since the epoch. */
  readonly at: number
  readonly events: ReadonlyArray<TimelineEvent>
}

const THEFTS: ReadonlyArray<string> = ["AuthorizationCodeReplayed", "RefreshTokenReused"]

const timelineEventOf = (entry: Recorded, lineOf: (entry: Recorded) => EventLine): TimelineEvent => ({
  ...lineOf(entry),
  grantId: "grantId" in entry.event ? entry.event.grantId : null,
  isTheft: THEFTS.includes(entry.event._tag),
})

/** Groups neighbours of one request. */
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
