/**
 * The Merkle tree over the log's leaf hashes (RFC 9162 section 2.1): roots, proofs, and how they are verified.
 *
 * Pure: where hashes of complete subtrees are kept is the caller's business. Hashes are base64url, as entries carry
 * them; positions and sizes are safe integers, so that nothing here shifts bits. A proof that proves nothing is
 * `undefined` or `false`, never an exception.
 */
import { createHash } from "node:crypto"

/**
 * The hash of the complete subtree of `2 ** level` leaves that is the `index`-th of its level; level 0 are the leaves.
 * Asked only for subtrees that are complete.
 */
export type SubtreeHash = (level: number, index: number) => string

/** The tree of a log at one moment: how many leaves it has, and the hashes that everything else follows from. */
export interface Tree {
  /** How many leaves it has. */
  readonly size: number
  /** The hashes of its complete subtrees. */
  readonly hashOf: SubtreeHash
}

/** A hash as a store keeps it, and back. */
export const bytesOfHash = (hash: string): Uint8Array => Buffer.from(hash, "base64url")
export const hashOfBytes = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url")

/** The root of a log without entries: SHA-256 of nothing. */
export const emptyRoot: string = createHash("sha256").digest("base64url")

/** SHA-256(0x01 ‖ left ‖ right), base64url (RFC 9162 2.1.1). */
export const nodeHash = (left: string, right: string): string =>
  createHash("sha256").update("\u0001").update(left, "base64url").update(right, "base64url").digest("base64url")

/** The subtrees above the leaves that the entry at `position` completes, smallest first. */
export const completedBy = (position: number): ReadonlyArray<{ readonly level: number; readonly index: number }> => {
  const completed: Array<{ readonly level: number; readonly index: number }> = []
  for (let level = 1, index = position; index % 2 === 1; level++) {
    index = (index - 1) / 2
    completed.push({ level, index })
  }
  return completed
}

/** The largest power of two below `size`, as an exponent: where a tree splits (RFC 9162 2.1.1). */
const splitLevel = (size: number): number => {
  let level = 0
  while (2 ** (level + 1) < size) level++
  return level
}

/** The root over the leaves from `start` on; every `start` that comes up here is a multiple of the level's width. */
const rootBetween = (hashOf: SubtreeHash, start: number, size: number): string => {
  const level = splitLevel(size)
  if (size === 1) return hashOf(0, start)
  const width = 2 ** level
  if (size === 2 * width) return hashOf(level + 1, start / size)
  return nodeHash(hashOf(level, start / width), rootBetween(hashOf, start + width, size - width))
}

/** The root of the tree over the first `size` leaves; reads as many hashes as `size` has ones. */
export const rootOf = (hashOf: SubtreeHash, size: number): string =>
  size === 0 ? emptyRoot : rootBetween(hashOf, 0, size)

/** Proof that the leaf at `position` is in the tree of `size` leaves, nearest sibling first (RFC 9162 2.1.3.1). */
export const inclusionProof = (hashOf: SubtreeHash, position: number, size: number): ReadonlyArray<string> => {
  const path = (start: number, width: number): ReadonlyArray<string> => {
    if (width === 1) return []
    const left = 2 ** splitLevel(width)
    return position - start < left
      ? [...path(start, left), rootBetween(hashOf, start + left, width - left)]
      : [...path(start + left, width - left), rootBetween(hashOf, start, left)]
  }
  return path(0, size)
}

/** Proof that the tree of `second` leaves continues the tree of `first` leaves (RFC 9162 2.1.4.1), which has some. */
export const consistencyProof = (hashOf: SubtreeHash, first: number, second: number): ReadonlyArray<string> => {
  const path = (start: number, width: number, isWhole: boolean): ReadonlyArray<string> => {
    const kept = first - start
    if (kept === width) return isWhole ? [] : [rootBetween(hashOf, start, width)]
    const left = 2 ** splitLevel(width)
    return kept <= left
      ? [...path(start, left, isWhole), rootBetween(hashOf, start + left, width - left)]
      : [...path(start + left, width - left, false), rootBetween(hashOf, start, left)]
  }
  return path(0, second, true)
}

/** A leaf, and the proof that it is in a tree (RFC 9162 section 2.1.3). Hashes are base64url. */
export interface Inclusion {
  /** The hash of the leaf. */
  readonly leaf: string
  /** Where the leaf stands in the tree: an index. */
  readonly position: number
  /** How many leaves the tree has. */
  readonly size: number
  /** The hashes beside the way to the root, nearest first. */
  readonly proof: ReadonlyArray<string>
}

/** The root that an inclusion proof leads to; `undefined` when it has not the shape of one (RFC 9162 2.1.3.2). */
export const rootFromInclusion = ({ leaf, position, size, proof }: Inclusion): string | undefined => {
  if (!isCount(position) || !isCount(size) || position >= size || ![leaf, ...proof].every(isHash)) return undefined
  const climb = (index: number, width: number, length: number): string | undefined => {
    if (width === 1) return length === 0 ? leaf : undefined
    const sibling = proof[length - 1]
    if (sibling === undefined) return undefined
    const left = 2 ** splitLevel(width)
    const isLeft = index < left
    const own = isLeft ? climb(index, left, length - 1) : climb(index - left, width - left, length - 1)
    if (own === undefined) return undefined
    return isLeft ? nodeHash(own, sibling) : nodeHash(sibling, own)
  }
  return climb(position, size, proof.length)
}

/** Two tree heads, and the proof that the second continues the first (RFC 9162 section 2.1.4). */
export interface Consistency {
  /** How many leaves the first tree has. */
  readonly first: number
  /** The root of the first tree. */
  readonly firstRoot: string
  /** How many leaves the second tree has. */
  readonly second: number
  /** The root of the second tree. */
  readonly secondRoot: string
  /** The hashes that lead from the first root to the second. */
  readonly proof: ReadonlyArray<string>
}

/**
 * Whether the second root continues the first (RFC 9162 2.1.4.2). Of an empty log there is nothing to prove, so
 * that no proof holds.
 */
export const isConsistent = ({ first, firstRoot, second, secondRoot, proof }: Consistency): boolean => {
  if (!isCount(first) || !isCount(second) || !proof.every(isHash)) return false
  if (first === 0 || first > second) return false
  type Roots = { readonly old: string; readonly new: string } | undefined
  const climb = (kept: number, width: number, isWhole: boolean, length: number): Roots => {
    if (kept === width) {
      const own = isWhole ? firstRoot : proof[0]
      return length === (isWhole ? 0 : 1) && own !== undefined ? { old: own, new: own } : undefined
    }
    const sibling = proof[length - 1]
    if (sibling === undefined) return undefined
    const left = 2 ** splitLevel(width)
    if (kept <= left) {
      const roots = climb(kept, left, isWhole, length - 1)
      return roots && { old: roots.old, new: nodeHash(roots.new, sibling) }
    }
    const roots = climb(kept - left, width - left, false, length - 1)
    return roots && { old: nodeHash(sibling, roots.old), new: nodeHash(sibling, roots.new) }
  }
  const roots = climb(first, second, true, proof.length)
  return roots !== undefined && roots.old === firstRoot && roots.new === secondRoot
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

const isHash = (text: string): boolean => /^[\w-]{43}$/.test(text)
