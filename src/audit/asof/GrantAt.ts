/**
 * A grant's stream as of a moment: its state, and those of its entries that tell how it stands.
 *
 * Of a short one these are all. A grant may be refreshed for years; of a long one they are the beginning, the end, what
 * stands around the token that is asked about and around one that was stolen, and the issue of everything alive. Its
 * state is then that of its row, if the row is of that moment, and else is folded in pages. So what is read of a grant
 * does not grow with it.
 */
import * as Effect from "effect/Effect"
import { evolve, initial, issuedDigest, type Grant } from "../../core/index.ts"
import type { Recorded, StoreFault } from "../../log/index.ts"
import type { ProjectedLog } from "../../projection/index.ts"
import type { AuditIndex } from "../index/AuditIndex.ts"
import { brief, foldOf, foldStream, inOrder, readEnds, telling, versionAt, walkBack, walkStream } from "./StreamAt.ts"

/** What the index knows of where tokens begin and end; where it has not come, that is looked for in the stream. */
export type TokenIndex = Pick<AuditIndex, "endsOf" | "issuesOf" | "size">

export interface GrantAt {
  /** Oldest first. */
  readonly entries: ReadonlyArray<Recorded>
  /** How many there were. */
  readonly count: number
  readonly grant: Grant
}

/** Entries before and behind one that issued something: a generation has 27 at most, with its retries and ends. */
const BEFORE = 128
const BEHIND = 64

/** What has to be read, and of what. */
interface Reading {
  readonly log: ProjectedLog
  readonly stream: string
  readonly size: number
  readonly count: number
  readonly index: TokenIndex | undefined
}

/** The entries that issued these, as far as this grant did by then; `read` are some of it that are at hand. */
const issuesOf = Effect.fnUntraced(function* (
  { log, stream, count, index }: Reading,
  digests: ReadonlyArray<string>,
  read: ReadonlyArray<Recorded>,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  const missing = new Set(digests)
  const found = read.filter(({ event }) => missing.delete(issuedDigest(event) ?? ""))
  for (const entry of index === undefined ? [] : yield* index.issuesOf([...missing])) {
    missing.delete(issuedDigest(entry.event)!)
    if (entry.stream === stream && entry.version <= count) found.push(entry)
  }
  if (missing.size === 0) return found
  const knownCount = index === undefined ? 0 : yield* versionAt(log, stream, yield* index.size)
  yield* walkBack(log, stream, knownCount, count, (entry) => {
    if (!missing.delete(issuedDigest(entry.event) ?? "")) return undefined
    found.push(entry)
    return missing.size === 0 ? "enough" : undefined
  })
  return found
})

const around = ({ log, stream, count }: Reading, { version }: Recorded) => {
  const first = Math.max(0, version - 1 - BEFORE)
  return log.readStream(stream, first, Math.min(count, version + BEHIND) - first)
}

const stateOf = Effect.fnUntraced(function* (
  { log, stream, count }: Reading,
  grantId: string,
  ends: ReadonlyArray<Recorded>,
): Effect.fn.Return<Grant, StoreFault> {
  const [first, last] = [ends[0]!, ends.at(-1)!]
  // Nothing follows an end, and nothing before it is left.
  if (last.event._tag === "GrantRevoked")
    return [first, last].reduce((state, { event }) => evolve(state, event), initial).grant
  const row = yield* log.rows.grant(grantId)
  return row.version === count ? row.state : (yield* foldStream(log, stream, count)).grant
})

/** Digests of what a grant has that is not spent, alive or not. */
const unspent = (grant: Grant): ReadonlyArray<string> => {
  if (grant._tag !== "Open") return []
  const code = grant.code?.redeemedAt === null ? grant.code : undefined
  return [code, grant.refresh?.current, ...grant.accessTokens].flatMap((one) => (one ? [one.digest] : []))
}

/** The entries by which access tokens of these entries ended, wherever they stand. */
const endingsOf = Effect.fnUntraced(function* (
  reading: Reading,
  entries: ReadonlyArray<Recorded>,
  asked: string | undefined,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  const { log, stream, size, count, index } = reading
  const issues = entries.filter(({ event }) => event._tag === "AccessTokenIssued")
  const digests = issues.flatMap(({ event }) => issuedDigest(event) ?? [])
  const found: Array<Recorded> = []
  for (const position of index === undefined ? [] : yield* index.endsOf(digests)) {
    if (position < size) found.push(...(yield* log.readAll(position, 1)))
  }
  const isKnown = index !== undefined && (yield* index.size) >= size
  const issue = issues.find(({ event }) => issuedDigest(event) === asked)
  if (isKnown || issue === undefined) return found
  yield* walkStream(log, stream, issue.version, count, (entry) => {
    if (entry.event._tag !== "AccessTokenRevoked" || entry.event.digest !== asked) return undefined
    found.push(entry)
    return "enough"
  })
  return found
})

export interface GrantReading {
  /** A code or token of the grant that is asked about. */
  readonly asked?: string | undefined
  readonly index?: TokenIndex | undefined
  /** Whether only what is alive is asked for, as of many grants at once. */
  readonly isBrief?: boolean | undefined
}

/** The first `size` entries of the log are what there is. */
export const grantAt = Effect.fnUntraced(function* (
  log: ProjectedLog,
  grantId: string,
  size: number,
  { asked, index, isBrief = false }: GrantReading = {},
): Effect.fn.Return<GrantAt, StoreFault> {
  const stream = `grant-${grantId}`
  const count = yield* versionAt(log, stream, size)
  const reading = { log, stream, size, count, index }
  const extent = isBrief ? brief : telling
  const outer = yield* readEnds(log, stream, count, extent)
  if (count <= extent.whole) return { entries: outer, count, grant: foldOf(outer).grant }

  const grant = yield* stateOf(reading, grantId, outer)
  const stolen = isBrief
    ? []
    : outer.flatMap(({ event }) => (event._tag === "RefreshTokenReused" ? [event.digest] : []))
  const inner: Array<Recorded> = []
  const told = [...new Set([...stolen, ...(asked === undefined ? [] : [asked])])]
  for (const issue of yield* issuesOf(reading, told, outer)) inner.push(...(yield* around(reading, issue)))
  inner.push(...(yield* issuesOf(reading, unspent(grant), [...outer, ...inner])))
  const entries = inOrder([...outer, ...inner])
  const endings = isBrief ? [] : yield* endingsOf(reading, entries, asked)
  return { entries: inOrder([...entries, ...endings]), count, grant }
})
