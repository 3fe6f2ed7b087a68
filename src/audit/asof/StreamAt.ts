/**
 * A stream as of a moment: of a long one, the beginning, the end, and what is asked for between them.
 *
 * The versions of a stream grow with positions of the log, so its length at a moment is found by binary search. A long
 * stream is read to its end only where its state has to be folded; that is done page by page, and the pages are not
 * kept.
 */
import * as Effect from "effect/Effect"
import { evolve, initial, type Event, type State } from "../../core/index.ts"
import type { EventLog, Recorded, StoreFault } from "../../log/index.ts"
import type { ProjectedLog } from "../../projection/index.ts"

/** A stream of at most so many entries is kept whole. */
const WHOLE_ENTRIES = 512
/** Entries kept of the beginning and of the end of a longer one. The end holds more than ten generations. */
const FIRST_ENTRIES = 64
const LAST_ENTRIES = 320

/** How many entries of a stream were among the first `size` of the log. */
export const versionAt = Effect.fnUntraced(function* (
  log: EventLog,
  stream: string,
  size: number,
): Effect.fn.Return<number, StoreFault> {
  const isWithin = (version: number) =>
    Effect.map(log.readStream(stream, version - 1, 1), ([entry]) => entry !== undefined && entry.position < size)
  let high = yield* log.streamVersion(stream)
  if (high === 0 || (yield* isWithin(high))) return high
  let low = 0
  high--
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (yield* isWithin(middle)) low = middle
    else high = middle - 1
  }
  return low
})

/** Entries by their version, each once, in order. */
export const inOrder = (entries: ReadonlyArray<Recorded>): ReadonlyArray<Recorded> => [
  ...new Map(
    entries.toSorted((left, right) => left.version - right.version).map((entry) => [entry.version, entry]),
  ).values(),
]

/** How much is read of a stream: all of it up to so many entries, and of a longer one so many of each end. */
export interface Extent {
  readonly whole: number
  readonly first: number
  readonly last: number
}

/** What explains a thing that was asked about, and what shows only whether it is alive. */
export const telling: Extent = { whole: WHOLE_ENTRIES, first: FIRST_ENTRIES, last: LAST_ENTRIES }
export const brief: Extent = { whole: 32, first: 1, last: 1 }

/** The first and the last entries of the first `count` of a stream, or all where they are few. */
export const readEnds = Effect.fnUntraced(function* (
  log: EventLog,
  stream: string,
  count: number,
  { whole, first, last }: Extent = telling,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  if (count <= whole) return yield* log.readStream(stream, 0, count)
  const beginning = yield* log.readStream(stream, 0, first)
  return [...beginning, ...(yield* log.readStream(stream, count - last, last))]
})

const PAGE = 128

/** Walks entries `after + 1` to `count` of a stream in pages; `visit` ends the walk by saying so. */
export const walkStream = Effect.fnUntraced(function* (
  log: EventLog,
  stream: string,
  after: number,
  count: number,
  visit: (entry: Recorded) => "enough" | void,
): Effect.fn.Return<void, StoreFault> {
  for (let at = after; at < count;) {
    const page = yield* log.readStream(stream, at, Math.min(PAGE, count - at))
    for (const entry of page) if (visit(entry) === "enough") return
    if (page.length === 0) return
    at += page.length
    yield* Effect.yieldNow
  }
})

export const foldOf = (entries: ReadonlyArray<Recorded>): State =>
  entries.reduce<State>((state, { event }) => evolve(state, event), initial)

/** The state that the first `count` entries of a stream fold to. */
export const foldStream = Effect.fnUntraced(function* (
  log: EventLog,
  stream: string,
  count: number,
): Effect.fn.Return<State, StoreFault> {
  let state = initial
  yield* walkStream(log, stream, 0, count, ({ event }) => void (state = evolve(state, event)))
  return state
})

/** Whose stream it is. */
export type Owner = "issuer" | "client" | "subject"

/** The events that raise an epoch. */
export const raising: Readonly<Record<Owner, ReadonlyArray<Event["_tag"]>>> = {
  issuer: ["IssuerEpochRaised"],
  client: ["ClientDeleted"],
  subject: ["SubjectSessionsRevoked", "SubjectDisabled", "SubjectForgotten"],
}

export interface StreamAt {
  /** Oldest first; of a long stream the ends, and what suspends its owner. */
  readonly entries: ReadonlyArray<Recorded>
  /** How many there were. */
  readonly count: number
  readonly state: State
  /** The entry that ended this epoch. It is searched for when this is called. */
  readonly raisedFrom: (epoch: number) => Effect.Effect<Recorded | undefined, StoreFault>
}

export const noStream: StreamAt = { entries: [], count: 0, state: initial, raisedFrom: () => Effect.undefined }

const epochOf = (owner: Owner, { issuer, client, subject }: State): number => {
  if (owner === "subject") return subject.epoch
  if (owner === "client") return client._tag === "Absent" ? 0 : client.epoch
  return issuer._tag === "Initialized" ? issuer.epoch : 0
}

/** The tag of the event that suspends the owner, where it is suspended. */
const suspendedBy = ({ client, subject }: State): Event["_tag"] | undefined => {
  if (client._tag === "Registered" && client.status === "disabled") return "ClientDisabled"
  return subject.status === "disabled" ? "SubjectDisabled" : undefined
}

/** Walks entries `count` down to `after + 1` of a stream in pages; `visit` ends the walk by saying so. */
export const walkBack = Effect.fnUntraced(function* (
  log: EventLog,
  stream: string,
  after: number,
  count: number,
  visit: (entry: Recorded) => "enough" | void,
): Effect.fn.Return<void, StoreFault> {
  for (let end = count; end > after;) {
    const start = Math.max(after, end - PAGE)
    for (const entry of (yield* log.readStream(stream, start, end - start)).toReversed()) {
      if (visit(entry) === "enough") return
    }
    end = start
    yield* Effect.yieldNow
  }
})

/** The newest entry of a type among the first `count`. */
const newestOf = Effect.fnUntraced(function* (log: EventLog, stream: string, count: number, tag: Event["_tag"]) {
  let found: Recorded | undefined
  yield* walkBack(log, stream, 0, count, (entry) => {
    if (entry.event._tag !== tag) return undefined
    found = entry
    return "enough"
  })
  return found
})

/** A stream of a client, a subject or the issuer (whose id is empty) as of the first `size` entries of the log. */
export const streamAt = Effect.fnUntraced(function* (
  log: ProjectedLog,
  owner: Owner,
  id: string,
  size: number,
): Effect.fn.Return<StreamAt, StoreFault> {
  const stream = owner === "issuer" ? owner : `${owner}-${id}`
  const isRaising = ({ event }: Recorded) => raising[owner].includes(event._tag)
  const count = yield* versionAt(log, stream, size)
  const ends = yield* readEnds(log, stream, count)
  if (ends.length === count) {
    const raised = ends.filter(isRaising)
    return { entries: ends, count, state: foldOf(ends), raisedFrom: (epoch) => Effect.succeed(raised[epoch]) }
  }
  const about = { client: { clientId: id }, subject: { subjectId: id }, issuer: {} }[owner]
  const { state: served, versions } = yield* log.rows.slice(about)
  // A subject without events has no row.
  const ofRow = { ...initial, [owner]: served[owner] }
  const state = versions[owner] === count ? ofRow : yield* foldStream(log, stream, count)
  const tag = suspendedBy(state)
  const isTold = tag === undefined || ends.some(({ event }) => event._tag === tag)
  const suspending = isTold ? undefined : yield* newestOf(log, stream, count, tag)
  const raisedFrom = Effect.fnUntraced(function* (epoch: number) {
    let found: Recorded | undefined
    let raisedCount = 0
    if (epoch >= epochOf(owner, state)) return undefined
    yield* walkStream(log, stream, 0, count, (entry) => {
      if (!isRaising(entry) || raisedCount++ < epoch) return undefined
      found = entry
      return "enough"
    })
    return found
  })
  return { entries: inOrder([...ends, ...(suspending === undefined ? [] : [suspending])]), count, state, raisedFrom }
})
