/**
 * The public keys that a client registers: by value, in the JWK form of RFC 7517 and RFC 8037.
 *
 * Of a key only those members are kept that a signature is verified with. A private or a symmetric key is none of
 * these: it would be a secret in the log.
 */
import * as Schema from "effect/Schema"
import { Text } from "./Ids.ts"

/** The name of a signing algorithm, as JOSE's registry writes it (RFC 7518 3.1, RFC 9864). */
export const SigningAlgorithm = Text(32).check(Schema.isPattern(/^[A-Za-z0-9-]+$/))
export type SigningAlgorithm = typeof SigningAlgorithm.Type

/** Base64url; the largest is the modulus of an RSA key of 8192 bits. */
const Base64Url = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,1366}$/))

const described = {
  kid: Schema.optionalKey(Text(200)),
  alg: Schema.optionalKey(SigningAlgorithm),
  use: Schema.optionalKey(Schema.Literal("sig")),
}

/** A public key of one of the kinds that signatures are verified with. */
export const PublicJwk = Schema.Union([
  Schema.Struct({
    kty: Schema.Literal("EC"),
    crv: Schema.Literals(["P-256", "P-384", "P-521"]),
    x: Base64Url,
    y: Base64Url,
    ...described,
  }),
  Schema.Struct({ kty: Schema.Literal("OKP"), crv: Schema.Literal("Ed25519"), x: Base64Url, ...described }),
  Schema.Struct({ kty: Schema.Literal("RSA"), n: Base64Url, e: Base64Url, ...described }),
])
export type PublicJwk = typeof PublicJwk.Type

export const MAX_CLIENT_KEYS = 10

/** RFC 7517 5, with at least one key. */
export const PublicJwks = Schema.Struct({
  keys: Schema.Array(PublicJwk).check(Schema.isMinLength(1), Schema.isMaxLength(MAX_CLIENT_KEYS)),
})
export type PublicJwks = typeof PublicJwks.Type
