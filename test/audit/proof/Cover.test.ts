/** What stands for the entries before an export: few hashes, and the root that they and the rest come to. */
import { expect, it } from "vitest"
import { coveredTree, coverOf } from "../../../src/audit/proof/Cover.ts"
import { leafHash, nodeHash, rootOf } from "../../../src/log/index.ts"

it("the root over a cover and the leaves behind it is the root of the whole tree, for any position and size", () => {
  const leaves = Array.from({ length: 40 }, (_, at) => leafHash(`leaf ${at}`))
  const hashOf = (level: number, index: number): string =>
    level === 0 ? leaves[index]! : nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
  for (let to = 0; to <= leaves.length; to++) {
    for (let from = 0; from <= to; from++) {
      const left = coverOf(0, from).map(({ level, index }) => hashOf(level, index))
      const tree = coveredTree(left, from, to)
      leaves.slice(from, to).forEach(tree.push)
      expect([from, to, tree.root()]).toEqual([from, to, rootOf(hashOf, to)])
    }
  }
})
