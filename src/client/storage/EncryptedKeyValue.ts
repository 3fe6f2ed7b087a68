/**
 * Any {@link KeyValue} with its values encrypted: a JWE each (RFC 7516), `dir` with A256GCM.
 *
 * The name under which a value is stored is authenticated with it, so that values cannot be put in each other's place.
 * What cannot be decrypted is an error, never nothing. Names and lengths stay readable, and who can write to the store
 * can put an older value back. jose is loaded when something is encrypted or decrypted.
 */
import type { ProtectedHeaderParameters } from "jose"
import type { EncryptionKeys } from "./EncryptionKeys.ts"
import type { KeyValue } from "./KeyValue.ts"
import { StorageError, type StorageErrorCode } from "./StorageError.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Encrypts what goes into `inner` with the first of `keys`, and decrypts with whichever of them it was. It can lock and
 * compare where `inner` can.
 *
 * @example
 * import { EncryptedKeyValue, memoryKeyValue, newEncryptionKey, parseEncryptionKeys } from "grantlog/client"
 *
 * const keys = await parseEncryptionKeys(await newEncryptionKey(), "this program")
 * const encrypted = EncryptedKeyValue(memoryKeyValue(), keys)
 * await encrypted.set("name", "a secret")
 */
export const EncryptedKeyValue = (inner: KeyValue, keys: EncryptionKeys): KeyValue => {
  const [current] = keys

  const encrypt = async (key: string, value: string): Promise<string> => {
    const { CompactEncrypt } = await import("jose/jwe/compact/encrypt")
    return new CompactEncrypt(encoder.encode(value))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: current.kid, name: key })
      .encrypt(current.secret)
  }

  const decrypt = async (key: string, text: string): Promise<string> => {
    const { compactDecrypt } = await import("jose/jwe/compact/decrypt")
    const { kid, name } = await headerOf(key, text)
    const found = keys.find((candidate) => candidate.kid === kid)
    if (found === undefined)
      throw refusal(
        "unknown_key",
        key,
        `is encrypted under the key \`${kid}\`, which was not given: add it to the keys`,
      )
    const { plaintext } = await compactDecrypt(text, found.secret, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
    }).catch((cause: unknown) => {
      throw refusal(
        "tampered",
        key,
        "was changed after it was encrypted, or its key is not the one of that name: find out which, then clear it",
        cause,
      )
    })
    if (name !== key)
      throw refusal("tampered", key, "was encrypted for another place: find out who moved it, then clear it")
    return decoder.decode(plaintext)
  }

  const get = async (key: string): Promise<string | undefined> => {
    const text = await inner.get(key)
    return text === undefined ? undefined : decrypt(key, text)
  }

  const comparing: Pick<KeyValue, "compareAndSet"> = {
    compareAndSet: async (key, expected, next, options) => {
      const replacement = next === undefined ? undefined : await encrypt(key, next)
      for (;;) {
        const text = await inner.get(key)
        const value = text === undefined ? undefined : await decrypt(key, text)
        if (value !== expected) return false
        if (await inner.compareAndSet!(key, text, replacement, options)) return true
        // The same value may have been encrypted anew in between; then it is still the one expected.
      }
    },
  }

  return {
    get,
    set: async (key, value, options) => inner.set(key, await encrypt(key, value), options),
    delete: (key) => inner.delete(key),
    ...(inner.compareAndSet === undefined ? {} : comparing),
    ...(inner.withLock === undefined ? {} : { withLock: (key, body) => inner.withLock!(key, body) }),
  }
}

type Header = ProtectedHeaderParameters & Readonly<Record<string, unknown>>

const headerOf = async (key: string, text: string): Promise<Header> => {
  const { decodeProtectedHeader } = await import("jose/decode/protected_header")
  try {
    return { ...decodeProtectedHeader(text) }
  } catch (cause) {
    throw refusal("not_encrypted", key, "is not encrypted: it was stored before, or by somebody else; clear it", cause)
  }
}

const refusal = (code: StorageErrorCode, key: string, says: string, cause?: unknown): StorageError =>
  new StorageError({ code, message: `what is stored under \`${key}\` ${says}`, cause })
