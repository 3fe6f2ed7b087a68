/**
 * Reads entries from SQLite and checks each against its hash, its columns and its neighbours.
 *
 * If an entry was changed, moved or removed, the whole page is refused with a {@link StoreFault} that names the entry.
 */
import * as Result from "effect/Result"
import { isArchived } from "../Retired.ts"
import { present } from "../Follow.ts"
import { hashOfBytes } from "../Merkle.ts"
import { fromStored, type Recorded, type StoredEntry } from "../Recorded.ts"
import type { Row } from "../Rows.ts"
import type { LeavesFrom } from "../Tree.ts"
import { corruptEntry, missingBefore, type Leaf } from "../Walk.ts"
import type { SqliteDriver } from "./Driver.ts"
import { LIMIT } from "./SqliteRows.ts"

/** What a {@link StoredEntry} is made of. */
export const SELECT = "SELECT position, stream, version, recorded_at AS recordedAt, bytes, leaf FROM entries"

export interface Entries {
  /** One item for each position: `undefined` where the entry is in an archive. */
  readonly page: (position: number, limit?: number) => ReadonlyArray<Recorded | undefined>
  readonly ofStream: (stream: string, afterVersion: number, limit: number) => ReadonlyArray<Recorded>
  readonly at: (position: number) => Recorded | undefined
  /** As stored, right or wrong, like what follows. */
  readonly leavesFrom: LeavesFrom
  readonly leafPage: (position: number, limit: number) => ReadonlyArray<Leaf>
  readonly stored: (position: number, limit: number) => ReadonlyArray<StoredEntry>
  /** Those at a position of the log, by stream and version, behind the one at `behind`. */
  readonly byStream: (behind: number | undefined, limit: number) => ReadonlyArray<StoredEntry>
}

export const storedFrom = (row: Row): StoredEntry => {
  const found = row as unknown as Omit<StoredEntry, "leaf"> & { readonly leaf: Uint8Array }
  const { position, stream, version, recordedAt, bytes, leaf } = found
  return { position, stream, version, recordedAt, bytes, leaf: hashOfBytes(leaf) }
}

export const decodeEntry = (row: Row): Recorded => Result.getOrThrowWith(fromStored(storedFrom(row)), corruptEntry)

/**
 * Decodes rows whose `column` must count up from `first`, because positions and versions have no gaps; `undefined` where
 * the entry is in an archive.
 */
export const decodeSequence = (rows: ReadonlyArray<Row>, column: "position" | "version", first: number) =>
  rows.map((row, index) => {
    if (row[column] !== first + index) throw missingBefore(Number(row["position"]))
    return isArchived(row as unknown as StoredEntry) ? undefined : decodeEntry(row)
  })

const beforeAll: Row = { name: "", version: Number.MIN_SAFE_INTEGER }

export const entriesOver = (driver: SqliteDriver): Entries => {
  const page = driver.prepare(`${SELECT} WHERE position >= ? ORDER BY position ${LIMIT}`)
  const ofStream = driver.prepare(`${SELECT} WHERE stream = ? AND version > ? ORDER BY version ${LIMIT}`)
  const at = driver.prepare(`${SELECT} WHERE position = ?`)
  const leaves = driver.prepare("SELECT leaf FROM entries WHERE position >= ? AND position < ? ORDER BY position")
  const leafPage = driver.prepare(
    `SELECT position, recorded_at AS recordedAt, leaf FROM entries WHERE position >= ? ORDER BY position ${LIMIT}`,
  )
  // The name is passed as bytes in both directions, because malformed text would come back changed.
  const placeOf = driver.prepare("SELECT CAST(stream AS BLOB) AS name, version FROM entries WHERE position = ?")
  const byStream = driver.prepare(
    `${SELECT} WHERE (stream, version) > (CAST(? AS TEXT), ?) AND position >= 0 ORDER BY stream, version ${LIMIT}`,
  )
  return {
    page: (position, limit = 512) => decodeSequence(page.all(position, limit), "position", position),
    ofStream: (stream, afterVersion, limit) =>
      present(decodeSequence(ofStream.all(stream, afterVersion, limit), "version", afterVersion + 1)),
    at: (position) => {
      const row = at.get(position)
      return row === undefined ? undefined : decodeEntry(row)
    },
    leavesFrom: (position, count) =>
      leaves.all(position, position + count).map((row) => hashOfBytes(row["leaf"] as Uint8Array)),
    leafPage: (position, limit) =>
      leafPage.all(position, limit).map((row) => ({
        position: Number(row["position"]),
        recordedAt: Number(row["recordedAt"]),
        leaf: hashOfBytes(row["leaf"] as Uint8Array),
      })),
    stored: (position, limit) => page.all(position, limit).map(storedFrom),
    byStream: (behind, limit) => {
      const { name, version } = (behind === undefined ? undefined : placeOf.get(behind)) ?? beforeAll
      return byStream.all(name!, version!, limit).map(storedFrom)
    },
  }
}
