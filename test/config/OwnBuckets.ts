/**
 * Limits that never count two names as one by chance, as one of 65 536 pairs is counted on a real server: a test that
 * tries forty names would be refused for another's in one of sixteen hundred runs.
 *
 * Whoever gives limits a randomness of their own has real buckets, and `test/http/Limits` tries those.
 */
import type { Rewriting } from "./Rewritten.ts"

export const ownBuckets: Rewriting = {
  what: "the bucket of a limit",
  file: "src/http/Limits.ts",
  written: '.digest("hex").slice(0, 4)',
  instead: '.digest("hex").slice(0, randomness === liveRandomness ? 32 : 4)',
}
