/** How a protected resource asks for proofs of possession (RFC 9449), checked once; everything has a default. */
import { makeNonces, type Nonces } from "../proof/Nonces.ts"
import { proofAlgorithms, USUAL_AGE_SECONDS, usualAlgorithms, type ProofAlgorithm } from "../proof/Rules.ts"
import { expecting, listOf, objectWith, textLike, wholeBetween, type Rule } from "../protocol/Shape.ts"
import { optionsLike, requireFunctions } from "./Options.ts"

interface Told {
  /** Whether tokens that are bound to no key are refused; default false. */
  readonly isRequired?: boolean
  /** The algorithms that proofs may be signed with; default ES256, ES384, EdDSA, Ed25519, PS256 and RS256. */
  readonly algorithms?: ReadonlyArray<ProofAlgorithm>
  /** How far the `iat` of a proof may be from the clock here, in seconds, at most 3600; default 300. */
  readonly maxAgeSeconds?: number
  /**
   * Has every proof need a nonce of this resource, which costs each client a second request now and then. Nonces are made
   * from it, so it has at least 32 characters that nobody guesses, and is the same in every instance. Default none.
   */
  readonly nonceSecret?: string
}

/** How proofs of possession are asked for, and who remembers them. */
export interface ProofOptions extends Told {
  /**
   * Whether a proof is shown for the first time, by a memory that all instances share; `until` is when it may be
   * forgotten, in milliseconds since the epoch. By default each process remembers what it was shown itself.
   */
  readonly isFirstUse?: (id: string, until: number) => boolean | Promise<boolean>
}

export interface ProofSettings {
  readonly isRequired: boolean
  readonly algorithms: ReadonlyArray<string>
  readonly maxAgeSeconds: number
  readonly nonces: Nonces | undefined
  readonly isFirstUse: ProofOptions["isFirstUse"]
}

const isFlag = expecting("true or false", (value) => typeof value === "boolean")

const shape = objectWith({
  required: {},
  optional: {
    isRequired: isFlag,
    algorithms: (value, at) =>
      listOf(expecting("an algorithm for proofs", (one) => proofAlgorithms.includes(one as ProofAlgorithm)))(
        value,
        at,
      ) ?? expecting("at least one algorithm", (list) => (list as []).length > 0)(value, at),
    maxAgeSeconds: wholeBetween(1, 3600),
    nonceSecret: textLike("at least 32 characters", /^.{32,}$/s),
  } satisfies Partial<Record<keyof Told, Rule>>,
  isOpen: false,
})

/** Checks `input`; throws a `ResourceFault`. */
export const checkedProofOptions = ({ isFirstUse, ...input }: ProofOptions): ProofSettings => {
  const options = optionsLike("protectResource: dpop", shape, input)
  if (isFirstUse !== undefined) requireFunctions("protectResource: dpop", { isFirstUse })
  const { isRequired = false, algorithms = usualAlgorithms, maxAgeSeconds = USUAL_AGE_SECONDS, nonceSecret } = options
  const nonces = nonceSecret === undefined ? undefined : makeNonces([new TextEncoder().encode(nonceSecret)])
  return { isRequired, algorithms, maxAgeSeconds, isFirstUse, nonces }
}
