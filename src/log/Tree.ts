/**
 * The log's Merkle tree as it is kept: a row for every complete subtree above the leaves, written with the entry that
 * completes it.
 *
 * An append writes one such row on average and O(log n) at most; a root or a proof reads O(log n). The leaves are the
 * hashes that entries carry. The rows are folded from the log: a rebuild makes them again.
 */
import { StoreFault } from "./EventLog.ts"
import { completedBy, nodeHash, type SubtreeHash } from "./Merkle.ts"
import type { RowReader, RowWriter } from "./Rows.ts"
import { subtreeTable } from "./Tables.ts"

/** The leaf hash of the entry at a position; `undefined` where there is none. */
export type LeafAt = (position: number) => string | undefined

/** Reads hashes from rows and entries; throws a {@link StoreFault} where one is missing. */
export const hashesOver =
  (rows: Pick<RowReader, "get">, leafAt: LeafAt): SubtreeHash =>
  (level, index) => {
    const hash = level === 0 ? leafAt(index) : rows.get(subtreeTable, [level, index])?.["hash"]
    if (typeof hash === "string") return hash
    const message = `the hash over entries ${index * 2 ** level} to ${(index + 1) * 2 ** level - 1} is missing: run grantlog rebuild`
    throw new StoreFault({ reason: "corrupt", message })
  }

/** Writes the subtrees that the entry at `position` completes. */
export const growTree = (rows: RowWriter, leafAt: LeafAt, position: number): void => {
  const hashOf = hashesOver(rows, leafAt)
  for (const { level, index } of completedBy(position)) {
    const hash = nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
    rows.put(subtreeTable, { level, place: index, hash })
  }
}
