/**
 * Taking into the index what was out of reach when it came to it, in an archive that nobody had named.
 *
 * An index that had come to the entries before they were taken out has them already. One that is made anew with the
 * archives at hand reads them as it reads the log. Where it finds only the places, it notes the first of each archive, and
 * whoever asks with that archive has the rest taken in, once. All of it is read through the log, and so each entry is held
 * against the leaf that the log has kept. Only whole streams are archived: the order in which streams come does not matter.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  fromStored,
  isArchived,
  within,
  type EventLog,
  type Row,
  type RowWriter,
  type SqliteDriver,
  type StoredEntry,
  type StoreFault,
} from "../../log/index.ts"
import { corrupt } from "./Corrupt.ts"
import { indexEntry } from "./AuditRows.ts"
import { bookmarkTable, entryTable } from "./AuditTables.ts"

export interface OpenedIndex {
  /** Where archives are at hand, the log together with them. */
  readonly log: Pick<EventLog, "head" | "readStored">
  readonly driver: SqliteDriver
  readonly rows: RowWriter
  /** Waits for other processes. */
  readonly attempt: <A>(body: () => A) => Effect.Effect<A, StoreFault>
}

/** Bookmarks of what is lacking: at the first entry of an archive. */
const LACKING = "lacking "

/** Notes that an entry was out of reach; within a transaction of the caller. */
export const noteLacking = (rows: RowWriter, { stream, position }: StoredEntry): void => {
  const name = `${LACKING}${stream}`
  if (rows.get(bookmarkTable, [name]) === undefined) rows.put(bookmarkTable, { name, size: position, leaf: "" })
}

const positionOf = (row: Row): number => Number(row["size"])

/** Takes in what the index lacks of the first `size` entries, as far as it is at hand. */
export const takeLacking = Effect.fnUntraced(function* (
  { log, driver, rows, attempt }: OpenedIndex,
  size: number,
  pageSize: number,
  between: Effect.Effect<void>,
): Effect.fn.Return<void, StoreFault> {
  const isLacking = (row: Row) => String(row["name"]).startsWith(LACKING)
  const reached: Array<Row> = []
  for (const row of (yield* attempt(() => rows.list(bookmarkTable, {}))).filter(isLacking)) {
    const [first] = yield* log.readStored(positionOf(row), 1)
    if (first !== undefined && !isArchived(first)) reached.push(row)
  }
  const isThere = ({ name }: Row) => rows.get(bookmarkTable, [name!]) !== undefined
  const lacks = ({ position }: StoredEntry) => rows.get(entryTable, [position]) === undefined
  for (let position = Math.min(size, ...reached.map(positionOf)); position < size;) {
    const page = yield* log.readStored(position, Math.min(pageSize, size - position))
    const present = page.filter((stored) => !isArchived(stored))
    yield* attempt(() =>
      within(driver, () => {
        // Another process may have taken it in meanwhile, or begun anew.
        if (!reached.every(isThere)) return
        for (const stored of present.filter(lacks)) {
          indexEntry(rows, Result.getOrThrowWith(fromStored(stored), corrupt))
        }
      }),
    )
    position = (page.at(-1)?.position ?? size) + 1
    yield* between
  }
  if (reached.length === 0) return
  yield* attempt(() => within(driver, () => reached.forEach(({ name }) => rows.delete(bookmarkTable, [name!]))))
})
