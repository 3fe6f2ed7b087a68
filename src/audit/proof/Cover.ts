/**
 * The Merkle tree of a log that is read from some position on; everything before it is given as a few hashes.
 *
 * A part of the log is covered by the largest complete subtrees that fit, of which there are at most two for each power
 * of two. The hashes of those before the part come from whoever has the log; those of the part come from its leaves;
 * the root follows from both. Memory holds one hash for each subtree, never the leaves.
 */
import { nodeHash, rollingTree, rootOf, type SubtreeHash } from "../../log/index.ts"

export interface Subtree {
  readonly level: number
  readonly index: number
}

/** The largest complete subtrees that hold the leaves from `from` to `to - 1` and nothing else, left to right. */
export const coverOf = (from: number, to: number): ReadonlyArray<Subtree> => {
  const subtrees: Array<Subtree> = []
  for (let at = from; at < to;) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level++
    subtrees.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return subtrees
}

export interface CoveredTree {
  /** Takes the leaf of the next entry, which is one before `to`. */
  readonly push: (leaf: string) => void
  /** The root over all entries before `to`, once each has been given. */
  readonly root: () => string
}

/** The tree over the first `to` entries, of which those before `from` are the hashes of their cover. */
export const coveredTree = (left: ReadonlyArray<string>, from: number, to: number): CoveredTree => {
  const nameOf = (level: number, index: number): string => `${level}/${index}`
  const hashes = new Map(coverOf(0, from).map(({ level, index }, at) => [nameOf(level, index), left[at]!]))
  const missing = coverOf(from, to).values()
  let next = missing.next().value
  let leaves = rollingTree()
  const hashOf: SubtreeHash = (level, index) => {
    const hash = hashes.get(nameOf(level, index))
    if (hash !== undefined) return hash
    // INVARIANT: a subtree that is in neither cover consists of subtrees that are.
    if (level === 0) throw new RangeError(`the leaf ${index} was not given`)
    return nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
  }
  return {
    push: (leaf) => {
      if (next === undefined) throw new RangeError(`the leaf behind ${to - 1} was given`)
      leaves.push(leaf)
      if (leaves.size() < 2 ** next.level) return
      hashes.set(nameOf(next.level, next.index), leaves.root())
      leaves = rollingTree()
      next = missing.next().value
    },
    root: () => rootOf(hashOf, to),
  }
}
