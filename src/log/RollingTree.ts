/**
 * The Merkle tree of a log that is walked once: as many hashes in memory as the number of entries has ones.
 *
 * Each leaf says which subtrees it completes, so that they can be held against those that are kept beside the log.
 */
import { emptyRoot, nodeHash } from "./Merkle.ts"

export interface Subtree {
  readonly level: number
  readonly index: number
  readonly hash: string
}

export interface RollingTree {
  readonly size: () => number
  readonly root: () => string
  /**
   * Takes the next leaf, or the next complete subtree of a level, whose place must be its own; gives the subtrees above it
   * that it completes, smallest first.
   */
  readonly push: (hash: string, level?: number) => ReadonlyArray<Subtree>
}

export const rollingTree = (): RollingTree => {
  /** Complete subtrees from left to right, each smaller than the one before it. */
  const parts: Array<Subtree> = []
  let size = 0
  return {
    size: () => size,
    root: () => {
      const last = parts.at(-1)
      if (last === undefined) return emptyRoot
      return parts.slice(0, -1).reduceRight((hash, part) => nodeHash(part.hash, hash), last.hash)
    },
    push: (hash, level = 0) => {
      let part: Subtree = { level, index: size / 2 ** level, hash }
      size += 2 ** level
      const completed: Array<Subtree> = []
      for (let left = parts.at(-1); left !== undefined && left.level === part.level; left = parts.at(-1)) {
        parts.pop()
        part = { level: part.level + 1, index: left.index / 2, hash: nodeHash(left.hash, part.hash) }
        completed.push(part)
      }
      parts.push(part)
      return completed
    },
  }
}
