/**
 * Cosignatures of witnesses under checkpoints, as C2SP writes them down (tlog-cosignature v1): Ed25519 and ML-DSA-44.
 *
 * A witness says by one that the tree head is the largest it has seen of this log by then, and that it continues every
 * other that it saw. A log that shows two histories needs two sets of witnesses. Cosignatures of keys that nobody asked
 * about are ignored; one of a known key that does not verify spoils the checkpoint.
 */
import { createPublicKey, verify, type KeyObject } from "node:crypto"
import * as Result from "effect/Result"
import { ed25519Key, readKeyLine, readNote, readSignature, type NoteSignature } from "./SignedNote.ts"

/** What the cosignatures of a witness are verified with: C2SP's vkey with an algorithm of tlog-cosignature. */
export interface WitnessKey {
  /** The name that its cosignatures carry: one witness, however many keys it has. */
  readonly name: string
  /** The first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key), hex. */
  readonly id: string
  readonly algorithm: "ed25519" | "ml-dsa-44"
  readonly publicKey: KeyObject
}

/** A cosignature that verifies. */
export interface Cosignature {
  /** The name of the witness. */
  readonly name: string
  /** When the witness saw that, in its own time: seconds since the epoch. */
  readonly seconds: number
  /** The line of the note, without its newline. */
  readonly line: string
}

/** How many witnesses have to have cosigned, and the keys of those that count. */
export interface Quorum {
  readonly keys: ReadonlyArray<WitnessKey>
  readonly count: number
}

const ED25519 = 4
const ML_DSA_44 = 6
const ED25519_BYTES = 32
const ML_DSA_44_BYTES = 1312
const TIMESTAMP_BYTES = 8
const MAX_SECONDS = BigInt(Number.MAX_SAFE_INTEGER)

/** RFC 9881 section 4: the public key in the form that Node reads, which knows it from 24.6 on. */
const mlDsa44Key = (raw: Buffer): KeyObject =>
  createPublicKey({
    key: Buffer.concat([Buffer.from("30820532300b06096086480165030403110382052100", "hex"), raw]),
    format: "der",
    type: "spki",
  })

/** Reads the verifier key of a witness; `undefined` for anything else, the key of a log among it. */
export const parseWitnessKey = (text: string): WitnessKey | undefined => {
  const line = readKeyLine(text)
  if (line === undefined) return undefined
  const { name, id, algorithm, raw } = line
  if (algorithm === ED25519 && raw.length === ED25519_BYTES)
    return { name, id, algorithm: "ed25519", publicKey: ed25519Key(raw) }
  if (algorithm === ML_DSA_44 && raw.length === ML_DSA_44_BYTES)
    return { name, id, algorithm: "ml-dsa-44", publicKey: mlDsa44Key(raw) }
  return undefined
}

const prefixed = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

const uint64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

/** What an ML-DSA-44 cosignature is over; `undefined` for a text with lines that it would not cover. */
const cosignedMessage = (name: string, seconds: bigint, text: string): Buffer | undefined => {
  const [origin = "", size = "", root = "", ...rest] = text.split("\n")
  if (rest.length !== 1 || !/^(0|[1-9]\d{0,15})$/.test(size)) return undefined
  if ([name, origin].some((one) => one === "" || Buffer.byteLength(one) > 255)) return undefined
  return Buffer.concat([
    Buffer.from("subtree/v1\n\0"),
    prefixed(name),
    uint64(seconds),
    prefixed(origin),
    uint64(0n),
    uint64(BigInt(size)),
    Buffer.from(root, "base64"),
  ])
}

/** What a cosignature is over (C2SP tlog-cosignature). */
const messageOf = ({ name, algorithm }: WitnessKey, seconds: bigint, text: string): Buffer | undefined =>
  algorithm === "ed25519"
    ? Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
    : cosignedMessage(name, seconds, text)

const cosignatureBy = (key: WitnessKey, { bytes, line }: NoteSignature, text: string): Cosignature | undefined => {
  if (bytes.length <= TIMESTAMP_BYTES) return undefined
  const seconds = bytes.readBigUInt64BE()
  // A cosignature of a whole tree says when; and more seconds than numbers count are no time.
  if (seconds === 0n || seconds > MAX_SECONDS) return undefined
  const message = messageOf(key, seconds, text)
  if (message === undefined || !verify(null, message, key.publicKey, bytes.subarray(TIMESTAMP_BYTES))) return undefined
  return { name: key.name, seconds: Number(seconds), line }
}

const judge = (
  text: string,
  signatures: ReadonlyArray<NoteSignature>,
  keys: ReadonlyArray<WitnessKey>,
): Result.Result<ReadonlyArray<Cosignature>, string> => {
  const found: Array<Cosignature> = []
  for (const signature of signatures) {
    const key = keys.find(({ name, id }) => name === signature.name && id === signature.id)
    if (key === undefined) continue
    const cosignature = cosignatureBy(key, signature, text)
    if (cosignature === undefined) return Result.fail(`the cosignature of \`${key.name}\` does not verify`)
    found.push(cosignature)
  }
  return Result.succeed(found)
}

/** The cosignatures under a checkpoint by these keys; nothing is said about the signature of the log. */
export const cosignaturesOf = (
  checkpoint: string,
  keys: ReadonlyArray<WitnessKey>,
): Result.Result<ReadonlyArray<Cosignature>, string> => {
  const read = readNote(checkpoint)
  return Result.isFailure(read) ? Result.fail(read.failure) : judge(read.success.text, read.success.signatures, keys)
}

/** The cosignatures among lines that a witness answered with, by these keys; there is at least one. */
export const cosignaturesIn = (
  lines: string,
  checkpoint: string,
  keys: ReadonlyArray<WitnessKey>,
): Result.Result<ReadonlyArray<Cosignature>, string> => {
  const signatures = lines.replace(/\n$/, "").split("\n").map(readSignature)
  if (!signatures.every((one) => one !== undefined)) return Result.fail("it answered with a line that is no signature")
  const text = Result.map(readNote(checkpoint), (note) => note.text)
  const judged = Result.flatMap(text, (known) => judge(known, signatures, keys))
  return Result.isSuccess(judged) && judged.success.length === 0
    ? Result.fail("it answered with no cosignature by a key that is known")
    : judged
}

/** The checkpoint with these cosignatures behind what it has. */
export const withCosignatures = (checkpoint: string, cosignatures: ReadonlyArray<Cosignature>): string =>
  checkpoint + cosignatures.map(({ line }) => `${line}\n`).join("")

/** How many witnesses these cosignatures are of. */
export const witnessCount = (cosignatures: ReadonlyArray<Cosignature>): number =>
  new Set(cosignatures.map(({ name }) => name)).size

/** The cosignatures under a checkpoint if enough witnesses cosigned it, or a sentence about who is missing. */
export const requireQuorum = (
  checkpoint: string,
  { keys, count }: Quorum,
): Result.Result<ReadonlyArray<Cosignature>, string> => {
  const found = cosignaturesOf(checkpoint, keys)
  if (Result.isFailure(found)) return found
  const cosignedCount = witnessCount(found.success)
  if (cosignedCount >= count) return found
  const missing = [...new Set(keys.map(({ name }) => name))].filter(
    (name) => !found.success.some((one) => one.name === name),
  )
  return Result.fail(
    `the checkpoint was cosigned by ${cosignedCount} witnesses, and has to be by ${count}: not by ${missing.map((name) => `\`${name}\``).join(", ")}`,
  )
}
