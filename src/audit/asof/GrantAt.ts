/**
 * A grant's stream as of a moment: its state, and those of its entries that show how it stands.
 *
 * Of a short stream these are all entries. A grant may be refreshed for years; of a long stream they are the beginning,
 * the end, the entries around the token that was asked about and around one that was stolen, and the entries that
 * issued what is alive. The state of a long grant is taken from its row if the row is of that moment; otherwise the
 * stream is folded page by page. So the cost of reading a grant does not grow with its age.
 */
import * as Effect from "effect/Effect"
import { evolve, initial, issuedDigest, type Grant } from "../../core/index.ts"
import { askedDigest } from "./AskedDigest.ts"
import type { Recorded, StoreFault } from "../../log/index.ts"
import type { ProjectedLog } from "../../projection/index.ts"
import type { AuditIndex } from "../index/AuditIndex.ts"
import { brief, foldOf, foldStream, inOrder, readEnds, telling, versionAt, walkBack, walkStream } from "./StreamAt.ts"

/**
 * What the index knows of where tokens begin and end. For entries that the index does not have yet, the stream is
 * searched.
 */
export type TokenIndex = Pick<AuditIndex, "endsOf" | "issuesOf" | "size">

export interface GrantAt {
  /** Oldest first. */
  readonly entries: ReadonlyArray<Recorded>
  /** How many there were. */
  readonly count: number
  readonly grant: Grant
}

/** Entries read before and after one that issued something. A generation has at most 27, with its retries and ends. */
const BEFORE = 128
const BEHIND = 64

/** The stream that is read, and how much of it. */
interface Reading {
  readonly log: ProjectedLog
  readonly stream: string
  readonly size: number
  readonly count: number
  readonly index: TokenIndex | undefined
}

/**
 * The entries by which this grant had issued these digests by then; `read` are entries of it that were read already.
 */
const issuesOf = Effect.fnUntraced(function* (
  { log, stream, count, index }: Reading,
  digests: ReadonlyArray<string>,
  read: ReadonlyArray<Recorded>,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  const missing = new Set(digests)
  const found = read.filter(({ event }) => missing.delete(askedDigest(event) ?? ""))
  for (const entry of index === undefined ? [] : yield* index.issuesOf([...missing])) {
    missing.delete(askedDigest(entry.event)!)
    if (entry.stream === stream && entry.version <= count) found.push(entry)
  }
  if (missing.size === 0) return found
  const knownCount = index === undefined ? 0 : yield* versionAt(log, stream, yield* index.size)
  yield* walkBack(log, stream, knownCount, count, (entry) => {
    if (!missing.delete(askedDigest(entry.event) ?? "")) return undefined
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
  // A revocation is the last event of a grant, and nothing from before it is alive.
  if (last.event._tag === "GrantRevoked")
    return [first, last].reduce((state, { event }) => evolve(state, event), initial).grant
  const row = yield* log.rows.grant(grantId)
  return row.version === count ? row.state : (yield* foldStream(log, stream, count)).grant
})

/** Digests of what a grant has issued and not spent, whether it is alive or expired. */
const unspent = (grant: Grant): ReadonlyArray<string> => {
  if (grant._tag !== "Open") return []
  const code = grant.code?.redeemedAt === null ? grant.code : undefined
  return [code, grant.refresh?.current, ...grant.accessTokens].flatMap((one) => (one ? [one.digest] : []))
}

/** The entries that ended access tokens issued by these entries, wherever in the stream they are. */
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
  /** Whether only what is alive matters, as when many grants are read at once. */
  readonly isBrief?: boolean | undefined
}

/** A grant as of the first `size` entries of the log. */
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
