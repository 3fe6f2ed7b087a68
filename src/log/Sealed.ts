/**
 * Sealed text: encrypted for the one place it stands in, under a key that can be thrown away.
 *
 * AES-256-GCM with a random nonce; the place (an event's id) is associated data, so that nothing sealed opens anywhere
 * else. The text is `gs1.<key id>.<nonce, ciphertext and tag>`: it says which key it wants, and what a later form would
 * look like. Once the key is gone it says nothing to anybody, and the entry that holds it is hashed as ever.
 */
import { createCipheriv, createDecipheriv } from "node:crypto"

/** `id`: letters, digits, `_` and `-`. `secret`: 32 bytes. */
export interface SealingKey {
  readonly id: string
  readonly secret: Uint8Array
}

const VERSION = "gs1"
const CIPHER = "aes-256-gcm"
/** As GCM wants it; random ones are good for 2³² values under one key, and a subject leaves far fewer. */
export const SEAL_NONCE_BYTES = 12
const TAG_BYTES = 16
const form = new RegExp(`^${VERSION}\\.([\\w-]{1,64})\\.([\\w-]+)$`)

/** Associated data: form, key and place. */
const placeOf = (keyId: string, place: string): Buffer => Buffer.from(`${VERSION}\0${keyId}\0${place}`)

/** `nonce`: {@link SEAL_NONCE_BYTES} unpredictable bytes, never used before with this key. */
export const seal = (key: SealingKey, place: string, plain: Uint8Array, nonce: Uint8Array): string => {
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(placeOf(key.id, place))
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return `${VERSION}.${key.id}.${sealed.toString("base64url")}`
}

/** The id of the key that a text was sealed under; `undefined` for what is no sealed text. */
export const sealingKeyIdOf = (sealed: string): string | undefined => form.exec(sealed)?.[1]

/** What was sealed under this key for this place; `undefined` for anything else. */
export const unseal = (key: SealingKey, place: string, sealed: string): Uint8Array | undefined => {
  const [, keyId, text] = form.exec(sealed) ?? []
  const bytes = Buffer.from(text ?? "", "base64url")
  if (keyId !== key.id || bytes.length < SEAL_NONCE_BYTES + TAG_BYTES) return undefined
  // INVARIANT: one text for one value; base64url has several for the same bytes.
  if (bytes.toString("base64url") !== text) return undefined
  const decipher = createDecipheriv(CIPHER, key.secret, bytes.subarray(0, SEAL_NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(placeOf(key.id, place))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(SEAL_NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}
