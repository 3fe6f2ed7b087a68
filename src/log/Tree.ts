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

/** The leaf hashes of so many entries from a position on; fewer where some are missing. */
export type LeavesFrom = (position: number, count: number) => ReadonlyArray<string>

const KEPT_EVERY = 4

/** Every fourth level is kept. A change here is a migration. */
export const isKeptLevel = (level: number): boolean => level % KEPT_EVERY === 0

/** Reads hashes from rows and entries; throws a {@link StoreFault} where one is missing. */
export const hashesOver = (rows: Pick<RowReader, "get">, leavesFrom: LeavesFrom): SubtreeHash => {
  const hashOf: SubtreeHash = (level, index) => {
    const [first, count] = [index * 2 ** level, 2 ** level]
    if (level < KEPT_EVERY) {
      const leaves = leavesFrom(first, count)
      if (leaves.length === count) return rootOver(leaves)
    } else if (isKeptLevel(level)) {
      const hash = rows.get(subtreeTable, [level, index])?.["hash"]
      if (hash instanceof Uint8Array) return hashOfBytes(hash)
    } else return hashedFrom(hashOf, level, index)
    const message = `the hash over entries ${first} to ${first + count - 1} is missing: run grantlog rebuild`
    throw new StoreFault({ reason: "corrupt", message })
  }
  return hashOf
}

/** Of a power of two of them. */
const rootOver = (hashes: ReadonlyArray<string>): string =>
  hashes.length === 1
    ? hashes[0]!
    : nodeHash(rootOver(hashes.slice(0, hashes.length / 2)), rootOver(hashes.slice(hashes.length / 2)))

const hashedFrom = (hashOf: SubtreeHash, level: number, index: number): string =>
  nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))

/** Writes the subtrees that the entry at `position` completes, of those that are kept. */
export const growTree = (rows: RowWriter, leavesFrom: LeavesFrom, position: number): void => {
  const hashOf = hashesOver(rows, leavesFrom)
  for (const { level, index } of completedBy(position)) {
    if (!isKeptLevel(level)) continue
    rows.put(subtreeTable, { level, place: index, hash: bytesOfHash(hashedFrom(hashOf, level, index)) })
  }
}
