/**
 * Where a code or token came from, and what came of it: the lineage that a grant's events name.
 *
 * A code is generation 0. Each refresh token takes the place of the one before it, and names its generation.
 */
import { issuedDigest } from "../../core/index.ts"
import type { Recorded } from "../../log/index.ts"
import type { StateAt } from "../asof/StateAt.ts"
import { aliveOf, type LiveCredential } from "../asof/Standing.ts"

/** Something alive that has the same grant as what was asked about, or one that came of that. */
export interface Relative extends LiveCredential {
  /** How many refreshes led to it; 0 for what came with the code. */
  readonly generation: number
  /** The position of the entry that issued it. */
  readonly position: number
  /** The grant that it is of and the client of that, where a token was exchanged for it. */
  readonly grantId?: string
  /** The client of that grant. */
  readonly clientId?: string
}

interface Issued {
  readonly entry: Recorded
  readonly generation: number
}

/** What the grant had issued by then, by digest. */
const issuedBy = ({ entries }: StateAt): ReadonlyMap<string, Issued> => {
  const issued = new Map<string, Issued>()
  for (const entry of entries.grant) {
    const { event } = entry
    const digest = issuedDigest(event)
    if (digest !== undefined) issued.set(digest, { entry, generation: "generation" in event ? event.generation : 0 })
  }
  return issued
}

/** When in the life of the grant each thing was issued, and whether more of the grant came of it; by digest. */
export const generationsOf = (
  stateAt: StateAt,
): ReadonlyMap<string, { readonly generation: number; readonly position: number; readonly isTrunk: boolean }> =>
  new Map(
    [...issuedBy(stateAt)].map(([digest, { entry, generation }]) => [
      digest,
      { generation, position: entry.position, isTrunk: isTrunk(entry) },
    ]),
  )

/** How many generations are shown at each end of a long ancestry. */
const SHOWN_GENERATIONS = 4

export interface Ancestry {
  readonly entries: ReadonlyArray<Recorded>
  /** How many generations in between are left out. */
  readonly untoldCount: number
}

/** The code and the refresh tokens: each but the first takes the place of the one before it. */
const isTrunk = ({ event }: Recorded): boolean =>
  event._tag === "AuthorizationCodeIssued" ||
  event._tag === "RefreshTokenIssued" ||
  event._tag === "RefreshTokenRotated"

/** The entries that lead to a token: the approval, the code, its redemption, generations, the token itself. */
export const ancestryOf = (stateAt: StateAt, digest: string): Ancestry => {
  const issued = issuedBy(stateAt)
  const own = issued.get(digest)
  if (own === undefined) return { entries: [], untoldCount: 0 }
  const generationOf = ({ event }: Recorded) => ("generation" in event ? event.generation : 0)
  // INVARIANT: a grant has one refresh token of each generation (RotationIsLinear), so those before are all above.
  const above = stateAt.entries.grant.filter((entry) => isTrunk(entry) && generationOf(entry) < own.generation)
  const kept = new Set([...above.slice(0, SHOWN_GENERATIONS), ...above.slice(-SHOWN_GENERATIONS)])
  const wasRedeemed = above.length > 0
  const entries = stateAt.entries.grant.filter(
    (entry) =>
      entry === own.entry ||
      entry.event._tag === "GrantOpened" ||
      kept.has(entry) ||
      (wasRedeemed && entry.event._tag === "AuthorizationCodeRedeemed"),
  )
  const first = above[0]
  return { entries, untoldCount: first === undefined ? 0 : own.generation - generationOf(first) - kept.size }
}

export interface Relatives {
  /** What is alive and descends from it, over any number of generations. */
  readonly descendants: ReadonlyArray<Relative>
  /** What is alive, has the same grant, and does not descend from it. */
  readonly siblings: ReadonlyArray<Relative>
}

/** What else of the grant is alive. Without a digest, everything descends from the grant. */
export const relativesOf = (stateAt: StateAt, digest: string | undefined): Relatives => {
  const issued = issuedBy(stateAt)
  const alive = aliveOf(stateAt)
    .filter((one) => one.digest !== digest)
    .flatMap((one): ReadonlyArray<Relative> => {
      const found = issued.get(one.digest)
      return found === undefined ? [] : [{ ...one, generation: found.generation, position: found.entry.position }]
    })
  if (digest === undefined) return { descendants: alive, siblings: [] }
  const own = issued.get(digest)
  // INVARIANT: as above: what has a later generation descends from this one. Nothing comes of an access token.
  const isAbove = own !== undefined && isTrunk(own.entry)
  const isBelow = ({ generation }: Relative) => isAbove && generation > own.generation
  return { descendants: alive.filter(isBelow), siblings: alive.filter((one) => !isBelow(one)) }
}

/** The entries in which a code or token was presented, given as an answer, or ended, and those that ended its grant. */
export const presentationsOf = ({ entries }: StateAt, digest: string): ReadonlyArray<Recorded> => {
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
