/**
 * Whether an archive is what was signed: judged by the file and the key of the checkpoints, without the log.
 *
 * Every entry is held against its hash, all of them together against the root of the log and against the root over the
 * archive alone; each stream is whole, of a grant, breaks no promise that its events can show, and had ended by then.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  missingBefore,
  rollingTree,
  walkStreams,
  type ArchiveFile,
  type FoundStream,
  type StoreFault,
  type VerifierKey,
} from "../../log/index.ts"
import { inlineProjection } from "../../projection/index.ts"
import { breachesOf } from "../proof/Breaches.ts"
import { coverOf } from "../proof/Cover.ts"
import { openStatement, streamHasher, type ArchiveStatement } from "./Statement.ts"

const PAGE = 256

/** What is wrong with the place of entries in the log; `undefined` if nothing is. */
const judgeTree = Effect.fnUntraced(function* (archive: ArchiveFile, statement: ArchiveStatement) {
  const { entryCount, root, logSize, logRoot } = statement
  const [contents, tree] = [rollingTree(), rollingTree()]
  const fill = (to: number): string | undefined => {
    for (const { level, index } of coverOf(tree.size(), to)) {
      const hash = archive.hashBeside(level, index)
      if (hash === undefined) return `the hash over entries ${index * 2 ** level} and what follows is missing`
      tree.push(hash, level)
    }
    return undefined
  }
  for (let page = archive.stored(0, PAGE); page.length > 0; page = archive.stored(page.at(-1)!.position + 1, PAGE)) {
    for (const { position, leaf } of page) {
      const lack = position < logSize ? fill(position) : `entry ${position} is behind the end of the log`
      if (lack !== undefined) return lack
      contents.push(leaf)
      tree.push(leaf)
    }
    yield* Effect.yieldNow
  }
  const lack = fill(logSize)
  if (lack !== undefined) return lack
  if (contents.size() !== entryCount || contents.root() !== root) {
    return `it has ${contents.size()} entries, which are not the ${entryCount} that were signed`
  }
  return tree.root() === logRoot ? undefined : "its entries do not lead to the root of the log"
})

/** What is wrong with a stream. */
const judgeStream = (
  archive: ArchiveFile,
  { before }: ArchiveStatement,
  { name, entryCount, entries, gapBefore }: FoundStream,
): string | undefined => {
  if (gapBefore !== undefined) return `stream \`${name}\`: ${missingBefore(gapBefore).message}`
  const [breach] = breachesOf(entries)
  if (breach !== undefined) return `entry ${breach.position} breaks ${breach.promise}: ${breach.message}`
  const retired = inlineProjection.retire?.(entries)
  if (retired === undefined || retired.diedAt >= before) return `stream \`${name}\` had not ended`
  const kept = archive.stream(name)
  const isKept =
    kept !== undefined &&
    kept.version === entryCount &&
    kept.diedAt === retired.diedAt &&
    kept.clientId === retired.clientId &&
    kept.keyIds.join(" ") === retired.keyIds.join(" ")
  return isKept ? undefined : `what is said to stay of stream \`${name}\` is not what it folds to`
}

/** The statement of an archive that is right, or a sentence that says what is wrong with it. */
export const verifyArchive = Effect.fnUntraced(function* (
  archive: ArchiveFile,
  key: VerifierKey,
  onProgress: (entryCount: number, size: number) => void = () => {},
): Effect.fn.Return<Result.Result<ArchiveStatement, string>, StoreFault> {
  const opened = openStatement(archive.statement, key)
  if (Result.isFailure(opened)) return opened
  const statement = opened.success
  const hasher = streamHasher()
  let wrong: string | undefined = yield* judgeTree(archive, statement)
  const pages = {
    leaves: () => Effect.succeed([]),
    streams: (behind: Parameters<ArchiveFile["byStream"]>[0]) =>
      Effect.map(Effect.yieldNow, () => (wrong === undefined ? archive.byStream(behind, PAGE) : [])),
  }
  yield* walkStreams(pages, {
    onEntry: (_, read) => {
      if (Result.isFailure(read)) wrong ??= read.failure
    },
    onStream: (stream) => {
      wrong ??= judgeStream(archive, statement, stream)
      const kept = archive.stream(stream.name)
      if (kept !== undefined) hasher.add(kept)
    },
    onProgress: (entryCount) => onProgress(entryCount, statement.entryCount),
  })
  const { streamCount, streamHash } = hasher.end()
  if (wrong === undefined && (streamCount !== statement.streamCount || streamHash !== statement.streamHash)) {
    wrong = `it has ${streamCount} streams, which are not the ${statement.streamCount} that were signed`
  }
  return wrong === undefined ? opened : Result.fail(wrong)
})
