/**
 * What a log has signed, verified without the log and without its operator: plain text goes in, and what is right comes out.
 *
 * What is wrong throws a {@link ProofFault}, whose code says which of the two it is: the key, or what was to be proven.
 * Reads no file, no clock and no network.
 */
import * as Result from "effect/Result"
import * as audit from "../audit/index.ts"
import * as log from "../log/index.ts"
import { CodedError, type ErrorParts } from "../protocol/index.ts"

/** What does not verify. */
export type ProofFaultCode =
  /** The text is no verifier key. */
  | "key_malformed"
  /** The note is no checkpoint, or this key did not sign it. */
  | "checkpoint_invalid"
  /** The file is no proof, or does not prove that its entry is under its checkpoint. */
  | "proof_invalid"
  /** The file is no export, or its entries do not lead to its checkpoint. */
  | "export_invalid"

/** What does not verify, and why: in a sentence without a period. */
export class ProofFault extends CodedError<ErrorParts<ProofFaultCode>> {
  override get _tag() {
    return "ProofFault" as const
  }
}

const rightOr = <A>(code: ProofFaultCode, result: Result.Result<A, string>): A =>
  Result.getOrThrowWith(result, (message) => new ProofFault({ code, message }))

const keyOf = (text: string): log.VerifierKey => {
  const key = log.parseVerifierKey(text)
  if (key !== undefined) return key
  throw new ProofFault({ code: "key_malformed", message: "the key is no verifier key: NAME+ID+KEY" })
}

/**
 * The tree head of a checkpoint (C2SP tlog-checkpoint).
 *
 * `note` is the text of the signed note, `key` the verifier key as text, `NAME+ID+KEY`. Throws a {@link ProofFault} with
 * `key_malformed` or `checkpoint_invalid`.
 *
 * @example
 * import { openCheckpoint, ProofFault } from "grantlog/log"
 *
 * try {
 *   console.log(openCheckpoint("the text of a checkpoint", "the key that you wrote down").size)
 * } catch (fault) {
 *   if (fault instanceof ProofFault) console.log(fault.code) // key_malformed
 * }
 */
export const openCheckpoint = (note: string, key: string): log.TreeHead =>
  rightOr("checkpoint_invalid", log.openCheckpoint(note, keyOf(key)))

/** An entry that is in the log, and the tree head under which that was proven. */
export interface VerifiedProof extends log.TreeHead {
  /** Where the entry stands in the log: an index. */
  readonly position: number
  /** The entry as it was hashed: canonical JSON. */
  readonly entry: string
}

/**
 * The entry that a proof is about (C2SP tlog-proof), with its place in the log.
 *
 * `proof` is the text of a `.tlog-proof` file that carries its entry, `key` the verifier key as text. Throws a
 * {@link ProofFault} with `key_malformed` or `proof_invalid`.
 *
 * @example
 * import { authorizationServer, sqliteStore } from "grantlog"
 * import { verifyProof } from "grantlog/log"
 *
 * const config = { issuer: "http://localhost:4000" }
 * const server = await authorizationServer({ store: sqliteStore("grantlog.db"), config })
 * const key = await server.audit.keepCheckpoints()
 * console.log(verifyProof(await server.audit.prove(0), key).entry)
 * await server.close()
 */
export const verifyProof = (proof: string, key: string): VerifiedProof => {
  const verifier = keyOf(key)
  const read = rightOr("proof_invalid", log.parseProof(proof))
  const head = rightOr("proof_invalid", log.verifyProof(read, verifier, log.leafHash))
  return { ...head, position: read.position, entry: read.entry }
}

/**
 * What a file of `exportLines` or `grantlog export` holds, read to its end or to its first fault.
 *
 * `chunks` are its bytes in any pieces, `key` the verifier key as text. Rejects with a {@link ProofFault} with
 * `key_malformed` or `export_invalid`, and with whatever `chunks` throws.
 *
 * @example
 * import { verifyExport } from "grantlog/audit"
 *
 * const bytes = (async function* () {
 *   yield Buffer.from("what somebody calls an export\n")
 * })()
 * await verifyExport(bytes, "their key").catch(({ code }) => console.log(code)) // key_malformed
 */
export const verifyExport = async (chunks: AsyncIterable<Uint8Array>, key: string): Promise<audit.VerifiedExport> =>
  rightOr("export_invalid", await audit.verifyExport(chunks, keyOf(key)))
