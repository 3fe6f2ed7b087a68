/** Secrets of a client that is only made to try something: its verifiers, and what nobody was given. */
import { hash, randomBytes } from "node:crypto"

/** A verifier of 43 characters. */
export const mintVerifier = (): string => randomBytes(32).toString("base64url")
export const challengeOf = (verifier: string): string => hash("sha256", verifier, "base64url")

/** A secret, code or token that nobody was given. */
export const madeUp = (): string => `made-up-${randomBytes(24).toString("base64url")}`
