/**
 * A stream as of a moment, of which no more is kept than is told: of a long one the beginning, the end, and what is
 * asked for between.
 *
 * Versions of a stream count up with positions of the log, so that how long it was is found by halving. A long stream
 * is read to its end only where its state has to be folded, in slices, and what goes by is not kept.
 */
import { Effect } from "effect"
import { evolve, initial, type Event, type State } from "../core/index.ts"
import type { EventLog, Recorded, StoreFault } from "../log/index.ts"

/** Entries of a stream up to which all of them are kept. */
export const WHOLE_ENTRIES = 512
/** Entries of the beginning and of the end of a longer one: the end has more than ten generations in it. */
export const FIRST_ENTRIES = 64
export const LAST_ENTRIES = 320

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

/** The first and the last entries of the first `count` of a stream, or all where they are few. */
export const readEnds = Effect.fnUntraced(function* (
  log: EventLog,
  stream: string,
  count: number,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  if (count <= WHOLE_ENTRIES) return yield* log.readStream(stream, 0, count)
  const first = yield* log.readStream(stream, 0, FIRST_ENTRIES)
  return [...first, ...(yield* log.readStream(stream, count - LAST_ENTRIES, LAST_ENTRIES))]
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

export interface StreamAt {
  /** Oldest first; of a long stream the ends, and the last entry of each type. */
  readonly entries: ReadonlyArray<Recorded>
  /** How many there were. */
  readonly count: number
  readonly state: State
  /** Positions of the entries that raised an epoch, oldest first. */
  readonly raisedAt: ReadonlyArray<number>
}

export const noStream: StreamAt = { entries: [], count: 0, state: initial, raisedAt: [] }

/** A stream of a client, a subject or the issuer as of the first `size` entries of the log. */
export const streamAt = Effect.fnUntraced(function* (
  log: EventLog,
  stream: string,
  size: number,
  raising: ReadonlyArray<Event["_tag"]>,
): Effect.fn.Return<StreamAt, StoreFault> {
  const count = yield* versionAt(log, stream, size)
  const ends = yield* readEnds(log, stream, count)
  const lastOfType = new Map<string, Recorded>()
  const raisedAt: Array<number> = []
  let state = initial
  const visit = (entry: Recorded): void => {
    state = evolve(state, entry.event)
    lastOfType.set(entry.event._tag, entry)
    if (raising.includes(entry.event._tag)) raisedAt.push(entry.position)
  }
  if (ends.length === count) ends.forEach(visit)
  else yield* walkStream(log, stream, 0, count, visit)
  return { entries: inOrder([...ends, ...lastOfType.values()]), count, state, raisedAt }
})
