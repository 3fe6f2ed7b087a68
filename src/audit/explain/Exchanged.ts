/**
 * The chain of an exchanged token, both ways (RFC 8693): all that it came of, and all that came of it.
 *
 * A grant names every token that it came of, so that either way takes one step, however long the chain is.
 */
import * as Effect from "effect/Effect"
import type { Recorded, StoreFault } from "../../log/index.ts"
import type { AuditIndex } from "../index/AuditIndex.ts"
import type { ReadStateAt, StateAt } from "../asof/StateAt.ts"
import { aliveOf } from "../asof/Standing.ts"
import { ancestryOf, generationsOf, relativesOf, type Ancestry, type Relative, type Relatives } from "./Lineage.ts"

/** The entries that lead to a token, through every grant on the way; the oldest first. */
export const wholeAncestryOf = (stateAt: StateAt, digest: string): Ancestry =>
  joined([...aboveOf(stateAt), ancestryOf(stateAt, digest)])

/** The entries that lead to a grant: those of all that it came of, and its own opening. */
export const ancestryOfGrant = (stateAt: StateAt, opening: Recorded): Ancestry =>
  joined([...aboveOf(stateAt), { entries: [opening], untoldCount: 0 }])

const aboveOf = ({ ancestors }: StateAt): ReadonlyArray<Ancestry> =>
  ancestors.map(({ named, stateAt }) => ancestryOf(stateAt, named.digest))

const joined = (all: ReadonlyArray<Ancestry>): Ancestry => {
  const entries = all.flatMap((one) => one.entries).toSorted((left, right) => left.position - right.position)
  return {
    entries: [...new Map(entries.map((entry) => [entry.position, entry])).values()],
    untoldCount: all.reduce((sum, { untoldCount }) => sum + untoldCount, 0),
  }
}

/** How many grants that came of one are looked at. */
const MAX_GRANTS = 100

/** What is alive because of it or beside it, in its own grant and in those that came of that. Without a digest, all of it. */
export const allRelativesOf = Effect.fnUntraced(function* (
  index: AuditIndex,
  readStateAt: ReadStateAt,
  stateAt: StateAt,
  grantId: string,
  digest: string | undefined,
): Effect.fn.Return<Relatives, StoreFault> {
  const own = relativesOf(stateAt, digest)
  const [descendants, siblings] = [[...own.descendants], [...own.siblings]]
  const isBelow = belowOf(stateAt, digest)
  const met = new Set<string>()
  for (const { grant, digest: exchanged } of (yield* index.exchangedFrom(grantId)).slice(0, MAX_GRANTS)) {
    if (met.has(grant.grantId)) continue
    met.add(grant.grantId)
    const there = yield* readStateAt({ grantId: grant.grantId, isBrief: true })
    const alive = aliveOf(there).flatMap((one): ReadonlyArray<Relative> => {
      const issue = generationsOf(there).get(one.digest)
      return issue === undefined
        ? []
        : [
            {
              ...one,
              generation: issue.generation,
              position: issue.position,
              grantId: grant.grantId,
              clientId: grant.clientId,
            },
          ]
    })
    ;(isBelow(exchanged) ? descendants : siblings).push(...alive)
    yield* Effect.yieldNow
  }
  return { descendants, siblings }
})

/** Whether what came of a token of the grant came of what was asked about: of that itself, or of something after it. */
const belowOf = (stateAt: StateAt, digest: string | undefined): ((exchanged: string) => boolean) => {
  if (digest === undefined) return () => true
  const issued = generationsOf(stateAt)
  const own = issued.get(digest)
  const isTrunk = own?.isTrunk === true
  return (exchanged) => exchanged === digest || (isTrunk && (issued.get(exchanged)?.generation ?? -1) > own.generation)
}
