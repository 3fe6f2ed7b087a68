/**
 * Bringing the audit index up to date, a page of entries in a transaction, from its bookmark to the end of the log.
 *
 * Each page rewrites as many pages of the file as its ids are scattered over. So who has nobody to let in between takes
 * in thousands of entries together; and an index that is begun like that has no indexes beside its tables until all is
 * in, for sorting them once is cheaper than a million insertions. Without them every answer is the same, only later.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fromStored, isArchived, within, type StoredEntry, type StoreFault } from "../../log/index.ts"
import { noteLacking, takeLacking, type OpenedIndex } from "./ArchivedEntries.ts"
import { dropIndexes, emptyFile, makeIndexes } from "./AuditFile.ts"
import { indexEntry } from "./AuditRows.ts"
import { bookmarkTable } from "./AuditTables.ts"
import { corrupt } from "./Corrupt.ts"

/** Entries of one page where others are answered between two. */
const PAGE = 64

/** How far the index has come, and the leaf of the last entry that it took in. */
export interface Bookmark {
  readonly size: number
  readonly leaf: string
}

const atTheBeginning: Bookmark = { size: 0, leaf: "" }

export const readBookmark = ({ rows }: Pick<OpenedIndex, "rows">): Bookmark => {
  const row = rows.get(bookmarkTable, ["log"])
  return row === undefined ? atTheBeginning : { size: Number(row["size"]), leaf: String(row["leaf"]) }
}

export interface CatchUpOptions {
  readonly onProgress?: ((entryCount: number, size: number) => void) | undefined
  readonly between?: Effect.Effect<void> | undefined
  readonly pageSize?: number | undefined
}

/** Gives how many entries the index has then. */
export const catchUp = Effect.fnUntraced(function* (
  opened: OpenedIndex,
  { onProgress = () => {}, between = Effect.yieldNow, pageSize = PAGE }: CatchUpOptions,
): Effect.fn.Return<number, StoreFault> {
  const { log, driver, rows, attempt } = opened

  const isAsRead = ({ size, leaf }: Bookmark): boolean => {
    const now = readBookmark(opened)
    return now.size === size && now.leaf === leaf
  }

  /** Takes in one page, if no other process has done so meanwhile. */
  const takeIn = (before: Bookmark, entries: ReadonlyArray<StoredEntry>): void =>
    within(driver, () => {
      const last = entries.at(-1)
      if (last === undefined || !isAsRead(before)) return
      if (before.size === 0 && entries.length > PAGE) dropIndexes(driver)
      entries.forEach((stored, index) => {
        if (stored.position !== before.size + index) throw corrupt(`entry ${before.size + index} is missing`)
        if (isArchived(stored)) noteLacking(rows, stored)
        else indexEntry(rows, Result.getOrThrowWith(fromStored(stored), corrupt))
      })
      rows.put(bookmarkTable, { name: "log", size: last.position + 1, leaf: last.leaf })
    })

  const startAnew = (before: Bookmark): void =>
    within(driver, () => {
      if (isAsRead(before)) emptyFile(driver)
    })

  for (;;) {
    const before = yield* attempt(() => readBookmark(opened))
    const from = Math.max(0, before.size - 1)
    const knownCount = before.size - from
    const page = yield* log.readStored(from, knownCount + pageSize)
    const fresh = page.slice(knownCount)
    const isKnown = knownCount === 0 || (page[0]?.position === from && page[0].leaf === before.leaf)
    if (!isKnown) yield* attempt(() => startAnew(before))
    else if (fresh.length > 0) {
      yield* attempt(() => takeIn(before, fresh))
      onProgress(before.size + fresh.length, (yield* log.head).size)
      yield* between
    } else {
      yield* takeLacking(opened, before.size, pageSize, between)
      yield* attempt(() => makeIndexes(driver))
      return before.size
    }
  }
})
