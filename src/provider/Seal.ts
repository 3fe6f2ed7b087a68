/**
 * Sealing: what a browser carries between two requests, so that any instance may go on where another began.
 *
 * A sealed value can be neither read nor changed outside, nor used for another purpose than it was sealed for: a JWE
 * (RFC 7516) under a key of its own for each purpose, derived from the key ring. It is no secret of anybody: who holds
 * it holds what it says and nothing more, and what it is bound to is part of what it says.
 */
import { hkdfSync } from "node:crypto"
import { compactDecrypt } from "jose/jwe/compact/decrypt"
import { CompactEncrypt } from "jose/jwe/compact/encrypt"
import type { KeyRingFile } from "./Keys.ts"

export type SealPurpose = "authorization request" | "form"

export interface Sealer {
  readonly seal: (purpose: SealPurpose, value: unknown) => Promise<string>
  /** What was sealed for that purpose under a key of the ring; `undefined` for anything else. */
  readonly unseal: (purpose: SealPurpose, sealed: string) => Promise<unknown>
}

/** What is longer was not sealed here; a consent form holds the longest request there is, and what was shown of it. */
export const MAX_SEALED_CHARACTERS = 32_768

export const sealer = ({ keys }: KeyRingFile): Sealer => {
  const derived = new Map<string, Uint8Array>()
  const keyFor = (purpose: SealPurpose, id: string): Uint8Array | undefined => {
    const name = `${id} ${purpose}`
    const known = derived.get(name)
    const secret = keys.find((key) => key.id === id)?.secret
    if (known !== undefined || secret === undefined) return known
    const info = `grantlog/sealed ${purpose}`
    const key = new Uint8Array(hkdfSync("sha256", Buffer.from(secret, "base64url"), Buffer.alloc(0), info, 32))
    derived.set(name, key)
    return key
  }
  return {
    seal: (purpose, value) => {
      const { id } = keys[0]
      return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: id })
        .encrypt(keyFor(purpose, id)!)
    },
    unseal: async (purpose, sealed) => {
      if (sealed.length > MAX_SEALED_CHARACTERS) return undefined
      try {
        const { plaintext } = await compactDecrypt(
          sealed,
          ({ kid }) => {
            const key = keyFor(purpose, String(kid))
            if (key === undefined) throw new Error("sealed under a key that the ring lacks")
            return key
          },
          { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] },
        )
        return JSON.parse(new TextDecoder().decode(plaintext)) as unknown
      } catch {
        // Whatever is wrong with it, it is not what was sealed here.
        return undefined
      }
    },
  }
}
