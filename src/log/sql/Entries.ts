/**
 * Entries in SQLite, as they are read: each checked against its hash, its columns and its neighbours.
 *
 * An entry that somebody changed, moved or took out is a {@link StoreFault} that names it; the others of the page are
 * not given out without it.
 */
import { Result } from "effect"
import { StoreFault } from "../EventLog.ts"
import { hashOfBytes } from "../Merkle.ts"
import { fromStored, type Recorded, type StoredEntry } from "../Recorded.ts"
import type { Row } from "../Rows.ts"
import type { LeavesFrom } from "../Tree.ts"
import type { SqliteDriver } from "./Driver.ts"

const SELECT = "SELECT position, stream, version, recorded_at AS recordedAt, bytes, leaf FROM entries"

export interface Entries {
  readonly page: (position: number, limit?: number) => ReadonlyArray<Recorded>
  readonly ofStream: (stream: string, afterVersion: number, limit: number) => ReadonlyArray<Recorded>
  readonly at: (position: number) => Recorded | undefined
  /** As stored, right or wrong. */
  readonly leavesFrom: LeavesFrom
  readonly stored: (position: number, limit: number) => ReadonlyArray<StoredEntry>
}

const corrupt = (what: string) =>
  new StoreFault({ reason: "corrupt", message: `${what}; stop, keep a copy, and restore from a backup` })

export const storedFrom = (row: Row): StoredEntry => {
  const found = row as unknown as Omit<StoredEntry, "leaf"> & { readonly leaf: Uint8Array }
  const { position, stream, version, recordedAt, bytes, leaf } = found
  return { position, stream, version, recordedAt, bytes, leaf: hashOfBytes(leaf) }
}

export const decodeEntry = (row: Row): Recorded => Result.getOrThrowWith(fromStored(storedFrom(row)), corrupt)

/** Decodes rows that must count up from `first` in `column`: positions and versions have no gaps. */
export const decodeSequence = (rows: ReadonlyArray<Row>, column: "position" | "version", first: number) =>
  rows.map((row, index) => {
    if (row[column] !== first + index) throw corrupt(`an entry is missing before entry ${row["position"]}`)
    return decodeEntry(row)
  })

export const entriesOver = (driver: SqliteDriver): Entries => {
  const page = driver.prepare(`${SELECT} WHERE position >= ? ORDER BY position LIMIT ?`)
  const ofStream = driver.prepare(`${SELECT} WHERE stream = ? AND version > ? ORDER BY version LIMIT ?`)
  const at = driver.prepare(`${SELECT} WHERE position = ?`)
  const leaves = driver.prepare("SELECT leaf FROM entries WHERE position >= ? AND position < ? ORDER BY position")
  return {
    page: (position, limit = 512) => decodeSequence(page.all(position, limit), "position", position),
    ofStream: (stream, afterVersion, limit) =>
      decodeSequence(ofStream.all(stream, afterVersion, limit), "version", afterVersion + 1),
    at: (position) => {
      const row = at.get(position)
      return row === undefined ? undefined : decodeEntry(row)
    },
    leavesFrom: (position, count) =>
      leaves.all(position, position + count).map((row) => hashOfBytes(row["leaf"] as Uint8Array)),
    stored: (position, limit) => page.all(position, limit).map(storedFrom),
  }
}
