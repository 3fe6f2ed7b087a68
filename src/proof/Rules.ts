/** What a proof has to be like: the algorithms that are taken, how long it is good, and whether it needs a nonce. */
import type { Nonces } from "./Nonces.ts"

/** Every algorithm that a proof can be taken in: asymmetric ones, of which none is broken (RFC 9449 4.3, 11.6). */
export const proofAlgorithms = [
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
] as const

export type ProofAlgorithm = (typeof proofAlgorithms)[number]

/** What is taken by default. */
export const usualAlgorithms: ReadonlyArray<ProofAlgorithm> = ["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"]

/** How long after its `iat` a proof is good by default. */
export const USUAL_AGE_SECONDS = 300

export interface ProofRules {
  readonly algorithms: ReadonlyArray<string>
  /** How long after its `iat` a proof is good. */
  readonly maxAgeSeconds: number
  /** From how far in the future its `iat` is refused. */
  readonly maxAheadSeconds: number
  /** Which nonces are right; `undefined` where none are given out. */
  readonly nonces?: (Pick<Nonces, "isGood"> & { readonly isRequired: boolean }) | undefined
}
