/**
 * Putting a page together: what was asked about, as of when, its family and its timeline.
 *
 * Reads, and nothing else; what it reads is what the index finds and the streams that the thing stands on.
 */
import { Effect } from "effect"
import { familyOf, type Family } from "../../audit/console/Family.ts"
import {
  explain,
  questionOf,
  slicesAt,
  versionAt,
  type Audit,
  type Explanation,
  type Moment,
} from "../../audit/index.ts"
import type { Recorded, StoreFault } from "../../log/index.ts"
import { present } from "../audit/Asking.ts"
import { readMoment } from "../audit/ReadMoment.ts"
import type { CommandFault, UsageFault } from "../Failure.ts"

/** Events on one page. */
const PAGE = 60

export interface Asked {
  readonly about: string
  /** The grant that a token of ours names, right or wrong. */
  readonly names: string | undefined
  /** A moment as it was given; now, where none was. */
  readonly at: string | undefined
  /** Only events before this position. */
  readonly before: number | undefined
}

export interface Answer {
  readonly explanation: Explanation
  readonly moment: Moment
  readonly family: Family | undefined
  /** Of what was asked about, oldest first; those that are shown. */
  readonly events: ReadonlyArray<Recorded>
  /** Older ones that are not. */
  readonly earlierCount: number
  readonly laterCount: number
  /** Positions of the events before and behind the moment. */
  readonly earlier: number | undefined
  readonly later: number | undefined
}

const GRANT_ID = /^[0-9A-Za-z]{22}$/

export const answerTo = Effect.fnUntraced(function* (
  audit: Audit,
  { about, names, at, before }: Asked,
): Effect.fn.Return<Answer, StoreFault | CommandFault | UsageFault> {
  const now = yield* present(audit)
  const moment = at === undefined ? now : yield* readMoment(audit.log, at)
  const namedGrant = names !== undefined && GRANT_ID.test(names) ? names : undefined
  const sliceOf = slicesAt(audit.log, moment, audit.index)
  const explanation = yield* explain(audit, { ...questionOf(about), namedGrant }, moment, sliceOf)
  const nothing = { family: undefined, events: [], earlierCount: 0, laterCount: 0, earlier: undefined }
  if (!explanation.isOurs) {
    // Perhaps it came later: then there is a first event to go to.
    const known = at === undefined ? explanation : yield* explain(audit, { ...questionOf(about), namedGrant }, now)
    const later = known.isOurs ? known.origin[0]?.position : undefined
    return { explanation, moment, ...nothing, later }
  }
  const { kind, grantId, clientId, subjectId, id } = explanation
  const isGrants = kind !== "client" && kind !== "subject"
  const stream = isGrants ? `grant-${grantId}` : kind === "client" ? `client-${clientId}` : `subject-${subjectId}`
  const pastCount = yield* versionAt(audit.log, stream, moment.size)
  const shownCount = before === undefined ? pastCount : Math.min(pastCount, yield* versionAt(audit.log, stream, before))
  const count = yield* audit.log.streamVersion(stream)
  const positionOf = (version: number) =>
    version < 1 ? Effect.undefined : Effect.map(audit.log.readStream(stream, version - 1, 1), ([one]) => one?.position)
  const last = yield* positionOf(pastCount)
  const isAtLast = last === moment.size - 1 && at !== undefined
  const first = Math.max(0, shownCount - PAGE)
  return {
    explanation,
    moment,
    family: isGrants
      ? familyOf(yield* sliceOf({ grantId: grantId!, ...(kind === "grant" ? {} : { digest: id }) }), grantId!)
      : undefined,
    events: yield* audit.log.readStream(stream, first, shownCount - first),
    earlierCount: first,
    laterCount: count - pastCount,
    earlier: isAtLast ? yield* positionOf(pastCount - 1) : last,
    later: yield* positionOf(pastCount + 1),
  }
})
