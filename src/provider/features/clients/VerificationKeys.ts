/**
 * Reading the keys that a client publishes: what signatures are verified with, and nothing else (RFC 7517 5).
 *
 * A key of a kind that is not known here, or that is for encryption, is passed over, as RFC 7517 asks. A private or
 * symmetric key is refused, and never repeated in a message: whoever sent it has to replace it.
 */
import { createPublicKey } from "node:crypto"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isObject } from "../../../protocol/Shape.ts"
import { MAX_CLIENT_KEYS, PublicJwk, type PublicJwks } from "../../../core/index.ts"

type Read<A> = Result.Result<A, string>

/** Members of keys that only their owner may know (RFC 7518 6.2.2, 6.3.2 and 6.4.1). */
const secretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

const MIN_RSA_BITS = 2048

const decodeKey = Schema.decodeUnknownResult(PublicJwk)

/** Whether it is for what is asked here: verifying, by a key of a known kind. */
const isForVerifying = ({ kty, crv, use, key_ops: operations }: Readonly<Record<string, unknown>>): boolean =>
  (kty === "EC" || kty === "RSA" || (kty === "OKP" && crv === "Ed25519")) &&
  (use === undefined || use === "sig") &&
  (!Array.isArray(operations) || operations.includes("verify"))

const keyOf = (jwk: Readonly<Record<string, unknown>>): Read<PublicJwk> =>
  Result.flatMap(
    Result.mapError(decodeKey(jwk), () => "a key lacks a member, or has one of the wrong form"),
    (key) => {
      try {
        const { asymmetricKeyDetails } = createPublicKey({ key: { ...key }, format: "jwk" })
        return (asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) < MIN_RSA_BITS
          ? Result.fail(`an RSA key has fewer than ${MIN_RSA_BITS} bits`)
          : Result.succeed(key)
      } catch {
        return Result.fail("a key is no point of its curve, or no number that a key can be")
      }
    },
  )

/** The keys of a set that verify something; a failure is the end of a sentence about the set, without a key in it. */
export const readVerificationKeys = (value: unknown): Read<PublicJwks> =>
  Result.gen(function* () {
    const listed = isObject(value) ? value["keys"] : undefined
    if (!Array.isArray(listed) || !listed.every(isObject)) {
      return yield* Result.fail("it is no object with a list of keys: send a JWK Set (RFC 7517)")
    }
    if (listed.some((jwk) => secretMembers.some((member) => Object.hasOwn(jwk, member)))) {
      return yield* Result.fail("a key in it is private or symmetric: replace that key, and send public keys alone")
    }
    const used = listed.filter(isForVerifying)
    if (used.length === 0) {
      return yield* Result.fail("no key in it verifies a signature: send an EC, RSA or Ed25519 key")
    }
    if (used.length > MAX_CLIENT_KEYS) {
      return yield* Result.fail(`it has ${used.length} keys: send at most ${MAX_CLIENT_KEYS}`)
    }
    const keys: Array<PublicJwk> = []
    for (const jwk of used) keys.push(yield* keyOf(jwk))
    return { keys }
  })
