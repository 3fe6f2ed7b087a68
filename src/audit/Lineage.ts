/**
 * Where a code or token came from, and what came of it: the family tree that a grant's events name.
 *
 * A code is generation 0; each token names what it was issued for, so nothing is inferred.
 */
import { issuedDigest } from "../core/index.ts"
import type { Recorded } from "../log/index.ts"
import type { Slice } from "./Fold.ts"
import { aliveOf, type Living } from "./Standing.ts"

/** Something alive beside or below what was asked about. */
export interface Relative extends Living {
  readonly generation: number
  /** The position of the entry that issued it. */
  readonly position: number
}

interface Issued {
  readonly entry: Recorded
  readonly parent: string | null
  readonly generation: number
}

/** Everything that the grant issued by then, by digest. */
const issuedBy = ({ entries }: Slice): ReadonlyMap<string, Issued> => {
  const issued = new Map<string, Issued>()
  for (const entry of entries.grant) {
    const { event } = entry
    const digest = issuedDigest(event)
    if (digest === undefined) continue
    const parent = "parent" in event ? event.parent : null
    issued.set(digest, { entry, parent, generation: "generation" in event ? event.generation : 0 })
  }
  return issued
}

/** How many generations of an origin are told in full; of longer ones the first and the last. */
const TOLD_GENERATIONS = 4

/** The entries that lead to a token: the approval, the code, its redemption, each generation, the token itself. */
export const originOf = (slice: Slice, digest: string): ReadonlyArray<Recorded> => {
  const issued = issuedBy(slice)
  const own = issued.get(digest)
  if (own === undefined) return []
  const above = lineOf(issued, digest)
  const kept = new Set([...above.slice(0, TOLD_GENERATIONS), ...above.slice(-TOLD_GENERATIONS)])
  const wasRedeemed = above.length > 0
  return slice.entries.grant.filter(
    (entry) =>
      entry === own.entry ||
      entry.event._tag === "GrantOpened" ||
      kept.has(entry) ||
      (wasRedeemed && entry.event._tag === "AuthorizationCodeRedeemed"),
  )
}

/** The entries above a token, oldest first. */
const lineOf = (issued: ReadonlyMap<string, Issued>, digest: string): ReadonlyArray<Recorded> => {
  const line: Array<Recorded> = []
  let below = issued.get(digest)
  while (below !== undefined && below.parent !== null) {
    const above = issued.get(below.parent)
    // INVARIANT: a parent was issued before its child; in a log that somebody edited the walk ends here.
    if (above === undefined || above.entry.position >= below.entry.position) break
    line.push(above.entry)
    below = above
  }
  return line.reverse()
}

export interface Relatives {
  /** Alive, and issued because of it, however many generations below. */
  readonly descendants: ReadonlyArray<Relative>
  /** Alive, of the same grant, and not below it. */
  readonly siblings: ReadonlyArray<Relative>
}

/** What else of the grant is alive; without a digest everything is below, as it is below the grant. */
export const relativesOf = (slice: Slice, digest: string | undefined): Relatives => {
  const issued = issuedBy(slice)
  const alive = aliveOf(slice)
    .filter((one) => one.digest !== digest)
    .map((one): Relative => {
      const { entry, generation } = issued.get(one.digest)!
      return { ...one, generation, position: entry.position }
    })
  if (digest === undefined) return { descendants: alive, siblings: [] }
  const isBelow = ({ digest: other }: Relative) => isDescendant(issued, other, digest)
  return { descendants: alive.filter(isBelow), siblings: alive.filter((one) => !isBelow(one)) }
}

const isDescendant = (issued: ReadonlyMap<string, Issued>, digest: string, above: string): boolean => {
  const top = issued.get(above)?.entry.position ?? Infinity
  let at = issued.get(digest)
  // Parents have lower positions, so that the walk ends, and need not pass what is asked for.
  while (at !== undefined && at.parent !== null && at.entry.position > top) {
    if (at.parent === above) return true
    const next = issued.get(at.parent)
    if (next !== undefined && next.entry.position >= at.entry.position) return false
    at = next
  }
  return false
}

/** The entries in which a code or token was presented, was answered with, or ended; and those that ended its grant. */
export const presentationsOf = ({ entries }: Slice, digest: string): ReadonlyArray<Recorded> => {
  const own = entries.grant.find(({ event }) => issuedDigest(event) === digest)?.event
  const generation = own !== undefined && "generation" in own ? own.generation : 0
  const isCode = own?._tag === "AuthorizationCodeIssued"
  const isRefresh = own?._tag === "RefreshTokenIssued" || own?._tag === "RefreshTokenRotated"
  return entries.grant.filter(({ event }) => {
    switch (event._tag) {
      case "AuthorizationCodeRedeemed":
      case "AuthorizationCodeReplayed":
      case "AuthorizationCodeAttemptRefused":
        return isCode
      case "RefreshTokenRotated":
        return event.parent === digest
      case "RefreshTokenRetried":
        return (isRefresh && event.generation === generation) || event.accessToken === digest
      case "RefreshTokenReused":
      case "AccessTokenRevoked":
        return event.digest === digest
      case "GrantRevoked":
        return true
      default:
        return false
    }
  })
}
