/**
 * Keys for an encrypted store: 256 random bits each, in base64, from the environment or a file.
 *
 * The first encrypts, all decrypt: to rotate, put a new one in front and take the old one away once nothing needs it. A
 * key names itself by a digest, so that a wrong one is told from a changed value. Passwords are no keys and are refused.
 */
import { stat, readFile } from "node:fs/promises"
import { reasonOf } from "./PrivateFolder.ts"
import { StorageError } from "./StorageError.ts"

/** A key that stored values are encrypted with. */
export interface EncryptionKey {
  /** Stands in clear beside what it encrypts. */
  readonly kid: string
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/** The first encrypts, all decrypt. */
export type EncryptionKeys = readonly [EncryptionKey, ...ReadonlyArray<EncryptionKey>]

/** The environment variable that keys are read from. */
export const ENCRYPTION_KEY_VARIABLE = "GRANTLOG_STORAGE_KEY"

/** Some hundred keys, and nobody has so many. */
const MAX_CHARACTERS = 16_384

const invalid = (message: string, cause?: unknown) => new StorageError({ code: "invalid_key", message, cause })

/** A new key as text, to be kept where other secrets are; `openssl rand -base64 32` makes as good a one. */
export const newEncryptionKey = async (): Promise<string> => {
  const [{ exportJWK }, { generateSecret }] = await Promise.all([
    import("jose/key/export"),
    import("jose/key/generate/secret"),
  ])
  return (await exportJWK(await generateSecret("A256GCM", { extractable: true }))).k!
}

/** Reads keys in base64 or base64url, with spaces, commas or new lines between them; `source` names them in messages. */
export const parseEncryptionKeys = async (text: string, source: string): Promise<EncryptionKeys> => {
  if (text.length > MAX_CHARACTERS)
    throw invalid(`${source} is longer than ${MAX_CHARACTERS} characters: it has something else than keys`)
  const words = text.split(/[\s,]+/).filter((word) => word !== "")
  const [first, ...others] = await Promise.all(words.map((word, index) => keyOf(word, `key ${index + 1} of ${source}`)))
  if (first === undefined) throw invalid(`${source} has no key: make one with \`openssl rand -base64 32\``)
  return [first, ...others]
}

const keyOf = async (word: string, source: string): Promise<EncryptionKey> => {
  const k = word.replaceAll("+", "-").replaceAll("/", "_").replace(/=$/, "")
  // 43 characters of base64 are 32 bytes and nothing else is.
  if (!/^[A-Za-z0-9_-]{43}$/.test(k))
    throw invalid(`${source} is not 32 bytes in base64: make one with \`openssl rand -base64 32\``)
  const [base64url, { calculateJwkThumbprint }] = await Promise.all([
    import("jose/base64url"),
    import("jose/jwk/thumbprint"),
  ])
  const kid = (await calculateJwkThumbprint({ kty: "oct", k: base64url.encode(base64url.decode(k)) })).slice(0, 16)
  return { kid, secret: base64url.decode(k) }
}

/** The keys of an environment variable. */
export const encryptionKeysFromEnvironment = async (
  name: string = ENCRYPTION_KEY_VARIABLE,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<EncryptionKeys> => {
  const text = environment[name]
  if (text === undefined)
    throw invalid(`the variable \`${name}\` is not set: make a key with \`openssl rand -base64 32\``)
  return parseEncryptionKeys(text, `the variable \`${name}\``)
}

/** The keys of a file that only its owner can read; a link to one is followed, as secrets are often mounted so. */
export const encryptionKeysFromFile = async (path: string): Promise<EncryptionKeys> => {
  try {
    const { mode } = await stat(path)
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new StorageError({
        code: "unsafe_file",
        message: `the key file \`${path}\` is open to others: make a new key, and \`chmod 600\` its file`,
      })
    }
    return await parseEncryptionKeys(await readFile(path, "utf8"), `\`${path}\``)
  } catch (cause) {
    if (cause instanceof StorageError) throw cause
    throw invalid(`the key file \`${path}\` cannot be read (${reasonOf(cause)}): put back the one of this store`, cause)
  }
}
