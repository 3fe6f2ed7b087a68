/**
 * Checkpoints: signed tree heads in C2SP's form (tlog-checkpoint), and proofs that an entry is under one (tlog-proof).
 *
 * A checkpoint says how many entries the log had and what their root was. Whoever kept one can show later that the log
 * was rewritten below it; it says nothing about what came after, nor about another log shown to somebody else.
 */
import * as Result from "effect/Result"
import { openNote, signNote, type SigningKey, type VerifierKey } from "./SignedNote.ts"
import { rootFromInclusion } from "./Merkle.ts"

/** A tree head: `origin` names the log, `size` counts its entries, `root` is base64url. */
export interface TreeHead {
  /** The name of the log. */
  readonly origin: string
  /** How many entries it had. */
  readonly size: number
  /** The root of the tree over them, base64url. */
  readonly root: string
}

const toBase64 = (base64url: string): string => Buffer.from(base64url, "base64url").toString("base64")

/** A hash in standard base64, as base64url; `undefined` for anything but 32 bytes in their one spelling. */
const hashFrom = (base64: string): string | undefined => {
  const bytes = Buffer.from(base64, "base64")
  return bytes.length === 32 && bytes.toString("base64") === base64 ? bytes.toString("base64url") : undefined
}

const numberFrom = (text: string): number | undefined => {
  const value = Number(text)
  return /^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(value) ? value : undefined
}

/** The log's origin is the name of its key. */
export const signCheckpoint = (size: number, root: string, key: SigningKey): string =>
  signNote(`${key.name}\n${size}\n${toBase64(root)}\n`, key)

/** The tree head of a checkpoint that `key` signed. */
export const openCheckpoint = (note: string, key: VerifierKey): Result.Result<TreeHead, string> => {
  const opened = openNote(note, key)
  if (Result.isFailure(opened)) return Result.fail(opened.failure)
  const [origin, sizeText, rootText] = opened.success.split("\n")
  const size = sizeText === undefined ? undefined : numberFrom(sizeText)
  const root = rootText === undefined ? undefined : hashFrom(rootText)
  if (origin === undefined || size === undefined || root === undefined) {
    return Result.fail("the note is signed, but is no checkpoint: origin, size and root are its first three lines")
  }
  if (origin !== key.name)
    return Result.fail(`the checkpoint is of the log \`${origin}\`, the key is of \`${key.name}\``)
  return Result.succeed({ origin, size, root })
}

/** A proof that the entry with these bytes is in the log, for somebody who has only the verifier key. */
export interface EntryProof {
  /** Where the entry stands in the log: an index. */
  readonly position: number
  /** The hashes beside the way from the entry to the root, base64url, nearest first. */
  readonly hashes: ReadonlyArray<string>
  /** The signed note that the root is in. */
  readonly checkpoint: string
  /** The entry's bytes, as hashed. They are authenticated by the proof, not by themselves. */
  readonly entry: string
}

const PROOF_HEADER = "c2sp.org/tlog-proof@v1"

/** The text of a `.tlog-proof` file; the entry travels in its `extra` line. */
export const formatProof = ({ position, hashes, checkpoint, entry }: EntryProof): string =>
  [
    PROOF_HEADER,
    `extra ${Buffer.from(entry).toString("base64")}`,
    `index ${position}`,
    ...hashes.map(toBase64),
    "",
    checkpoint,
  ].join("\n")

/** Reads a `.tlog-proof` file that carries its entry. */
export const parseProof = (text: string): Result.Result<EntryProof, string> => {
  const end = text.indexOf("\n\n")
  const [header, extra = "", index = "", ...lines] = text.slice(0, Math.max(0, end)).split("\n")
  if (end === -1 || header !== PROOF_HEADER) return Result.fail(`a proof file begins with the line ${PROOF_HEADER}`)
  const encoded = /^extra ([A-Za-z0-9+/]+=*)$/.exec(extra)?.[1]
  if (encoded === undefined)
    return Result.fail("the proof carries no entry: its second line is to be extra and the entry")
  const position = numberFrom(/^index (.+)$/.exec(index)?.[1] ?? "")
  if (position === undefined)
    return Result.fail("the proof names no position: its third line is to be index and a number")
  const hashes = lines.map(hashFrom)
  if (!hashes.every((hash) => hash !== undefined)) return Result.fail("a hash of the proof is not 32 bytes of base64")
  const entry = Buffer.from(encoded, "base64").toString()
  return Result.succeed({ position, hashes, checkpoint: text.slice(end + 2), entry })
}

/** The tree head of a proof, if the proof is valid. `leafOf` hashes the bytes of an entry. */
export const verifyProof = (
  { position, hashes, checkpoint, entry }: EntryProof,
  key: VerifierKey,
  leafOf: (bytes: string) => string,
): Result.Result<TreeHead, string> => {
  const head = openCheckpoint(checkpoint, key)
  if (Result.isFailure(head)) return head
  const { size, root } = head.success
  if (rootFromInclusion({ leaf: leafOf(entry), position, size, proof: hashes }) === root) return head
  return Result.fail(`the entry is not the one at position ${position} under the checkpoint of ${size} entries`)
}
