/** Entries as a timeline: what one request led to is one group, in the order of the log. */
import type { Recorded } from "../../log/index.ts"
import type { Told } from "../Telling.ts"

/** One of the entries, and what it is about. */
export interface Happening extends Told {
  readonly grantId: string | null
  readonly isTheft: boolean
}

/** What came with one request; a request that came back to it later is told again. */
export interface Request {
  readonly correlationId: string
  readonly actor: string | null
  /** What the client is called that did it, if it was one. */
  readonly actorName: string | null
  /** When the first of it was recorded, milliseconds since the epoch. */
  readonly at: number
  readonly happenings: ReadonlyArray<Happening>
}

const THEFTS: ReadonlyArray<string> = ["AuthorizationCodeReplayed", "RefreshTokenReused"]

const happeningOf = (entry: Recorded, tell: (entry: Recorded) => Told): Happening => ({
  ...tell(entry),
  grantId: "grantId" in entry.event ? entry.event.grantId : null,
  isTheft: THEFTS.includes(entry.event._tag),
})

/** Groups neighbours of one request. */
export const requestsOf = (
  entries: ReadonlyArray<Recorded>,
  tell: (entry: Recorded) => Told,
): ReadonlyArray<Request> => {
  const groups: Array<Array<Happening>> = []
  for (const entry of entries) {
    const happening = happeningOf(entry, tell)
    const last = groups.at(-1)
    if (last?.[0]?.correlationId === happening.correlationId) last.push(happening)
    else groups.push([happening])
  }
  return groups.map((happenings) => {
    const { correlationId, actor, actorName, at } = happenings[0]!
    return { correlationId, actor, actorName, at, happenings }
  })
}
