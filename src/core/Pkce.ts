/**
 * Proof key for code exchange (RFC 7636), S256 only.
 *
 * The verifier is a secret: what a command carries is whether it was well-formed, and the challenge that was computed
 * from it.
 */
import * as Schema from "effect/Schema"

/** BASE64URL(SHA-256(verifier)): 43 characters. */
//= OAUTH21-4.1.1-pkce-supported
export const CodeChallenge = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z_-]{43}$/)).pipe(
  Schema.brand("CodeChallenge"),
)
export type CodeChallenge = typeof CodeChallenge.Type

/** What is known of a verifier without the verifier itself. */
export const VerifierFact = Schema.Struct({
  /** Whether it has the form that RFC 7636 section 4.1 asks for. */
  wellFormed: Schema.Boolean,
  /** Its S256 challenge; `null` where it has not that form. */
  challenge: Schema.NullOr(CodeChallenge),
})
export type VerifierFact = typeof VerifierFact.Type

//= RFC7636-4.1-verifier-format
export const isWellFormedVerifier = (verifier: string): boolean => /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier)
