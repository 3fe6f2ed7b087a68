/** A tree that is walked once has the root and the subtrees of one that is kept, and what is kept is missed when it is gone. */
import { describe, expect, it } from "vitest"
import { completedBy, emptyRoot, rootOf, type SubtreeHash } from "../../src/log/Merkle.ts"
import { leafHash } from "../../src/log/index.ts"
import { memoryRows } from "../../src/log/MemoryRows.ts"
import { rollingTree } from "../../src/log/RollingTree.ts"
import { subtreeTable } from "../../src/log/Tables.ts"
import { growTree, hashesOver, isKeptLevel } from "../../src/log/Tree.ts"

const SIZE = 40
const leaves = Array.from({ length: SIZE }, (_, index) => leafHash(`entry ${index}`))
const leavesFrom = (position: number, count: number) => leaves.slice(position, position + count)

/** The tree of as many leaves, with the rows that are kept of it. */
const grown = (size = SIZE) => {
  const rows = memoryRows(new Map())
  for (let position = 0; position < size; position++) growTree(rows, leavesFrom, position)
  return { rows, hashOf: hashesOver(rows, leavesFrom) }
}

describe("a tree that is walked once", () => {
  it("has at every size the root of the tree that is kept", () => {
    const { hashOf } = grown()
    const tree = rollingTree()
    expect([tree.size(), tree.root()]).toEqual([0, emptyRoot])
    for (const [index, leaf] of leaves.entries()) {
      tree.push(leaf)
      expect([tree.size(), tree.root()]).toEqual([index + 1, rootOf(hashOf, index + 1)])
    }
  })

  it("says of each leaf which subtrees it completes, and what their hashes are", () => {
    const { hashOf } = grown()
    const tree = rollingTree()
    for (const [position, leaf] of leaves.entries()) {
      const completed = completedBy(position).map(({ level, index }) => ({ level, index, hash: hashOf(level, index) }))
      expect(tree.push(leaf)).toEqual(completed)
    }
  })

  it("takes whole subtrees in the place of their leaves", () => {
    const { hashOf } = grown()
    const tree = rollingTree()
    expect(tree.push(hashOf(4, 0), 4)).toEqual([])
    expect(tree.push(hashOf(3, 2), 3)).toEqual([])
    expect(tree.push(hashOf(3, 3), 3)).toEqual([
      { level: 4, index: 1, hash: hashOf(4, 1) },
      { level: 5, index: 0, hash: hashOf(5, 0) },
    ])
    expect([tree.size(), tree.root()]).toEqual([32, rootOf(hashOf, 32)])
  })
})

describe("what is kept of a tree", () => {
  it("is every subtree of 16 leaves, once it is complete", () => {
    expect([0, 1, 2, 3, 4, 5, 8].filter(isKeptLevel)).toEqual([0, 4, 8])
    const kept = (size: number) => grown(size).rows.list(subtreeTable, { columns: ["level", "place"] })
    expect(kept(15)).toEqual([])
    expect(kept(SIZE)).toEqual([
      { level: 4, place: 0 },
      { level: 4, place: 1 },
    ])
  })

  const missing = (first: number, last: number) =>
    expect.objectContaining({
      reason: "corrupt",
      message: `the hash over entries ${first} to ${last} is missing: run grantlog rebuild`,
    })

  it("is missed when it is gone", () => {
    const { rows, hashOf } = grown()
    rows.delete(subtreeTable, [4, 1])
    expect(hashOf(4, 0)).toBeDefined()
    for (const ask of [() => hashOf(4, 1), () => hashOf(5, 0)]) expect(ask).toThrow(missing(16, 31))
    rows.put(subtreeTable, { level: 4, place: 1, hash: "text" })
    expect(() => hashOf(4, 1)).toThrow(missing(16, 31))
  })

  it("is not made of fewer leaves than there have to be", () => {
    const some: SubtreeHash = hashesOver(memoryRows(new Map()), (position, count) =>
      leavesFrom(position, count).slice(1),
    )
    expect(() => some(0, 3)).toThrow(missing(3, 3))
    expect(() => some(2, 1)).toThrow(missing(4, 7))
  })
})
