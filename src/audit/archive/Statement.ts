/**
 * What the key of the checkpoints signs about an archive: which entries were taken out of the log, and which streams.
 *
 * It is a signed note, as a checkpoint is one, whose first line no checkpoint has. So nobody takes one for the other. It
 * names a root of the log, under which every entry of the archive is, and a root over the archived entries alone, in
 * their order: by that one the log itself shows, without the archive, that nothing else is missing from it.
 */
import { createHash } from "node:crypto"
import * as Result from "effect/Result"
import { openNote, signNote, type RetiredStream, type SigningKey, type VerifierKey } from "../../log/index.ts"

/** Hashes are base64url. */
export interface ArchiveStatement {
  /** Everything in it had ended before this time, milliseconds since the epoch. */
  readonly before: number
  readonly entryCount: number
  /** The root of the tree over the leaves of its entries alone. */
  readonly root: string
  readonly streamCount: number
  /** The SHA-256 over what stays of its streams, by their names. */
  readonly streamHash: string
  /** How many entries the log had, and the root over them. */
  readonly logSize: number
  readonly logRoot: string
}

const VERSION = "grantlog-archive/v1"

const firstLine = (name: string): string => `${name} ${VERSION}`

export const signStatement = (statement: ArchiveStatement, key: SigningKey): string => {
  const { before, entryCount, root, streamCount, streamHash, logSize, logRoot } = statement
  const lines = [
    firstLine(key.name),
    `before ${before}`,
    `entries ${entryCount} ${root}`,
    `streams ${streamCount} ${streamHash}`,
    `log ${logSize} ${logRoot}`,
  ]
  return signNote(`${lines.join("\n")}\n`, key)
}

const FORM =
  /^before (\d{1,16})\nentries (\d{1,16}) ([\w-]{43})\nstreams (\d{1,16}) ([\w-]{43})\nlog (\d{1,16}) ([\w-]{43})\n$/

/** The statement of a note that `key` signed, or a sentence that says why there is none. */
export const openStatement = (note: string, key: VerifierKey): Result.Result<ArchiveStatement, string> => {
  const opened = openNote(note, key)
  if (Result.isFailure(opened)) return Result.fail(opened.failure)
  const end = opened.success.indexOf("\n") + 1
  const found = FORM.exec(opened.success.slice(end))
  if (opened.success.slice(0, end) !== `${firstLine(key.name)}\n` || found === null) {
    return Result.fail("the note is signed, but is no statement about an archive")
  }
  const [, before, entryCount, root = "", streamCount, streamHash = "", logSize, logRoot = ""] = found
  return Result.succeed({
    before: Number(before),
    entryCount: Number(entryCount),
    root,
    streamCount: Number(streamCount),
    streamHash,
    logSize: Number(logSize),
    logRoot,
  })
}

/** Takes what stays of the streams of an archive, in the order of their names. */
export const streamHasher = () => {
  const hash = createHash("sha256")
  let count = 0
  return {
    add: ({ stream, version, diedAt, clientId, keyIds }: RetiredStream): void => {
      count++
      hash.update(`${JSON.stringify([stream, version, diedAt, clientId, keyIds])}\n`)
    },
    end: () => ({ streamCount: count, streamHash: hash.digest("base64url") }),
  }
}
