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
const ED25519 = 1
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

const rawPublic = (key: KeyObject): Buffer => Buffer.from(key.export({ format: "jwk" }).x!, "base64url")

/** The key with these 32 bytes (RFC 8032). */
export const ed25519Key = (raw: Buffer): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" })

/** The first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ key), hex (C2SP signed-note). */
const keyId = (name: string, algorithm: number, raw: Buffer): string =>
  createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.from([algorithm]))
    .update(raw)
    .digest("hex")
    .slice(0, 8)

const isName = (name: string): boolean => /^[^\s+]+$/u.test(name) && !hasControl(name)

/** The key of this name from a 32-byte seed (RFC 8032); throws a `TypeError` on a name with a space or a plus. */
export const signingKey = (name: string, seed: Uint8Array): SigningKey => {
  if (!isName(name)) throw new TypeError(`a key name has no spaces and no plus, unlike \`${name}\``)
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })
  const publicKey = createPublicKey(privateKey)
  return { name, id: keyId(name, ED25519, rawPublic(publicKey)), publicKey, privateKey }
}

/** The parts of a verifier key, whatever its algorithm. */
export interface KeyLine {
  readonly name: string
  readonly id: string
  /** The number of its algorithm: 1 for Ed25519, others for cosignatures (`Cosignature.ts`). */
  readonly algorithm: number
  readonly raw: Buffer
}

/** A verifier key as one line of text; its id follows from the rest. */
export const formatKeyLine = (name: string, algorithm: number, raw: Buffer): string =>
  `${name}+${keyId(name, algorithm, raw)}+${Buffer.concat([Buffer.from([algorithm]), raw]).toString("base64")}`

/** Reads a verifier key of any algorithm; `undefined` for what is none, or whose id is another key's. */
export const readKeyLine = (text: string): KeyLine | undefined => {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? []
  if (name === undefined || id === undefined || encoded === undefined || !isName(name)) return undefined
  const bytes = Buffer.from(encoded, "base64")
  const [algorithm, raw] = [bytes[0], bytes.subarray(1)]
  if (algorithm === undefined || bytes.toString("base64") !== encoded) return undefined
  return keyId(name, algorithm, raw) === id ? { name, id, algorithm, raw } : undefined
}

/** A verifier key as one line of text, `NAME+ID+KEY` (C2SP signed-note). */
export const formatVerifierKey = ({ name, publicKey }: VerifierKey): string =>
  formatKeyLine(name, ED25519, rawPublic(publicKey))

/**
 * Reads a verifier key; `undefined` for anything that is not one of an Ed25519 key, or whose id is another key's.
 *
 * @example
 * import { parseVerifierKey } from "grantlog/effects"
 *
 * const key = parseVerifierKey("not a key") // undefined
 */
export const parseVerifierKey = (text: string): VerifierKey | undefined => {
  const line = readKeyLine(text)
  if (line?.algorithm !== ED25519 || line.raw.length !== KEY_BYTES) return undefined
  return { name: line.name, id: line.id, publicKey: ed25519Key(line.raw) }
}

/** `text` ends with a newline, as the note's text does; throws a `TypeError` if it does not. */
export const signNote = (text: string, key: SigningKey): string => {
  if (!text.endsWith("\n") || hasControl(text)) throw new TypeError("a note is lines of text, each with its newline")
  const signature = Buffer.concat([Buffer.from(key.id, "hex"), sign(null, Buffer.from(text), key.privateKey)])
  return `${text}\n— ${key.name} ${signature.toString("base64")}\n`
}

/** A signature of a note: the key that it names, by name and id, and the line that it stands in, without its newline. */
export interface NoteSignature {
  readonly name: string
  /** The id of the key, hex. */
  readonly id: string
  readonly bytes: Buffer
  readonly line: string
}

/** A signature line, as it stands in a note or travels alone; `undefined` for any other line. */
export const readSignature = (line: string): NoteSignature | undefined => {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/u.exec(line) ?? []
  if (name === undefined || encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, "base64")
  return { name, id: bytes.subarray(0, 4).toString("hex"), bytes: bytes.subarray(4), line }
}

/** A note, none of whose signatures has been verified. */
export interface ReadNote {
  /** Lines, each with its newline. */
  readonly text: string
  readonly signatures: ReadonlyArray<NoteSignature>
}

/** Takes a note apart, or says in a sentence why it is none. */
export const readNote = (note: string): Result.Result<ReadNote, string> => {
  if (note.length > MAX_NOTE_LENGTH) return Result.fail(`the note is longer than ${MAX_NOTE_LENGTH} characters`)
  if (!note.isWellFormed() || hasControl(note)) return Result.fail("the note has characters that no note has")
  const end = note.lastIndexOf("\n\n")
  if (end === -1) return Result.fail("the note has no blank line between its text and its signatures")
  const lines = note.slice(end + 2).split("\n")
  if (lines.pop() !== "") return Result.fail("the note does not end with a newline")
  const signatures = lines.map(readSignature)
  if (!signatures.every((one) => one !== undefined)) return Result.fail("a signature line of the note is malformed")
  return Result.succeed({ text: note.slice(0, end + 1), signatures })
}

/** The text of a note that `key` signed, or a sentence that says why there is none. */
export const openNote = (note: string, key: VerifierKey): Result.Result<string, string> => {
  const read = readNote(note)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const { text, signatures } = read.success
  const own = signatures.filter(({ name, id }) => name === key.name && id === key.id)
  if (!own.every(({ bytes }) => isSignatureOf(text, bytes, key)))
    return Result.fail(`the signature of \`${key.name}\` does not verify`)
  return own.length > 0
    ? Result.succeed(text)
    : Result.fail(`the note is not signed by \`${key.name}\` (key ${key.id})`)
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
