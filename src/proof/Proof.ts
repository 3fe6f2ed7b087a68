/**
 * A proof that the sender of a request holds a key (RFC 9449 4): read and judged, all that one request shows of it.
 *
 * The same judge serves the authorization server and resource servers. Whether a proof was shown before is not known here:
 * `id` and `until` are for whoever remembers that. It asks nobody, and takes a key from nowhere but the proof.
 */
import { hash } from "node:crypto"
import { calculateJwkThumbprint } from "jose/jwk/thumbprint"
import { decodeJwt } from "jose/jwt/decode"
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { importJWK } from "jose/key/import"
import { jwtVerify } from "jose/jwt/verify"
import type { JWK } from "jose"
import type { ProofRules } from "./Rules.ts"
import { targetUri } from "./TargetUri.ts"

/** The request that came with a proof. */
export interface ProvenRequest {
  /** Every `DPoP` header of it; several may also have come joined by commas. */
  readonly proofs: ReadonlyArray<string>
  readonly method: string
  /** The address as its sender knows it. */
  readonly url: string
  /** The access token that is used with the proof. */
  readonly token?: string
}

/** A proof that is right. */
export interface JudgedProof {
  /** The thumbprint of the key (RFC 7638). */
  readonly jkt: string
  /** The same for every showing of this proof, and for no other. */
  readonly id: string
  /** Until when it would be right again, in milliseconds since the epoch. */
  readonly until: number
  readonly nonce: string | undefined
}

/** What is wrong with a proof, in a sentence for its sender. */
export interface ProofFault {
  readonly code: "invalid_dpop_proof" | "use_dpop_nonce"
  readonly message: string
}

/** Longer than any proof by a key that is taken here. */
const MAX_PROOF_CHARACTERS = 4096
const MAX_JTI_CHARACTERS = 512

/** Members of a JWK that are nobody's but its owner's (RFC 7518 6). */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

const fault = (message: string): ProofFault => ({ code: "invalid_dpop_proof", message })

/** The judged proof, or what is wrong with it. `now`: milliseconds since the epoch. */
//= RFC9449-4.3-proof-checks
export const judgeProof = async (
  { proofs, method, url, token }: ProvenRequest,
  { algorithms, maxAgeSeconds, maxAheadSeconds, nonces }: ProofRules,
  now: number,
): Promise<JudgedProof | ProofFault> => {
  const [proof, ...others] = proofs
  if (proof === undefined || others.length > 0 || proof.includes(","))
    return fault("send one DPoP header with one proof")
  const read = partsOf(proof)
  if (read === undefined) return fault("the proof is not a signed JWT")
  const { header, claims } = read
  if (header.typ !== "dpop+jwt") return fault("the typ of the proof is not dpop+jwt")
  const { alg } = header
  if (alg === undefined || !algorithms.includes(alg))
    return fault(`the alg of the proof is not ${algorithms.join(", ")}`)
  const key = publicKeyOf(header.jwk)
  if (key === undefined) return fault("the jwk of the proof is not one public key")

  const { jti, iat, htm, htu, ath, nonce } = claims
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_CHARACTERS) return fault("the proof has no jti")
  if (htm !== method) return fault("the htm of the proof is not the method of the request")
  const target = targetUri(url)
  if (target === undefined || typeof htu !== "string" || targetUri(htu) !== target) {
    return fault("the htu of the proof is not where the request went")
  }
  //= RFC9449-11.1-replay-window
  if (typeof iat !== "number" || !Number.isFinite(iat)) return fault("the proof has no iat")
  if (now >= (iat + maxAgeSeconds) * 1000) return fault("the proof is too old: see whether the clock is right")
  if (iat * 1000 - now >= maxAheadSeconds * 1000) return fault("the iat of the proof is in the future")
  if (token !== undefined && ath !== hash("sha256", token, "base64url")) {
    return fault("the ath of the proof is not that of the access token")
  }
  if (!(await isSigned(proof, key, alg, now))) return fault("the proof is not signed by the key in it")

  //= RFC9449-8-nonce
  if (nonces !== undefined && !(nonce === undefined ? !nonces.isRequired : isGoodNonce(nonces, nonce, now))) {
    return { code: "use_dpop_nonce", message: "put the nonce of the DPoP-Nonce header into the proof" }
  }
  const jkt = await calculateJwkThumbprint(key)
  return {
    jkt,
    id: hash("sha256", `${jkt} ${jti}`, "base64url"),
    until: Math.ceil((iat + maxAgeSeconds) * 1000),
    nonce: typeof nonce === "string" ? nonce : undefined,
  }
}

const isGoodNonce = (nonces: NonNullable<ProofRules["nonces"]>, nonce: unknown, now: number): boolean =>
  typeof nonce === "string" && nonces.isGood(nonce, now)

const partsOf = (proof: string) => {
  if (proof.length > MAX_PROOF_CHARACTERS) return undefined
  try {
    return { header: decodeProtectedHeader(proof), claims: decodeJwt(proof) }
  } catch {
    return undefined
  }
}

/** The members that make a public key, and nothing that says more about it; nothing for what has a private one. */
const publicKeyOf = (jwk: unknown): JWK | undefined => {
  if (typeof jwk !== "object" || jwk === null || privateMembers.some((name) => name in jwk)) return undefined
  const { kty, crv, x, y, n, e } = jwk as JWK
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  return members.every(([, value]) => typeof value === "string") ? (Object.fromEntries(members) as JWK) : undefined
}

const isSigned = async (proof: string, jwk: JWK, alg: string, now: number): Promise<boolean> => {
  try {
    await jwtVerify(proof, await importJWK(jwk, alg), { algorithms: [alg], currentDate: new Date(now) })
    return true
  } catch {
    // Whatever is wrong with key or signature, it is the sender's own.
    return false
  }
}
