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
  type Audit,
  type Explained,
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
  readonly hasEarlier: boolean
  readonly laterCount: number
  /** Positions of the events before and behind the moment. */
  readonly earlier: number | undefined
  readonly later: number | undefined
}

const GRANT_ID = /^[0-9A-Za-z]{22}$/

/** The stream that a page is about: a token's is its grant's. */
const aboutOf = ({ kind, grantId, clientId, subjectId }: Explained) => {
  if (kind === "client") return { stream: "client", about: { clientId: clientId! } } as const
  if (kind === "subject") return { stream: "subject", about: { subjectId: subjectId! } } as const
  return { stream: "grant", about: { grantId: grantId! } } as const
}

export const answerTo = Effect.fnUntraced(function* (
  audit: Audit,
  { about, names, at, before }: Asked,
): Effect.fn.Return<Answer, StoreFault | CommandFault | UsageFault> {
  const now = yield* present(audit)
  const moment = at === undefined ? now : yield* readMoment(audit.log, at)
  const namedGrant = names !== undefined && GRANT_ID.test(names) ? names : undefined
  const explanation = yield* explain(audit, { ...questionOf(about), namedGrant }, moment)
  const nothing = { family: undefined, events: [], hasEarlier: false, laterCount: 0, earlier: undefined }
  if (!explanation.isOurs) {
    // Perhaps it came later: then there is a first event to go to.
    const known = at === undefined ? explanation : yield* explain(audit, { ...questionOf(about), namedGrant }, now)
    const later = known.isOurs ? known.origin[0]?.position : undefined
    return { explanation, moment, ...nothing, later }
  }
  const { stream, about: thing } = aboutOf(explanation)
  const whole = (yield* slicesAt(audit.log, now)(thing)).entries[stream]
  const past = whole.filter(({ position }) => position < moment.size)
  const shown = past.filter(({ position }) => before === undefined || position < before)
  const isAtLast = past.at(-1)?.position === moment.size - 1 && at !== undefined
  return {
    explanation,
    moment,
    family: stream === "grant" ? familyOf(yield* slicesAt(audit.log, moment)(thing), explanation.grantId!) : undefined,
    events: shown.slice(-PAGE),
    hasEarlier: shown.length > PAGE,
    laterCount: whole.length - past.length,
    earlier: past.at(isAtLast ? -2 : -1)?.position,
    later: whole[past.length]?.position,
  }
})
