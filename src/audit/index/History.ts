/**
 * History: the entries about something, a page at a time, and then new ones as they are appended.
 *
 * The index finds their positions; the entries are read from the log.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Recorded, StoreFault } from "../../log/index.ts"
import type { Audit } from "./AuditIndex.ts"
import type { HistoryQuery } from "./HistoryQuery.ts"

/** A page of entries, and where the pages beside it begin. */
export interface HistoryPage {
  /** By default the newest first. */
  readonly entries: ReadonlyArray<Recorded>
  /** How many of the page are in archives, and so are not among the entries. */
  readonly archivedCount: number
  /** Where older entries begin, or `undefined` if there are none. */
  readonly before: number | undefined
  /** Where newer entries begin, or `undefined` if there are none. */
  readonly after: number | undefined
}

/** Which page: the one next to `before` or `after`, and without either the beginning of the list. */
export interface HistoryPageQuery extends Omit<HistoryQuery, "isNewestFirst"> {
  /** Only what is older than the entry at this position. */
  readonly before?: number | undefined
  /** Only what is newer than the entry at this position. */
  readonly after?: number | undefined
  /** Whether the list begins with the oldest entry; default `false`. */
  readonly isOldestFirst?: boolean
}

/** The entries at these positions, which are in ascending order, but for those in archives. Neighbours are read together. */
const entriesAt = Effect.fnUntraced(function* (
  { log }: Pick<Audit, "log">,
  positions: ReadonlyArray<number>,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  const entries: Array<Recorded> = []
  for (let start = 0; start < positions.length;) {
    const first = positions[start]!
    const gap = positions.findIndex((position, index) => index > start && position !== first + index - start)
    const end = gap === -1 ? positions.length : gap
    entries.push(...(yield* log.readAll(first, end - start)))
    start = end
  }
  return entries
})

/** One page. The index must have reached `query.to`. */
export const historyPage = Effect.fnUntraced(function* (
  audit: Audit,
  { before, after, isOldestFirst = false, ...query }: HistoryPageQuery,
): Effect.fn.Return<HistoryPage, StoreFault> {
  const { index } = audit
  const from = Math.max(query.from, after === undefined ? 0 : after + 1)
  const to = Math.min(query.to, before ?? query.to)
  const isUpwards = (before === undefined) === (after === undefined) ? isOldestFirst : before === undefined
  const found = yield* index.positions({ ...query, from, to, isNewestFirst: !isUpwards })
  const positions = isUpwards ? found : found.toReversed()
  const [oldest, newest] = [positions[0] ?? from, positions.at(-1) ?? to - 1]
  const entries = yield* entriesAt(audit, positions)
  const older = yield* index.positions({ ...query, to: oldest, limit: 1 })
  const newer = yield* index.positions({ ...query, from: newest + 1, limit: 1 })
  return {
    entries: isOldestFirst ? entries : entries.toReversed(),
    archivedCount: positions.length - entries.length,
    before: older.length > 0 ? oldest : undefined,
    after: newer.length > 0 ? newest : undefined,
  }
})

type Followed = Omit<HistoryQuery, "to" | "limit">

const FOLLOWED_PAGE = 256

/** The entries that exist already, page by page. */
const pastOf = (audit: Audit, query: Followed, to: number): Stream.Stream<Recorded, StoreFault> =>
  Stream.unfold<number | undefined, ReadonlyArray<Recorded>, StoreFault, never>(query.from, (from) =>
    from === undefined
      ? Effect.succeed(undefined)
      : Effect.map(
          historyPage(audit, { ...query, from, to, limit: FOLLOWED_PAGE, isOldestFirst: true }),
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

/** The entries about it from `query.from` on, including those that are appended later, by any process. Never ends. */
export const followHistory = (audit: Audit, query: Followed): Stream.Stream<Recorded, StoreFault> =>
  Stream.unwrap(
    Effect.map(audit.index.catchUp(), (size) =>
      Stream.concat(pastOf(audit, query, size), comingOf(audit, query, Math.max(size, query.from))),
    ),
  )
