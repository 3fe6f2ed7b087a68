/** Tiles of the tree by their paths: the standard's own examples, and no second spelling of any. */
import { describe, expect, it } from "vitest"
import { hasTile, parseTilePath, tileBytes, tilePath, tilesOf, type Tile } from "../../../src/audit/tiles/Tile.ts"
import { hashOfBytes, nodeHash, rootOf, type SubtreeHash } from "../../../src/log/Merkle.ts"
import { leafHash } from "../../../src/log/Canonical.ts"

const whole = (level: number, index: number): Tile => ({ level, index, width: 256 })

describe("the path of a tile", () => {
  it.each<[string, Tile]>([
    ["tile/0/x001/x234/067", whole(0, 1_234_067)],
    ["tile/0/000", whole(0, 0)],
    ["tile/63/999", whole(63, 999)],
    ["tile/1/x001/000.p/17", { level: 1, index: 1000, width: 17 }],
    ["tile/0/273.p/112", { level: 0, index: 273, width: 112 }],
  ])("%s is read and written alike", (path, tile) => {
    expect(parseTilePath(path)).toEqual(tile)
    expect(tilePath(tile)).toBe(path)
  })

  it.each([
    ["tile/00/000"],
    ["tile/64/000"],
    ["tile/0/0"],
    ["tile/0/x000/001"],
    ["tile/0/001/x002"],
    ["tile/0/000.p/0"],
    ["tile/0/000.p/01"],
    ["tile/0/000.p/256"],
    ["tile/0/000.p/257"],
    ["tile/0/000.p"],
    ["tile/0/x001/x001/x001/x001/x001/x001/001"],
    ["tile/-1/000"],
    ["/tile/0/000"],
    ["tile/0/000/"],
    ["tile/entries/000"],
    ["tile/0/../0/000"],
  ])("%s is none", (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })
})

describe("the tiles of a tree", () => {
  it("of 70,000 entries are those that the standard counts", () => {
    const tiles = [...tilesOf(70_000)]
    const partial = tiles.filter(({ width }) => width < 256)
    expect(tiles.filter(({ level, width }) => level === 0 && width === 256)).toHaveLength(273)
    expect(tiles.filter(({ level, width }) => level === 1 && width === 256)).toEqual([whole(1, 0)])
    expect(partial).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ])
    expect(tiles.every((tile) => hasTile(70_000, tile))).toBe(true)
    expect([...tilesOf(256)]).toEqual([whole(0, 0), { level: 1, index: 0, width: 1 }])
    expect([...tilesOf(0)]).toEqual([])
  })

  it("that were whole before are not given again", () => {
    const after = [...tilesOf(70_000, 69_999)].map(tilePath)
    expect(after).toEqual(["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"])
    expect([...tilesOf(65_536, 65_535)].map(tilePath)).toEqual(["tile/0/255", "tile/1/000", "tile/2/000.p/1"])
  })

  it("are there as far as the log has their hashes", () => {
    const partial = { level: 0, index: 1, width: 3 }
    expect([258, 259].map((size) => hasTile(size, partial))).toEqual([false, true])
    expect([65_535, 65_536].map((size) => hasTile(size, whole(1, 0)))).toEqual([false, true])
    expect(hasTile(Number.MAX_SAFE_INTEGER, whole(63, 0))).toBe(false)
  })

  it("have the hashes that roots are made of", () => {
    const leaves = Array.from({ length: 259 }, (_, index) => leafHash(`entry ${index}`))
    const hashOf: SubtreeHash = (level, index) =>
      level === 0 ? leaves[index]! : nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
    const first = tileBytes(hashOf, whole(0, 0))
    expect(first).toHaveLength(8192)
    expect(hashOfBytes(first.subarray(32 * 255))).toBe(leaves[255])
    expect(hashOfBytes(tileBytes(hashOf, { level: 0, index: 1, width: 3 }).subarray(0, 32))).toBe(leaves[256])
    expect(hashOfBytes(tileBytes(hashOf, { level: 1, index: 0, width: 1 }))).toBe(rootOf(hashOf, 256))
  })
})
