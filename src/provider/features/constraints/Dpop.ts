/**
 * DPoP at the authorization server (RFC 9449 5, 6, 8, 10): tokens are bound to the key that a proof shows.
 *
 * A proof is good once: its `jti` is a claim in the transaction of what it is used for, so that a second instance and a
 * restart know it too. Nonces are made from the key ring, so that nobody remembers them. What a bound token is worth, and
 * to whom, the core decides by the thumbprint alone.
 */
import { ConfigFault } from "../../ConfigFault.ts"
import { oauthError } from "../../OAuthError.ts"
import { makeNonces, type Nonces } from "../../../proof/Nonces.ts"
import { judgeProof, type JudgedProof } from "../../../proof/Proof.ts"
import {
  proofAlgorithms,
  USUAL_AGE_SECONDS,
  usualAlgorithms,
  type ProofAlgorithm,
  type ProofRules,
} from "../../../proof/Rules.ts"
import type { FeatureContext, SenderConstraint } from "../Feature.ts"
import type { WireRequest } from "../Wire.ts"

/** How the server asks for proofs; everything has a default. */
export interface DpopOptions {
  /** Whether every token has to be bound; by default only those of clients with `dpop_bound_access_tokens`. */
  readonly isRequired?: boolean
  /**
   * `required`: a proof needs a nonce of this server, which costs each client a second request now and then. `optional`: a
   * nonce is given out, and judged where a proof has one. Default `off`: none is given out, none is judged.
   */
  readonly nonce?: "off" | "optional" | "required"
  /** The algorithms that proofs may be signed with; default ES256, ES384, EdDSA, Ed25519, PS256 and RS256. */
  readonly algorithms?: ReadonlyArray<ProofAlgorithm>
  /** How long after its `iat` a proof is good, in seconds, at most 3600; default 300. */
  readonly maxAgeSeconds?: number
}

/** FAPI 2.0 5.3.2.1 has 10 seconds taken and 60 refused. */
const MAX_AHEAD_SECONDS = 60
/** A proof is remembered longer than it is good, because clocks of instances differ by seconds. */
const REMEMBERED_MILLIS = 60_000

const THUMBPRINT = /^[0-9A-Za-z_-]{43}$/

const checked = (options: DpopOptions): Required<DpopOptions> => {
  const { isRequired = false, nonce = "off", algorithms = usualAlgorithms, maxAgeSeconds = USUAL_AGE_SECONDS } = options
  const unknown = algorithms.find((one) => !proofAlgorithms.includes(one))
  if (unknown !== undefined || algorithms.length === 0) {
    const message = `dpop: algorithms has ${unknown === undefined ? "none" : `\`${unknown}\``}; use some of ${proofAlgorithms.join(", ")}`
    throw new ConfigFault({ message })
  }
  if (!["off", "optional", "required"].includes(nonce)) {
    throw new ConfigFault({ message: `dpop: nonce is \`${String(nonce)}\`; use off, optional or required` })
  }
  if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 1 || maxAgeSeconds > 3600) {
    throw new ConfigFault({ message: "dpop: maxAgeSeconds is no whole number between 1 and 3600" })
  }
  return { isRequired, nonce, algorithms, maxAgeSeconds }
}

/** The token that a proof is to be about. */
const tokenIn = ({ headers }: WireRequest): string => /^DPoP +(.*)$/i.exec(headers["authorization"] ?? "")?.[1] ?? ""

/**
 * Binds tokens to a key of the client's (RFC 9449); throws a `ConfigFault` that says what to change.
 *
 * A request with a wrong proof is answered 400 `invalid_dpop_proof`, one without the nonce that it needs 400
 * `use_dpop_nonce` with the nonce in `DPoP-Nonce`. A client with `dpop_bound_access_tokens` gets no token without a proof.
 *
 * @example
 * import { authorizationServer, dpop, ephemeralKeys, memoryStore, standardFeatures } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 *   features: [...standardFeatures, dpop({ nonce: "required" })],
 * })
 */
export const dpop = (options: DpopOptions = {}): SenderConstraint => {
  const { isRequired, nonce, algorithms, maxAgeSeconds } = checked(options)
  const made = new WeakMap<FeatureContext, Nonces>()
  const noncesOf = (context: FeatureContext): Nonces | undefined => {
    if (nonce === "off") return undefined
    const nonces = made.get(context) ?? makeNonces(context.secrets("dpop nonce"))
    made.set(context, nonces)
    return nonces
  }
  const rulesWith = (nonces: Nonces | undefined): ProofRules => ({
    algorithms,
    maxAgeSeconds,
    maxAheadSeconds: MAX_AHEAD_SECONDS,
    nonces: nonces && { isGood: nonces.isGood, isRequired: nonce === "required" },
  })
  const proven = ({ jkt, id, until, nonce: given }: JudgedProof, current: string | undefined) => ({
    jkt,
    //= RFC9449-11.1-replay-window
    claims: [
      {
        key: `dpop ${id}`,
        until: until + REMEMBERED_MILLIS,
        refusal: oauthError("invalid_dpop_proof", "the proof was used before: make one for each request"),
      },
    ],
    // RFC 9449 8.2: the next proof has the new one.
    ...(current === undefined || given === current ? {} : { headers: { "dpop-nonce": current } }),
  })

  return {
    kind: "sender constraint",
    name: "dpop",
    requirements: ["RFC9449-4.3-proof-checks", "RFC9449-5-token-type"],
    metadata: () => ({ dpop_signing_alg_values_supported: algorithms }),
    clientMembers: ["dpop_bound_access_tokens"],
    exposedHeaders: nonce === "off" ? [] : ["DPoP-Nonce"],
    read: (request, context, purpose) => {
      const proof = request.headers["dpop"]
      if (proof === undefined) {
        return isRequired && purpose === "token"
          ? oauthError("invalid_dpop_proof", "tokens are bound to a key here: send a proof in the DPoP header")
          : undefined
      }
      const nonces = noncesOf(context)
      const now = context.now()
      const url = new URL(context.issuer).origin + request.path
      const { method } = request
      const used = purpose === "resource" ? { token: tokenIn(request) } : {}
      return judgeProof({ proofs: [proof], method, url, ...used }, rulesWith(nonces), now).then((judged) => {
        const current = nonces?.current(now)
        if ("jkt" in judged) return proven(judged, current)
        //= RFC9449-8-nonce
        return oauthError(judged.code, judged.message, current === undefined ? undefined : { "dpop-nonce": current })
      })
    },
    //= RFC9449-10-code-binding
    requested: (parameters) => {
      const jkt = parameters.get("dpop_jkt")
      if (jkt === undefined || THUMBPRINT.test(jkt)) return jkt
      return oauthError("invalid_request", "dpop_jkt is not the SHA-256 thumbprint of a key in base64url")
    },
  }
}
