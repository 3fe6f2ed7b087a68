/**
 * Whether an exported file is valid: judged by the log's verifier key, without the log and without its operator.
 *
 * The file is read once, a line at a time, in memory that does not grow with the file. It comes from a stranger, so
 * every line must be exactly as an export writes it. The first fault is reported. A valid file proves its readable
 * entries; of those that are only hashed it proves the place, and not what the line says about them.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { leafHash, openCheckpoint, readCanonical, type TreeHead, type VerifierKey } from "../../log/index.ts"
import { coveredTree, coverOf, type CoveredTree } from "./Cover.ts"
import { EXPORT_FORMAT, EXPORT_VERSION, type ExportHeader } from "./Export.ts"

/** What an export was found to hold, under a checkpoint whose signature is right. */
export interface VerifiedExport extends TreeHead {
  /** The position of the first entry of the file. */
  readonly from: number
  /** Entries that are in the file as they were recorded. */
  readonly readableCount: number
  /** Entries of which only the hash was proven. */
  readonly hashedCount: number
}

/** The longest line that is read. It is far above the largest entry, escaped. */
export const MAX_LINE_CHARACTERS = 1_000_000

/** 32 bytes in base64url; the last character has two bits to spare, which are zero in the one spelling. */
const Hash = Schema.String.check(Schema.isPattern(/^[\w-]{42}[AEIMQUYcgkosw048]$/))
const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))

const Header = Schema.Struct({
  format: Schema.Literal(EXPORT_FORMAT),
  version: Schema.Literal(EXPORT_VERSION),
  origin: Schema.String,
  from: Count,
  size: Count,
  left: Schema.Array(Hash),
})
const Entry = Schema.Union([
  Schema.Struct({ position: Count, leaf: Hash, bytes: Schema.String }),
  Schema.Struct({ position: Count, leaf: Hash, redacted: Schema.Record(Schema.String, Schema.Unknown) }),
])
const End = Schema.Struct({ checkpoint: Schema.String })

/**
 * Reads a line of this form; `undefined` also for another spelling of the same value, which others might read
 * differently.
 */
const reader = <A>(schema: Schema.Codec<A, unknown>): ((line: string) => A | undefined) => {
  const decode = Schema.decodeUnknownResult(schema, { onExcessProperty: "error" })
  return (line) => {
    try {
      const value: unknown = JSON.parse(line)
      const read = JSON.stringify(value) === line ? decode(value) : undefined
      return read !== undefined && Result.isSuccess(read) ? read.success : undefined
    } catch {
      return undefined
    }
  }
}
const readHeader = reader<ExportHeader>(Header)
const readEntry = reader<typeof Entry.Type>(Entry)
const readEnd = reader<typeof End.Type>(End)

/** What is wrong with the file, in a sentence; caught where the file is read. */
class Wrong extends Error {}

const wrong = (message: string): never => {
  throw new Wrong(message)
}

/** Takes lines one by one; throws {@link Wrong}. */
const judge = (key: VerifierKey) => {
  let lineCount = 0
  let header: ExportHeader | undefined
  let tree: CoveredTree
  let next = 0
  let readableCount = 0
  let head: TreeHead | undefined
  /** An entry that is proven, but is not written as a log writes one. */
  let oddity: string | undefined

  const begin = (line: string): ExportHeader => {
    const read =
      readHeader(line) ?? wrong(`line 1 is not the header of a ${EXPORT_FORMAT} of version ${EXPORT_VERSION}`)
    const { origin, from, size, left } = read
    if (origin !== key.name) wrong(`line 1: the export is of the log \`${origin}\`, the key is of \`${key.name}\``)
    if (from > size || left.length !== coverOf(0, from).length) {
      wrong("line 1: position, size and hashes of the header do not belong together")
    }
    tree = coveredTree(left, from, size)
    next = from
    return read
  }

  const meetEntry = (line: string, size: number): void => {
    const entry = readEntry(line)
    if (entry === undefined) {
      const missing = next === size - 1 ? `entry ${next} is` : `entries ${next} to ${size - 1} are`
      if (readEnd(line) !== undefined) wrong(`line ${lineCount} is the checkpoint, and ${missing} missing`)
      return wrong(`line ${lineCount} is not an entry, or not as an export writes it`)
    }
    const { position, leaf } = entry
    if (position !== next) wrong(`line ${lineCount} is of entry ${position}, and entry ${next} belongs there`)
    if ("bytes" in entry) {
      if (!entry.bytes.isWellFormed() || leafHash(entry.bytes) !== leaf) {
        wrong(`line ${lineCount}: entry ${position} is not what was recorded: its bytes and its hash disagree`)
      }
      if (readCanonical(entry.bytes) === undefined) {
        oddity ??= `line ${lineCount}: entry ${position} is not as a log writes one: others might read it otherwise`
      }
      readableCount++
    }
    tree.push(leaf)
    next++
  }

  const meetEnd = (line: string, { from, size }: ExportHeader): TreeHead => {
    const end = readEnd(line) ?? wrong(`line ${lineCount} is not the checkpoint, which belongs behind ${size} entries`)
    const opened = Result.getOrElse(openCheckpoint(end.checkpoint, key), (why) => wrong(`line ${lineCount}: ${why}`))
    if (opened.size !== size)
      wrong(`line ${lineCount}: the checkpoint is of ${opened.size} entries, the export of ${size}`)
    if (opened.root !== tree.root()) {
      const before = from === 0 ? "" : `, or a hash over those before ${from},`
      wrong(`one of the entries ${from} to ${size - 1}${before} is not what it was: they do not lead to the checkpoint`)
    }
    return oddity === undefined ? opened : wrong(oddity)
  }

  return {
    lineCount: () => lineCount,
    take: (line: string): void => {
      lineCount++
      if (header === undefined) header = begin(line)
      else if (next < header.size) meetEntry(line, header.size)
      else if (head === undefined) head = meetEnd(line, header)
      else wrong(`line ${lineCount}: nothing belongs behind the checkpoint`)
    },
    end: (): VerifiedExport => {
      if (header === undefined) return wrong("the file is empty")
      if (head === undefined) return wrong(`the file ends behind line ${lineCount}, before the checkpoint`)
      const { from, size } = header
      return { ...head, from, readableCount, hashedCount: size - from - readableCount }
    },
  }
}

/** Reads the file to its first fault or to its end; rejects only if `chunks` does. */
export const verifyExport = async (
  chunks: AsyncIterable<Uint8Array>,
  key: VerifierKey,
): Promise<Result.Result<VerifiedExport, string>> => {
  const judged = judge(key)
  // A byte order mark, or bytes that are no UTF-8, would be lost on the way to the hash.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      if (chunk === undefined) return wrong(`the file is cut off in line ${judged.lineCount() + 1}`)
      return wrong(`the file is not UTF-8, at line ${judged.lineCount() + 1} or soon after it`)
    }
  }
  let rest = ""
  try {
    for await (const chunk of chunks) {
      const lines = (rest + decode(chunk)).split("\n")
      rest = lines.pop()!
      lines.forEach(judged.take)
      if (rest.length > MAX_LINE_CHARACTERS) wrong(`line ${judged.lineCount() + 1} is longer than any of an export`)
    }
    rest += decode()
    if (rest !== "") wrong(`the file is cut off in line ${judged.lineCount() + 1}`)
    return Result.succeed(judged.end())
  } catch (cause) {
    if (cause instanceof Wrong) return Result.fail(cause.message)
    throw cause
  }
}
