/**
 * Putting a page together: what was asked about, as of when, its lineage and its timeline.
 *
 * Reads, and nothing else; what it reads is what the index finds and the streams that the thing stands on.
 */
import * as Effect from "effect/Effect"
import { grantLineageOf, type GrantLineage } from "../../audit/console/GrantLineage.ts"
import {
  explain,
  questionOf,
  statesAt,
  eventLinesOf,
  versionAt,
  type Audit,
  type Explanation,
  type Moment,
  type EventLine,
} from "../../audit/index.ts"
import type { Recorded, StoreFault } from "../../log/index.ts"
import { present } from "../audit/OpenAudit.ts"
import { readMoment } from "../audit/ReadMoment.ts"
import type { EventPage } from "./Addresses.ts"
import type { CommandFault, UsageFault } from "../Failure.ts"

/** Events on one page. */
const PAGE = 60

export interface ConsoleQuery {
  readonly about: string
  /** The grant that a token of ours names, right or wrong. */
  readonly names: string | undefined
  /** A moment as it was given; now, where none was. */
  readonly at: string | undefined
  /** Events before a position, or behind one; the newest, where none was given. */
  readonly page: EventPage
}

export interface ConsoleAnswer {
  readonly explanation: Explanation
  readonly moment: Moment
  readonly lineage: GrantLineage | undefined
  /** Of what was asked about, oldest first; those that are shown. */
  readonly events: ReadonlyArray<Recorded>
  /** The line of each of these events. */
  readonly lineOf: (event: Recorded) => EventLine
  /** Older ones that are not, and newer ones by the moment; those that came behind it. */
  readonly earlierCount: number
  readonly newerCount: number
  readonly laterCount: number
  /** Positions of the events before and behind the moment. */
  readonly earlier: number | undefined
  readonly later: number | undefined
}

const GRANT_ID = /^[0-9A-Za-z]{22}$/

export const answerTo = Effect.fnUntraced(function* (
  audit: Audit,
  { about, names, at, page: { before, after } }: ConsoleQuery,
): Effect.fn.Return<ConsoleAnswer, StoreFault | CommandFault | UsageFault> {
  const now = yield* present(audit)
  const moment = at === undefined ? now : yield* readMoment(audit.log, at)
  const namedGrant = names !== undefined && GRANT_ID.test(names) ? names : undefined
  const readStateAt = statesAt(audit.log, moment, audit.index)
  const explanation = yield* explain(audit, { ...questionOf(about), namedGrant }, moment, readStateAt)
  const nothing = {
    lineage: undefined,
    events: [],
    lineOf: yield* eventLinesOf(audit.log, []),
    earlierCount: 0,
    newerCount: 0,
    laterCount: 0,
    earlier: undefined,
  }
  if (!explanation.isOurs) {
    // Perhaps it came later: then there is a first event to go to.
    const known = at === undefined ? explanation : yield* explain(audit, { ...questionOf(about), namedGrant }, now)
    const later = known.isOurs ? known.ancestry[0]?.position : undefined
    return { explanation, moment, ...nothing, later }
  }
  const { kind, grantId, clientId, subjectId, id } = explanation
  const isGrants = kind !== "client" && kind !== "subject"
  const stream = isGrants ? `grant-${grantId}` : kind === "client" ? `client-${clientId}` : `subject-${subjectId}`
  const pastCount = yield* versionAt(audit.log, stream, moment.size)
  const versionBefore = (position: number) =>
    Effect.map(versionAt(audit.log, stream, position), (version) => Math.min(pastCount, version))
  const begin = after === undefined ? undefined : yield* versionBefore(after + 1)
  const end = before === undefined ? pastCount : yield* versionBefore(before)
  const first = begin ?? Math.max(0, end - PAGE)
  const last = Math.min(end, first + PAGE)
  const events = yield* audit.log.readStream(stream, first, last - first)
  const count = yield* audit.log.streamVersion(stream)
  const positionOf = (version: number) =>
    version < 1 ? Effect.undefined : Effect.map(audit.log.readStream(stream, version - 1, 1), ([one]) => one?.position)
  const newest = yield* positionOf(pastCount)
  const isAtLast = newest === moment.size - 1 && at !== undefined
  return {
    explanation,
    moment,
    lineage: isGrants
      ? grantLineageOf(yield* readStateAt({ grantId: grantId!, ...(kind === "grant" ? {} : { digest: id }) }), grantId!)
      : undefined,
    events,
    lineOf: yield* eventLinesOf(audit.log, events),
    earlierCount: first,
    newerCount: pastCount - last,
    laterCount: count - pastCount,
    earlier: isAtLast ? yield* positionOf(pastCount - 1) : newest,
    later: yield* positionOf(pastCount + 1),
  }
})
