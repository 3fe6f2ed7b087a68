/** What was tried how often, what was acknowledged, and what should not have happened, with a story for each. */

export const trialKinds = [
  "codes redeemed by several at once",
  "refreshes by several at once, asked again until answered",
  "revocations acknowledged by one instance",
  "questions to another instance right behind the end of a token",
] as const
export type TrialKind = (typeof trialKinds)[number]

export const violationKinds = [
  "codes redeemed twice",
  "sessions lost",
  "active after an acknowledged revocation",
  "acknowledged writes that are not in the log",
  "rows that differ from what the log folds to",
  "entries or roots that do not verify",
  "answers that are wrong",
] as const
export type ViolationKind = (typeof violationKinds)[number]

/** What an instance said that it had done: it has to be in the log. */
export interface Acknowledged {
  /** Digests of refresh tokens that were issued. */
  readonly issued: Set<string>
  /** Digests of access tokens that were ended one by one. */
  readonly endedAccess: Set<string>
  readonly endedGrants: Set<string>
}

export interface Tally {
  readonly trials: Record<TrialKind, number>
  readonly violations: Record<ViolationKind, number>
  /** The first of each kind. */
  readonly stories: Array<string>
  readonly acknowledged: Acknowledged
  /** Requests that were not answered, or with 503: nobody knows what became of them. */
  unansweredCount: number
  requestCount: number
  readonly violate: (kind: ViolationKind, story: string, count?: number) => void
}

const none = <Kind extends string>(kinds: ReadonlyArray<Kind>) =>
  Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>

export const newTally = (): Tally => {
  const violations = none(violationKinds)
  const stories: Array<string> = []
  return {
    trials: none(trialKinds),
    violations,
    stories,
    acknowledged: { issued: new Set(), endedAccess: new Set(), endedGrants: new Set() },
    unansweredCount: 0,
    requestCount: 0,
    violate: (kind, story, count = 1) => {
      if (violations[kind] === 0) stories.push(`${kind}: ${story}`)
      violations[kind] += count
    },
  }
}

export const violationCountOf = ({ violations }: Pick<Tally, "violations">): number =>
  Object.values(violations).reduce((sum, count) => sum + count, 0)
