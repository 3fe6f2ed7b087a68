/** A published tree, read as somebody does who shares nothing with who wrote it: C2SP tlog-tiles and RFC 9162 by their words. */
import { createHash } from "node:crypto"
import { expect } from "vitest"

export const headOf = (checkpoint: string) => {
  const [origin, size, root] = checkpoint.split("\n")
  return { origin, size: Number(size), root }
}

/** RFC 9162 2.1.1 over leaves, as it is written there. */
const rootOver = (leaves: ReadonlyArray<Buffer>): Buffer => {
  if (leaves.length === 1) return leaves[0]!
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const halves = [leaves.slice(0, split), leaves.slice(split)].map(rootOver)
  return createHash("sha256").update(Buffer.of(1)).update(Buffer.concat(halves)).digest()
}

const hashesIn = (bytes: Buffer): ReadonlyArray<Buffer> =>
  Array.from({ length: bytes.length / 32 }, (_, index) => bytes.subarray(32 * index, 32 * index + 32))

/** What is read at a path of a log; rejects for anything that is not there. */
export type Read = (path: string) => Promise<Buffer>

/** Fails unless the tiles of between 256 and 512 entries give the root that was signed; gives how many there are. */
export const expectWhole = async (read: Read): Promise<number> => {
  const { size, root } = headOf((await read("checkpoint")).toString())
  expect(size).toBeGreaterThan(256)
  expect(size).toBeLessThan(512)
  const [first, second] = [await read("tile/0/000"), await read(`tile/0/001.p/${size - 256}`)]
  expect(first).toHaveLength(8192)
  const leaves = [...hashesIn(first), ...hashesIn(second)]
  expect(leaves).toHaveLength(size)
  expect(rootOver(leaves).toString("base64")).toBe(root)
  expect(await read("tile/1/000.p/1")).toEqual(rootOver(hashesIn(first)))
  return size
}
