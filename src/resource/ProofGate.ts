/**
 * Who holds the key of a token, at a protected resource (RFC 9449 7): the proof is judged for this very request and token.
 *
 * Whether it was shown before is asked only once the token is known to be good, so that strangers fill no memory. What
 * verifies signatures is loaded with the first proof, for most resources never see one.
 */
import type { JudgedProof, ProofFault } from "../proof/Proof.ts"
import { makeProofMemory } from "./ProofMemory.ts"
import type { ProofSettings } from "./ProofOptions.ts"

/** A request with a token that is to be used by the owner of a key. */
export interface BoundRequest {
  readonly token: string
  readonly proofs: ReadonlyArray<string>
  readonly method: string
  /** The address as clients know it. */
  readonly url: string
}

export interface ProofGate {
  readonly judge: (request: BoundRequest) => Promise<JudgedProof | ProofFault>
  /** Whether a right proof may be used now; `full`: nobody can tell, and its sender comes again. */
  readonly use: (proof: JudgedProof) => Promise<"first" | "again" | "full">
  /** The nonce that the next proof needs; `undefined` where none is, or where `given` is still the newest. */
  readonly nextNonce: (given?: string) => string | undefined
}

export const makeProofGate = (settings: ProofSettings, now: () => number): ProofGate => {
  const { algorithms, maxAgeSeconds, nonces, isFirstUse } = settings
  const memory = makeProofMemory()
  const rules = {
    algorithms,
    maxAgeSeconds,
    //= MCP-DPOP-iat-window
    maxAheadSeconds: maxAgeSeconds,
    nonces: nonces && { isGood: nonces.isGood, isRequired: true },
  }
  return {
    judge: async (request) => {
      const { judgeProof } = await import("../proof/Proof.ts")
      return judgeProof(request, rules, now())
    },
    use: async (proof) => {
      if (isFirstUse === undefined) return memory.remember(proof, now())
      return (await isFirstUse(proof.id, proof.until)) ? "first" : "again"
    },
    nextNonce: (given) => {
      const current = nonces?.current(now())
      return current === given ? undefined : current
    },
  }
}
