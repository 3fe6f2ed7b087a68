/**
 * The log's Merkle tree as it is kept: a row for every complete subtree of 16 leaves, of 256, of 4096 and so on, written
 * with the entry that completes it.
 *
 * What lies between two kept levels is hashed again when it is needed, from eight hashes at most for each that is asked
 * for. So one append in 16 writes a row, and a root or a proof reads O(log n). The leaves are the hashes that entries
 * carry. The rows are folded from the log: a rebuild makes them again.
 */
import { StoreFault } from "./EventLog.ts"
import { bytesOfHash, completedBy, hashOfBytes, nodeHash, type SubtreeHash } from "./Merkle.ts"
import type { RowReader, RowWriter } from "./Rows.ts"
import { subtreeTable } from "./Tables.ts"

/** The leaf hash of the entry at a position; `undefined` where there is none. */
export type LeafAt = (position: number) => string | undefined

/** Every fourth level is kept. A change here is a migration. */
export const isKeptLevel = (level: number): boolean => level % 4 === 0

/** Reads hashes from rows and entries; throws a {@link StoreFault} where one is missing. */
export const hashesOver = (rows: Pick<RowReader, "get">, leafAt: LeafAt): SubtreeHash => {
  const hashOf: SubtreeHash = (level, index) =>
    isKeptLevel(level) ? kept(level, index) : hashedFrom(hashOf, level, index)
  const kept: SubtreeHash = (level, index) => {
    const hash = level === 0 ? leafAt(index) : rows.get(subtreeTable, [level, index])?.["hash"]
    if (typeof hash === "string") return hash
    if (hash instanceof Uint8Array) return hashOfBytes(hash)
    const message = `the hash over entries ${index * 2 ** level} to ${(index + 1) * 2 ** level - 1} is missing: run grantlog rebuild`
    throw new StoreFault({ reason: "corrupt", message })
  }
  return hashOf
}

const hashedFrom = (hashOf: SubtreeHash, level: number, index: number): string =>
  nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))

/** Writes the subtrees that the entry at `position` completes, of those that are kept. */
export const growTree = (rows: RowWriter, leafAt: LeafAt, position: number): void => {
  const hashOf = hashesOver(rows, leafAt)
  for (const { level, index } of completedBy(position)) {
    if (!isKeptLevel(level)) continue
    rows.put(subtreeTable, { level, place: index, hash: bytesOfHash(hashedFrom(hashOf, level, index)) })
  }
}
