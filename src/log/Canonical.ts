/**
 * The bytes that are hashed: JSON in RFC 8785 form, and the RFC 9162 leaf hash over them.
 *
 * They are made once, when an entry is written, and stored as they are; reading never re-encodes. Only what every
 * reader reads alike may stand in them: integers within ±2⁵³, no lone surrogates.
 */
import { hash } from "node:crypto"
import canonicalize from "canonicalize"

/** Makes the canonical text of `value`; throws a `TypeError` on what has none, which is a mistake of the caller. */
export const canonicalText = (value: unknown): string => {
  assertHashable(value)
  return canonicalize(value) as string
}

/** What a canonical text says; `undefined` for any other text, which somebody might read otherwise, or not at all. */
export const readCanonical = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return canonicalText(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

const assertHashable = (value: unknown): void => {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError(`not a safe integer: ${value}`)
  if (typeof value === "string" && !value.isWellFormed()) throw new TypeError("lone surrogate in text")
  if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      assertHashable(key)
      assertHashable(member)
    }
    return
  }
  if (value === undefined || typeof value === "function" || typeof value === "bigint" || typeof value === "symbol") {
    throw new TypeError(`not JSON: ${typeof value}`)
  }
}

/** SHA-256(0x00 ‖ bytes), base64url (RFC 9162 2.1.1). */
export const leafHash = (text: string): string => hash("sha256", `\u0000${text}`, "base64url")
