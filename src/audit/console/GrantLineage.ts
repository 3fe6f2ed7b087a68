/**
 * The lineage of a grant as of a moment, generation by generation: its code, its refresh tokens, its access tokens.
 *
 * Each of them has a status of its own. A token is stolen if two parties presented that very token; what ended together
 * with it is only dead. A grant may have had thousands of generations: of those in the middle only their number is
 * given.
 */
import { issuedDigest, type Event } from "../../core/index.ts"
import type { StateAt } from "../asof/StateAt.ts"
import { standingOfGrant, standingOfToken, type LiveCredential, type Standing } from "../asof/Standing.ts"

export type LineageStatus = "live" | "suspended" | "spent" | "dead" | "stolen"

export interface LineageMember {
  readonly kind: LiveCredential["kind"]
  readonly digest: string
  /** The position of the entry that issued it. */
  readonly position: number
  readonly status: LineageStatus
  readonly standing: Standing
}

/** What was issued together; generation 0 is the code. */
export interface Generation {
  readonly generation: number
  readonly members: ReadonlyArray<LineageMember>
  /** Members that are not named. */
  readonly unnamedCount: number
}

export interface GrantLineage {
  readonly grantId: string
  readonly status: LineageStatus
  readonly standing: Standing
  readonly generations: ReadonlyArray<Generation>
  /** How many generations are not named, and after how many named ones they belong. */
  readonly unnamed: { readonly generationCount: number; readonly after: number }
}

/** Of a long lineage: the beginning, and more of the end. */
const FIRST_GENERATIONS = 2
const LAST_GENERATIONS = 10
const MAX_MEMBERS = 8

const kindOf = (tag: Event["_tag"]): LineageMember["kind"] =>
  tag === "AuthorizationCodeIssued" ? "code" : tag === "AccessTokenIssued" ? "access token" : "refresh token"

/** The digests that two parties presented. */
const stolenOf = ({ entries }: StateAt): ReadonlySet<string> => {
  const isReplayed = entries.grant.some(({ event }) => event._tag === "AuthorizationCodeReplayed")
  return new Set(
    entries.grant.flatMap(({ event }) => {
      if (event._tag === "RefreshTokenReused") return [event.digest]
      return isReplayed && event._tag === "AuthorizationCodeIssued" ? [event.digest] : []
    }),
  )
}

const SPENT: ReadonlyArray<string> = ["rotated", "redeemed"]

const statusOf = ({ status, cause, others }: Standing, isStolen: boolean): LineageStatus => {
  if (isStolen) return "stolen"
  if (status === "alive") return "live"
  if ([cause, ...others].some((one) => one !== null && SPENT.includes(one.rule))) return "spent"
  return status
}

interface Issue {
  readonly kind: LineageMember["kind"]
  readonly digest: string
  readonly position: number
  readonly generation: number
}

const issuesOf = ({ entries }: StateAt): ReadonlyArray<Issue> =>
  entries.grant.flatMap(({ event, position }) => {
    const digest = issuedDigest(event)
    if (digest === undefined) return []
    return [{ kind: kindOf(event._tag), digest, position, generation: "generation" in event ? event.generation : 0 }]
  })

/** The refresh token or code comes first, access tokens after it. */
const byTrunk = (left: Issue, right: Issue): number =>
  Number(left.kind === "access token") - Number(right.kind === "access token") || left.position - right.position

/** `undefined` where nothing of that grant was recorded by then. */
export const grantLineageOf = (stateAt: StateAt, grantId: string): GrantLineage | undefined => {
  if (stateAt.entries.grant.length === 0) return undefined
  const stolen = stolenOf(stateAt)
  const member = ({ kind, digest, position }: Issue): LineageMember => {
    const standing = standingOfToken(stateAt, digest)
    return { kind, digest, position, standing, status: statusOf(standing, stolen.has(digest)) }
  }
  const known = [...Map.groupBy(issuesOf(stateAt), ({ generation }) => generation)].toSorted(([a], [b]) => a - b)
  // Of a long lineage not every generation is known, but they are numbered without gaps.
  const first = known[0]?.[0] ?? 0
  const count = (known.at(-1)?.[0] ?? first - 1) - first + 1
  const isNamed = (index: number, issues: ReadonlyArray<Issue>) =>
    index < FIRST_GENERATIONS || index >= count - LAST_GENERATIONS || issues.some(({ digest }) => stolen.has(digest))
  const named = known.filter(([generation, issues]) => isNamed(generation - first, issues))
  const standing = standingOfGrant(stateAt)
  return {
    grantId,
    status: statusOf(standing, stolen.size > 0),
    standing,
    generations: named.map(([generation, issues]) => ({
      generation,
      members: issues.slice(-MAX_MEMBERS).toSorted(byTrunk).map(member),
      unnamedCount: Math.max(0, issues.length - MAX_MEMBERS),
    })),
    unnamed: { generationCount: count - named.length, after: FIRST_GENERATIONS },
  }
}
