/**
 * Values that a browser carries between two requests, encrypted, so that any instance may go on where another began.
 *
 * Such a value can be neither read nor changed outside, and it opens for no other purpose than its own: it is a JWE
 * (RFC 7516) under a key that is derived from the key ring for each purpose. It is nobody's secret: whoever holds it
 * holds what it says and nothing more, and what it is bound to is part of what it says.
 */
import { hkdfSync } from "node:crypto"
import { compactDecrypt } from "jose/jwe/compact/decrypt"
import { CompactEncrypt } from "jose/jwe/compact/encrypt"
import type { KeyRingFile } from "./Keys.ts"

/** What a value is carried for. */
export type CarriedPurpose =
  "authorization request" | "form" | "pushed request" | "device request" | "initial access token"

/** Encrypts what a browser carries, and decrypts what it brings back. */
export interface CarriedValues {
  /** The value as a compact JWE; a new text each time. */
  readonly encrypt: (purpose: CarriedPurpose, value: unknown) => Promise<string>
  /** What was encrypted for that purpose under a key of the ring; `undefined` for anything else. */
  readonly decrypt: (purpose: CarriedPurpose, text: string) => Promise<unknown>
}

/** A longer text was not encrypted here: a consent form holds the longest request there is, and what was shown of it. */
export const MAX_CARRIED_CHARACTERS = 32_768

/** Values under the keys of a ring: encrypted under the first, decrypted under each. */
export const carriedValues = ({ keys }: KeyRingFile): CarriedValues => {
  const derived = new Map<string, Uint8Array>()
  const keyFor = (purpose: CarriedPurpose, id: string): Uint8Array | undefined => {
    const name = `${id} ${purpose}`
    const known = derived.get(name)
    const secret = keys.find((key) => key.id === id)?.secret
    if (known !== undefined || secret === undefined) return known
    // What is derived stays as it is, or a page that is open during an upgrade would be worth nothing.
    const info = `grantlog/sealed ${purpose}`
    const key = new Uint8Array(hkdfSync("sha256", Buffer.from(secret, "base64url"), Buffer.alloc(0), info, 32))
    derived.set(name, key)
    return key
  }
  return {
    encrypt: (purpose, value) => {
      const { id } = keys[0]
      return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: id })
        .encrypt(keyFor(purpose, id)!)
    },
    decrypt: async (purpose, text) => {
      if (text.length > MAX_CARRIED_CHARACTERS) return undefined
      try {
        const { plaintext } = await compactDecrypt(
          text,
          ({ kid }) => {
            const key = keyFor(purpose, String(kid))
            if (key === undefined) throw new Error("encrypted under a key that the ring lacks")
            return key
          },
          { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] },
        )
        return JSON.parse(new TextDecoder().decode(plaintext)) as unknown
      } catch {
        // Whatever is wrong with it, it is not what was encrypted here.
        return undefined
      }
    },
  }
}
