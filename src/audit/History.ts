/**
 * History: the entries that are about something, a page at a time, and then as they come.
 *
 * The index says which, the log says what.
 */
import { Effect, Stream } from "effect"
import type { Recorded, StoreFault } from "../log/index.ts"
import type { Audit } from "./Explain.ts"
import type { HistoryQuery } from "./HistoryQuery.ts"

export interface HistoryPage {
  readonly entries: ReadonlyArray<Recorded>
  /** Where to go on: the last position of the page; `undefined` when that was all. */
  readonly after: number | undefined
}

/** The entries at these positions, in their order, which is up or down; neighbours upwards are read together. */
const entriesAt = Effect.fnUntraced(function* (
  { log }: Audit,
  positions: ReadonlyArray<number>,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  const entries: Array<Recorded> = []
  while (entries.length < positions.length) {
    const start = entries.length
    const first = positions[start]!
    const gap = positions.findIndex((position, index) => index > start && position !== first + index - start)
    entries.push(...(yield* log.readAll(first, (gap === -1 ? positions.length : gap) - start)))
  }
  return entries
})

/** One page; the index has to have come at least to `query.to`. */
export const historyPage = Effect.fnUntraced(function* (
  audit: Audit,
  query: HistoryQuery,
): Effect.fn.Return<HistoryPage, StoreFault> {
  const found = yield* audit.index.positions({ ...query, limit: query.limit + 1 })
  const positions = found.slice(0, query.limit)
  return {
    entries: yield* entriesAt(audit, positions),
    after: found.length > query.limit ? positions.at(-1) : undefined,
  }
})

type Followed = Omit<HistoryQuery, "to" | "limit">

const FOLLOWED_PAGE = 256

/** What there is already, page by page. */
const pastOf = (audit: Audit, query: Followed, to: number): Stream.Stream<Recorded, StoreFault> =>
  Stream.unfold<number | undefined, ReadonlyArray<Recorded>, StoreFault, never>(query.from, (from) =>
    from === undefined
      ? Effect.succeed(undefined)
      : Effect.map(
          historyPage(audit, { ...query, from, to, limit: FOLLOWED_PAGE }),
          ({ entries, after }) => [entries, after === undefined ? undefined : after + 1] as const,
        ),
  ).pipe(Stream.flattenIterable)

const comingOf = ({ log, index }: Audit, query: Followed, start: number): Stream.Stream<Recorded, StoreFault> =>
  Stream.filterEffect(log.subscribe(start), ({ position }) =>
    Effect.andThen(
      index.catchUp(),
      Effect.map(
        index.positions({ ...query, from: position, to: position + 1, limit: 1 }),
        (positions) => positions.length > 0,
      ),
    ),
  )

/** What is about it from `query.from` on, also what comes later and from other processes. Never ends. */
export const followHistory = (audit: Audit, query: Followed): Stream.Stream<Recorded, StoreFault> =>
  Stream.unwrap(
    Effect.map(audit.index.catchUp(), (size) =>
      Stream.concat(pastOf(audit, query, size), comingOf(audit, query, Math.max(size, query.from))),
    ),
  )
