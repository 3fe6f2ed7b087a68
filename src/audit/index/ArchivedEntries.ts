/**
 * Taking into the index what an archive has and the log has no more.
 *
 * An index that had come to the entries before they were taken out has them already. One that is made anew finds only
 * their places, and gets the rest from the archive, once; a bookmark says so. Only whole streams are archived, so it does
 * not matter in which order streams are taken in.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fromStored, StoreFault, within, type ArchiveFile, type RowWriter, type SqliteDriver } from "../../log/index.ts"
import { indexEntry } from "./AuditRows.ts"
import { bookmarkTable, entryTable } from "./AuditTables.ts"

export interface OpenedIndex {
  readonly driver: SqliteDriver
  readonly rows: RowWriter
  /** Waits for other processes. */
  readonly attempt: <A>(body: () => A) => Effect.Effect<A, StoreFault>
}

/** Entries of one transaction. */
const PAGE = 64

const corrupt = (message: string) => new StoreFault({ reason: "corrupt", message })

export const takeArchive = Effect.fnUntraced(function* (
  { driver, rows, attempt }: OpenedIndex,
  name: string,
  archive: Pick<ArchiveFile, "stored">,
): Effect.fn.Return<void, StoreFault> {
  const bookmark = `archive ${name}`
  if ((yield* attempt(() => rows.get(bookmarkTable, [bookmark]))) !== undefined) return
  const lacks = (position: number) => rows.get(entryTable, [position]) === undefined
  let size = 0
  for (;;) {
    const page = archive.stored(size, PAGE)
    const last = page.at(-1)
    if (last === undefined) break
    yield* attempt(() =>
      within(driver, () => {
        for (const stored of page.filter(({ position }) => lacks(position))) {
          indexEntry(rows, Result.getOrThrowWith(fromStored(stored), corrupt))
        }
      }),
    )
    size = last.position + 1
    yield* Effect.yieldNow
  }
  yield* attempt(() => within(driver, () => rows.put(bookmarkTable, { name: bookmark, size, leaf: "" })))
})
