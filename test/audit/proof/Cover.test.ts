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

it("a cover is the largest subtrees that fit, left to right", () => {
  const told = (from: number, to: number) => coverOf(from, to).map(({ level, index }) => `${level}/${index}`)
  expect(told(0, 0)).toEqual([])
  expect(told(0, 8)).toEqual(["3/0"])
  expect(told(0, 7)).toEqual(["2/0", "1/2", "0/6"])
  expect(told(5, 16)).toEqual(["0/5", "1/3", "3/1"])
})

it("a tree has no root before all of its leaves are given, and takes none that is not its own", () => {
  const tree = coveredTree([], 0, 3)
  for (const leaf of ["a", "b"]) tree.push(leafHash(leaf))
  expect(() => tree.root()).toThrow("the leaf 2 was not given")
  tree.push(leafHash("c"))
  expect(tree.root()).toBe(nodeHash(nodeHash(leafHash("a"), leafHash("b")), leafHash("c")))
  expect(() => tree.push(leafHash("d"))).toThrow("the leaf behind 2 was given")
})
