/**
 * Which proofs were shown here: each is good once (RFC 9449 11.1).
 *
 * Only proofs for tokens that are good here are remembered, so that nobody else fills this. It is bounded as a whole and
 * for each key; who is beyond a bound is told to come again, and nothing that is still good is forgotten.
 */

export type Remembered = "first" | "again" | "full"

export interface ProofMemory {
  /** Remembers a proof by `jkt` until it is no longer good. Moments are in milliseconds since the epoch. */
  readonly remember: (
    proof: { readonly id: string; readonly jkt: string; readonly until: number },
    now: number,
  ) => Remembered
}

export interface ProofMemoryLimits {
  readonly maxProofs: number
  readonly maxProofsOfKey: number
}

/** Some tens of megabytes at most; a key that shows thirty proofs in a second is not kept waiting. */
export const usualMemoryLimits: ProofMemoryLimits = { maxProofs: 200_000, maxProofsOfKey: 20_000 }

export const makeProofMemory = ({ maxProofs, maxProofsOfKey }: ProofMemoryLimits = usualMemoryLimits): ProofMemory => {
  const shown = new Map<string, { readonly jkt: string; readonly until: number }>()
  const counts = new Map<string, number>()
  let nextSweep = 1024

  const sweep = (now: number): void => {
    for (const [id, { jkt, until }] of shown) {
      if (now < until) continue
      shown.delete(id)
      const left = counts.get(jkt)! - 1
      if (left === 0) counts.delete(jkt)
      else counts.set(jkt, left)
    }
    // Each proof is looked at a bounded number of times, however many there are.
    nextSweep = Math.max(1024, shown.size * 2)
  }

  return {
    remember: ({ id, jkt, until }, now) => {
      if (shown.has(id)) return "again"
      const isFull = () => shown.size >= maxProofs || (counts.get(jkt) ?? 0) >= maxProofsOfKey
      if (shown.size >= nextSweep || isFull()) sweep(now)
      if (isFull()) return "full"
      shown.set(id, { jkt, until })
      counts.set(jkt, (counts.get(jkt) ?? 0) + 1)
      return "first"
    },
  }
}
