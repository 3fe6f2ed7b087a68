/**
 * Signed notes with Ed25519 keys, as C2SP writes them down (signed-note v1): text, and who signed it.
 *
 * A verifier key travels as one line of text. Signatures of keys that nobody asked about are ignored; one of a known
 * key that does not verify spoils the note. Nothing here knows what a note is about.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto"
import * as Result from "effect/Result"

/** What a note is verified with: `name+keyid+key`, C2SP's vkey. */
export interface VerifierKey {
  /** The name that signatures carry. */
  readonly name: string
  /** The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), hex. */
  readonly id: string
  /** The public key (Ed25519). */
  readonly publicKey: KeyObject
}

export interface SigningKey extends VerifierKey {
  readonly privateKey: KeyObject
}

/** The most bytes a note is read at: far above a checkpoint with sixteen signatures. */
export const MAX_NOTE_LENGTH = 100_000
const ED25519 = Buffer.from([1])
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

const rawPublic = (key: KeyObject): Buffer => Buffer.from(key.export({ format: "jwk" }).x!, "base64url")

const idOf = (name: string, raw: Buffer): string =>
  createHash("sha256").update(`${name}\n`).update(ED25519).update(raw).digest("hex").slice(0, 8)

const isName = (name: string): boolean => /^[^\s+]+$/u.test(name) && !hasControl(name)

/** The key of this name from a 32-byte seed (RFC 8032); throws a `TypeError` on a name with a space or a plus. */
export const signingKey = (name: string, seed: Uint8Array): SigningKey => {
  if (!isName(name)) throw new TypeError(`a key name has no spaces and no plus, unlike \`${name}\``)
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })
  const publicKey = createPublicKey(privateKey)
  return { name, id: idOf(name, rawPublic(publicKey)), publicKey, privateKey }
}

/** A verifier key as one line of text, `NAME+ID+KEY` (C2SP signed-note). */
export const formatVerifierKey = ({ name, id, publicKey }: VerifierKey): string =>
  `${name}+${id}+${Buffer.concat([ED25519, rawPublic(publicKey)]).toString("base64")}`

/**
 * Reads a verifier key; `undefined` for anything that is not one of an Ed25519 key, or whose id is another key's.
 *
 * @example
 * import { parseVerifierKey } from "grantlog/effects"
 *
 * const key = parseVerifierKey("not a key") // undefined
 */
export const parseVerifierKey = (text: string): VerifierKey | undefined => {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? []
  if (name === undefined || id === undefined || encoded === undefined || !isName(name)) return undefined
  const bytes = Buffer.from(encoded, "base64")
  const raw = bytes.subarray(1)
  if (bytes[0] !== ED25519[0] || raw.length !== KEY_BYTES || bytes.toString("base64") !== encoded) return undefined
  if (idOf(name, raw) !== id) return undefined
  const jwk = { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }
  return { name, id, publicKey: createPublicKey({ key: jwk, format: "jwk" }) }
}

/** `text` ends with a newline, as the note's text does; throws a `TypeError` if it does not. */
export const signNote = (text: string, key: SigningKey): string => {
  if (!text.endsWith("\n") || hasControl(text)) throw new TypeError("a note is lines of text, each with its newline")
  const signature = Buffer.concat([Buffer.from(key.id, "hex"), sign(null, Buffer.from(text), key.privateKey)])
  return `${text}\n— ${key.name} ${signature.toString("base64")}\n`
}

/** The text of a note that `key` signed, or a sentence that says why there is none. */
export const openNote = (note: string, key: VerifierKey): Result.Result<string, string> => {
  if (note.length > MAX_NOTE_LENGTH) return Result.fail(`the note is longer than ${MAX_NOTE_LENGTH} characters`)
  if (!note.isWellFormed() || hasControl(note)) return Result.fail("the note has characters that no note has")
  const end = note.lastIndexOf("\n\n")
  if (end === -1) return Result.fail("the note has no blank line between its text and its signatures")
  const text = note.slice(0, end + 1)
  const lines = note.slice(end + 2).split("\n")
  if (lines.pop() !== "") return Result.fail("the note does not end with a newline")
  let isSigned = false
  for (const line of lines) {
    const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/u.exec(line) ?? []
    if (name === undefined || encoded === undefined) return Result.fail("a signature line of the note is malformed")
    const bytes = Buffer.from(encoded, "base64")
    if (name !== key.name || bytes.subarray(0, 4).toString("hex") !== key.id) continue
    if (!isSignatureOf(text, bytes.subarray(4), key))
      return Result.fail(`the signature of \`${key.name}\` does not verify`)
    isSigned = true
  }
  return isSigned ? Result.succeed(text) : Result.fail(`the note is not signed by \`${key.name}\` (key ${key.id})`)
}

const isSignatureOf = (text: string, signature: Buffer, key: VerifierKey): boolean =>
  signature.length === SIGNATURE_BYTES && verify(null, Buffer.from(text), key.publicKey, signature)

/** Control characters below U+0020, the newline excepted. */
const hasControl = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}
