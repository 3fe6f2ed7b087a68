/** The tree is RFC 9162's: public vectors, every proof of small trees, and no proof that was tampered with. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  completedBy,
  consistencyProof,
  emptyRoot,
  inclusionProof,
  isConsistent,
  nodeHash,
  rootFromInclusion,
  rootOf,
  type SubtreeHash,
} from "../../src/log/Merkle.ts"
import { vectorFolder } from "./vectors.ts"

interface Vectors {
  readonly leaves: ReadonlyArray<string>
  readonly inclusion: ReadonlyArray<{
    readonly position: number
    readonly size: number
    readonly root: string
    readonly leaf: string
    readonly proof: ReadonlyArray<string>
    readonly holds: boolean
  }>
  readonly consistency: ReadonlyArray<{
    readonly first: number
    readonly second: number
    readonly firstRoot: string
    readonly secondRoot: string
    readonly proof: ReadonlyArray<string>
    readonly holds: boolean
  }>
}

const vectors = JSON.parse(readFileSync(`${vectorFolder}merkle.json`, "utf8")) as Vectors
const base64url = (base64: string) => Buffer.from(base64, "base64").toString("base64url")
const leafOf = (bytes: Buffer) => createHash("sha256").update("\u0000").update(bytes).digest("base64url")

/** RFC 9162 2.1.1, word for word, and slow. */
const naiveRoot = (leaves: ReadonlyArray<string>): string => {
  if (leaves.length === 0) return emptyRoot
  if (leaves.length === 1) return leaves[0]!
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)))
}

/** Subtrees as a log keeps them: each computed once, by the entry that completes it. */
const kept = (leaves: ReadonlyArray<string>): SubtreeHash => {
  const hashes = new Map<string, string>()
  const hashOf: SubtreeHash = (level, index) => {
    const hash = level === 0 ? leaves[index] : hashes.get(`${level} ${index}`)
    if (hash === undefined) throw new Error(`asked for subtree ${index} of level ${level}, which is not complete`)
    return hash
  }
  for (const position of leaves.keys()) {
    for (const { level, index } of completedBy(position)) {
      hashes.set(`${level} ${index}`, nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1)))
    }
  }
  return hashOf
}

const leaves = Array.from({ length: 70 }, (_, index) => leafOf(Buffer.from(`entry ${index}`)))
const sizes = leaves.map((_, index) => index + 1)

describe("public vectors", () => {
  const eight = vectors.leaves.map((hex) => leafOf(Buffer.from(hex, "hex")))

  it.each(vectors.inclusion.map((vector, index) => ({ index, ...vector })))(
    "inclusion $index: position $position of $size, holds: $holds",
    ({ position, size, root, leaf, proof, holds }) => {
      const found = rootFromInclusion({ position, size, leaf: base64url(leaf), proof: proof.map(base64url) })
      expect(found === base64url(root)).toBe(holds)
    },
  )

  it.each(vectors.consistency.map((vector, index) => ({ index, ...vector })))(
    "consistency $index: $first to $second, holds: $holds",
    ({ first, second, firstRoot, secondRoot, proof, holds }) => {
      const roots = { firstRoot: base64url(firstRoot), secondRoot: base64url(secondRoot) }
      expect(isConsistent({ first, second, ...roots, proof: proof.map(base64url) })).toBe(holds)
    },
  )

  it("are what this tree makes of the eight inputs", () => {
    const made = vectors.inclusion.filter(({ holds, leaf, position }) => holds && base64url(leaf) === eight[position])
    expect(made.length).toBeGreaterThan(3)
    for (const { position, size, root, proof } of made) {
      expect(rootOf(kept(eight), size)).toBe(base64url(root))
      expect(inclusionProof(kept(eight), position, size)).toEqual(proof.map(base64url))
    }
    for (const { first, second, proof } of vectors.consistency.filter(({ holds }) => holds)) {
      expect(consistencyProof(kept(eight), first, second)).toEqual(proof.map(base64url))
    }
  })
})

describe("a tree of up to 70 leaves", () => {
  const hashOf = kept(leaves)

  it("has the root that the definition gives, whatever its size", () => {
    expect(rootOf(hashOf, 0)).toBe(emptyRoot)
    for (const size of sizes) expect(rootOf(hashOf, size)).toBe(naiveRoot(leaves.slice(0, size)))
  })

  it("proves every leaf at every size", () => {
    for (const size of sizes) {
      for (let position = 0; position < size; position++) {
        const proof = inclusionProof(hashOf, position, size)
        expect(rootFromInclusion({ leaf: leaves[position]!, position, size, proof })).toBe(rootOf(hashOf, size))
      }
    }
  })

  it("proves of every two sizes that the later continues the earlier", () => {
    for (const second of sizes) {
      for (let first = 1; first <= second; first++) {
        const roots = { firstRoot: rootOf(hashOf, first), secondRoot: rootOf(hashOf, second) }
        expect(isConsistent({ first, second, ...roots, proof: consistencyProof(hashOf, first, second) })).toBe(true)
      }
    }
  })

  const arbitrarySizes = fc.tuple(fc.nat(69), fc.nat(69)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  const other = leafOf(Buffer.from("another"))

  it("proves nothing with a hash that is another, missing or too many", () => {
    const property = fc.property(arbitrarySizes, fc.nat(), (pair, at) => {
      const [position, size] = [pair[0], pair[1] + 1]
      const root = rootOf(hashOf, size)
      const proof = inclusionProof(hashOf, position, size)
      const tampered = [[...proof, other], proof.slice(0, -1), proof.with(at % Math.max(1, proof.length), other)]
      for (const hashes of proof.length === 0 ? [[other]] : tampered) {
        expect(rootFromInclusion({ leaf: leaves[position]!, position, size, proof: hashes })).not.toBe(root)
      }
      expect(rootFromInclusion({ leaf: other, position, size, proof })).not.toBe(root)
    })
    fc.assert(property, { seed: 7, numRuns: 300 })
  })

  it("is not continued by one in which an earlier leaf is another", () => {
    const property = fc.property(arbitrarySizes, fc.nat(), ([low, high], at) => {
      const [first, second] = [low + 1, high + 2]
      const forged = kept(leaves.concat(leaves).with(at % first, other))
      const roots = { firstRoot: rootOf(hashOf, first), secondRoot: rootOf(forged, second) }
      expect(isConsistent({ first, second, ...roots, proof: consistencyProof(forged, first, second) })).toBe(false)
    })
    fc.assert(property, { seed: 8, numRuns: 300 })
  })
})

it("a root reads no more hashes than its size has ones, and an entry completes the subtrees that it ends", () => {
  const asked: Array<string> = []
  rootOf((level, index) => (asked.push(`${level} ${index}`), emptyRoot), 1_000_003)
  const ones = (1_000_003).toString(2).replaceAll("0", "").length
  expect(asked).toHaveLength(ones)
  expect(completedBy(6)).toEqual([])
  expect(completedBy(7)).toEqual([
    { level: 1, index: 3 },
    { level: 2, index: 1 },
    { level: 3, index: 0 },
  ])
})
