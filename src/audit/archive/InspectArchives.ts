/**
 * What is missing from a log, held against what was signed about its archives, and the archives that are given.
 *
 * Without its file an archive is known by its statement: that those entries are missing, and no others, by their leaves.
 * What they said is then nobody's to tell, and is named as not verified. Of one whose removal was stopped on the way,
 * only its file says what may be missing.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  archivedFrom,
  archivedTable,
  archiveOf,
  archiveTable,
  rollingTree,
  type ArchivedStream,
  type ArchiveFile,
  type RollingTree,
  type Row,
  type Store,
  type StoredEntry,
  type StoreFault,
  type VerifierKey,
} from "../../log/index.ts"
import { openStatement, streamHasher } from "./Statement.ts"
import { verifyArchive } from "./VerifyArchive.ts"

const PAGE = 256

/** Archives to be read, and the key that signed them. */
export interface GivenArchives {
  /** The verifier key of the checkpoints. */
  readonly key: VerifierKey
  /** Archives that were opened. */
  readonly files: ReadonlyArray<ArchiveFile>
}

export interface JudgedArchives {
  /** How many entries of the log are in archives. */
  readonly entryCount: number
  /** How many of them were read again. */
  readonly readCount: number
  /** What is wrong, each in a sentence without a period. */
  readonly faults: ReadonlyArray<string>
  /** What was not read, each in a few words. */
  readonly notRead: ReadonlyArray<string>
}

/** How many rows of archived streams are read together. */
const STREAMS_AT_ONCE = 1024

type StreamHasher = ReturnType<typeof streamHasher>

export const inspectArchives = (log: Pick<Store, "dump">, given: GivenArchives | undefined) => {
  /** The leaves of what is missing, by the archive that it is said to be in. */
  const missing = new Map<number, RollingTree>()
  const treeOf = (number: number) => missing.get(number) ?? missing.set(number, rollingTree()).get(number)!

  /**
   * What is said to stay of the streams of each archive, hashed as it was signed: of archives that were finished, with no
   * more than a page of them in memory; those of the others are put into `unfinished`.
   */
  const hashStreams = Effect.fnUntraced(function* (unfinished: ReadonlyMap<number, Array<ArchivedStream>>) {
    const hashers = new Map<number, StreamHasher>()
    for (let last: ArchivedStream | undefined; ;) {
      const after = last === undefined ? {} : { after: [last.stream] }
      const page = (yield* log.dump(archivedTable, { ...after, limit: STREAMS_AT_ONCE })).map(archivedFrom)
      for (const stream of page) {
        const hasher = hashers.get(stream.archive) ?? streamHasher()
        hashers.set(stream.archive, hasher)
        hasher.add(stream)
        unfinished.get(stream.archive)?.push(stream)
      }
      last = page.at(-1)
      if (page.length < STREAMS_AT_ONCE) return (number: number) => (hashers.get(number) ?? streamHasher()).end()
      yield* Effect.yieldNow
    }
  })

  /** What is wrong with what stands in the log about an archive. */
  const faultOf = (row: Row, streams: ReturnType<StreamHasher["end"]>, key: VerifierKey): string | undefined => {
    const number = Number(row["number"])
    const opened = openStatement(String(row["statement"]), key)
    if (Result.isFailure(opened)) return opened.failure
    const { entryCount, root, streamCount, streamHash } = opened.success
    const tree = treeOf(number)
    if (tree.size() !== entryCount || tree.root() !== root) {
      return `${tree.size()} entries are missing from the log that are not the ${entryCount} that were signed`
    }
    return streams.streamCount === streamCount && streams.streamHash === streamHash
      ? undefined
      : "what is said to stay of its streams is not what was signed"
  }

  /** Why what was taken out so far is not what the archive has; `undefined` where it is. */
  const unfinishedFault = (
    tree: RollingTree,
    streams: ReadonlyArray<ArchivedStream>,
    file: ArchiveFile,
  ): string | undefined => {
    const taken = new Set(streams.map(({ stream }) => stream))
    const own = rollingTree()
    for (let page = file.stored(0, PAGE); page.length > 0; page = file.stored(page.at(-1)!.position + 1, PAGE))
      for (const { stream, leaf } of page) if (taken.has(stream)) own.push(leaf)
    if (own.size() !== tree.size() || own.root() !== tree.root())
      return `${tree.size()} entries are missing from the log that are not those of \`${file.path}\``
    const [kept, archived] = [streamHasher(), streamHasher()]
    for (const one of streams) {
      kept.add(one)
      const other = file.stream(one.stream)
      if (other !== undefined) archived.add(other)
    }
    return kept.end().streamHash === archived.end().streamHash
      ? undefined
      : `what is said to stay of its streams is not what \`${file.path}\` says`
  }

  const judge = Effect.gen(function* (): Effect.fn.Return<JudgedArchives, StoreFault> {
    const rows = yield* log.dump(archiveTable)
    const unfinished = new Map<number, Array<ArchivedStream>>()
    for (const row of rows) if (row["is_whole"] !== 1) unfinished.set(Number(row["number"]), [])
    const signed = yield* hashStreams(unfinished)
    const faults: Array<string> = []
    const notRead: Array<string> = []
    let readCount = 0
    for (const row of rows) {
      const number = Number(row["number"])
      const name = `archive ${number} (${String(row["file"])})`
      const isWhole = row["is_whole"] === 1
      const file = given?.files.find(({ statement }) => statement === row["statement"])
      if (!isWhole) notRead.push(`${name}, which was not finished: run grantlog archive again with that file`)
      const fault =
        given === undefined
          ? undefined
          : isWhole
            ? faultOf(row, signed(number), given.key)
            : file && unfinishedFault(treeOf(number), unfinished.get(number) ?? [], file)
      if (fault !== undefined) faults.push(`${name}: ${fault}`)
      if (given === undefined || file === undefined) {
        if (isWhole) notRead.push(`${treeOf(number).size()} entries of ${name}`)
        continue
      }
      const verified = yield* verifyArchive(file, given.key)
      if (Result.isFailure(verified)) faults.push(`\`${file.path}\`: ${verified.failure}`)
      else readCount += treeOf(number).size()
    }
    for (const [number, tree] of missing) {
      if (rows.some((row) => row["number"] === number)) continue
      faults.push(`${tree.size()} entries are missing, and said to be in archive ${number}, of which nothing is known`)
    }
    const entryCount = [...missing.values()].reduce((total, tree) => total + tree.size(), 0)
    return { entryCount, readCount, faults, notRead }
  })

  return {
    onArchived: (stored: StoredEntry): void => void treeOf(archiveOf(stored)).push(stored.leaf),
    judge,
  }
}
