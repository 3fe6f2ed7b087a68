/**
 * Limits that never count two names as one by chance, as one of 65 536 pairs is counted on a real server: a test that
 * tries forty names would be refused for another's in one of sixteen hundred runs.
 *
 * Whoever gives limits a randomness of their own has real buckets, and `test/http/Limits` tries those.
 */
import type { Plugin } from "vitest/config"

const BUCKET = '.digest("hex").slice(0, 4)'

export const ownBuckets: Plugin = {
  name: "own-buckets",
  enforce: "pre",
  transform: (code, id) => {
    if (!id.endsWith("src/http/Limits.ts")) return null
    if (!code.includes(BUCKET)) throw new Error(`the bucket of a limit is not written as \`${BUCKET}\` any more`)
    return code.replace(BUCKET, '.digest("hex").slice(0, randomness === liveRandomness ? 32 : 4)')
  },
}
