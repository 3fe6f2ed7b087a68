/**
 * The log's tree as tiles (C2SP tlog-tiles): 256 hashes of one level at a time, by which anybody computes roots,
 * inclusion and consistency without asking the operator for a proof.
 *
 * Pure. A tile never changes once there is one, so that it can be kept for ever. There are no entry bundles: an entry is
 * hashed whole, with the digests and the subject's id in it, which an export withholds or hands to somebody known.
 */
import { bytesOfHash, type SubtreeHash } from "../../log/index.ts"

/** Hashes that a tile has at most. */
export const TILE_WIDTH = 256
const MAX_LEVEL = 63

/** A tile by its place. */
export interface Tile {
  /** 0 has the leaves, each other level the hashes of whole tiles below. */
  readonly level: number
  /** Which of its level: an index. */
  readonly index: number
  /** How many hashes it has: 1 to 256, fewer than 256 in a partial tile. */
  readonly width: number
}

/** An index in groups of three digits, all but the last with an x in front. */
const indexPath = (index: number): string => {
  const groups = [String(index % 1000).padStart(3, "0")]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`)
  return groups.join("/")
}

/** Where a tile is found under the prefix of a log, without a slash in front. */
export const tilePath = ({ level, index, width }: Tile): string =>
  `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? "" : `.p/${width}`}`

/** The tile of a path; `undefined` for any that {@link tilePath} does not give. */
export const parseTilePath = (path: string): Tile | undefined => {
  const [, level, index, width] = /^tile\/(\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? []
  if (level === undefined || index === undefined) return undefined
  const tile = {
    level: Number(level),
    index: Number(index.replaceAll(/[x/]/g, "")),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  const isOne = tile.level <= MAX_LEVEL && tile.width > 0 && tile.width <= TILE_WIDTH
  return isOne && tilePath(tile) === path ? tile : undefined
}

/** Whether a log of `size` entries has all hashes of a tile. */
export const hasTile = (size: number, { level, index, width }: Tile): boolean =>
  (index * TILE_WIDTH + width) * TILE_WIDTH ** level <= size

/** The 32 bytes of each hash of a tile that the log has. */
export const tileBytes = (hashOf: SubtreeHash, { level, index, width }: Tile): Uint8Array =>
  Buffer.concat(Array.from({ length: width }, (_, place) => bytesOfHash(hashOf(8 * level, index * TILE_WIDTH + place))))

/** The tiles of a log of `size` entries, but for whole ones that it had at `from`: whole ones, and the partial one of each level. */
export const tilesOf = function* (size: number, from = 0): Generator<Tile> {
  let [count, known] = [size, from]
  for (let level = 0; count > 0; level++) {
    const wholeCount = Math.floor(count / TILE_WIDTH)
    for (let index = Math.floor(known / TILE_WIDTH); index < wholeCount; index++)
      yield { level, index, width: TILE_WIDTH }
    if (count % TILE_WIDTH > 0) yield { level, index: wholeCount, width: count % TILE_WIDTH }
    ;[count, known] = [wholeCount, Math.floor(known / TILE_WIDTH)]
  }
}
