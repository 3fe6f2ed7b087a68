/**
 * Archiving: the entries of grants that ended long ago go into a file, and then out of the log.
 *
 * The file is whole, verified and on the disk before the first entry is taken out. So a crash between the two loses
 * nothing, and whoever runs it again with the same file goes on. What is taken out are whole streams of grants of which
 * nothing can be alive any more by their own account, whose rows are gone, and to which nothing is appended ever again.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  fromStored,
  idOfStream,
  indexedDigest,
  isWithin,
  rollingTree,
  rootOf,
  StoreFault,
  type ArchiveFile,
  type ArchiveWriter,
  type Archivist,
  type PrunedThrough,
  type Recorded,
  type SigningKey,
  type Store,
  type StoredEntry,
} from "../../log/index.ts"
import { inlineProjection } from "../../projection/index.ts"
import { breachesOf } from "../proof/Breaches.ts"
import { coverOf } from "../proof/Cover.ts"
import { signStatement, streamHasher } from "./Statement.ts"

/** Streams that are looked at, or taken out, together. */
const STREAMS_AT_ONCE = 64
/** Entries that are read together. */
const PAGE = 512
const PREFIX = "grant-"

export interface ArchiveOptions {
  /** Only what had ended before this time, milliseconds since the epoch. */
  readonly before: number
  readonly onProgress?: (streamCount: number) => void
}

const corrupt = (what: string) => new StoreFault({ reason: "corrupt", message: `${what}: run grantlog verify` })

const decoded = (entries: ReadonlyArray<StoredEntry>): Effect.Effect<ReadonlyArray<Recorded>, StoreFault> =>
  Effect.forEach(entries, (stored) => {
    const read = fromStored(stored)
    return Result.isSuccess(read) ? Effect.succeed(read.success) : Effect.fail(corrupt(read.failure))
  })

/** Removes rows of what died by then, all of them, and gives how far that came. */
const pruneAll = Effect.fnUntraced(function* (
  log: Pick<Store, "prune">,
  before: number,
): Effect.fn.Return<PrunedThrough, StoreFault> {
  let bound = yield* log.prune(before)
  for (;;) {
    const next = yield* log.prune(before)
    if (next.diedAt === bound.diedAt && next.id === bound.id) return next
    bound = next
  }
})

/** Puts what has ended into the file; gives how many streams that were. */
const collect = Effect.fnUntraced(function* (
  archivist: Archivist,
  writer: ArchiveWriter,
  bound: PrunedThrough,
  { before, onProgress = () => {} }: ArchiveOptions,
): Effect.fn.Return<number, StoreFault> {
  let streamCount = 0
  for (let after = ""; ;) {
    const page = yield* archivist.candidates(PREFIX, after, before, STREAMS_AT_ONCE)
    for (const { stream, version } of page) {
      const stored = yield* archivist.entriesOf(stream)
      const entries = yield* decoded(stored)
      const retired = inlineProjection.retire?.(entries)
      const death = { diedAt: retired?.diedAt ?? Number.POSITIVE_INFINITY, id: idOfStream(stream) }
      if (retired === undefined || death.diedAt >= before || !isWithin(death, bound)) continue
      const [breach] = breachesOf(entries)
      if (breach !== undefined || stored.length !== version) {
        return yield* corrupt(breach?.message ?? `the stream \`${stream}\` lacks an entry`)
      }
      writer.add({ stream, version, ...retired }, stored)
      onProgress(++streamCount)
    }
    yield* Effect.yieldNow
    const last = page.at(-1)
    if (last === undefined || page.length < STREAMS_AT_ONCE) return streamCount
    after = last.stream
  }
})

/** Puts the hashes in that lead from the entries of the archive to the root over the log. */
const prove = Effect.fnUntraced(function* (
  log: Pick<Store, "readTree">,
  writer: ArchiveWriter,
  size: number,
): Effect.fn.Return<{ readonly entryCount: number; readonly root: string }, StoreFault> {
  const contents = rollingTree()
  let next = 0
  const cover = (to: number) => {
    const missing = coverOf(next, to)
    next = to + 1
    return missing
  }
  const add = Effect.fnUntraced(function* (missing: ReturnType<typeof coverOf>) {
    const found = yield* log.readTree(({ hashOf }) => missing.map(({ level, index }) => hashOf(level, index)))
    writer.addHashes(missing.map((subtree, at) => ({ ...subtree, hash: found[at]! })))
  })
  for (let page = writer.stored(0, PAGE); page.length > 0; page = writer.stored(page.at(-1)!.position + 1, PAGE)) {
    yield* add(page.flatMap(({ position }) => cover(position)))
    for (const { leaf } of page) contents.push(leaf)
  }
  yield* add(cover(size))
  return { entryCount: contents.size(), root: contents.root() }
})

/** Writes what has ended into a file that was begun; gives what was signed about it, or `undefined` if nothing has. */
export const makeArchive = Effect.fnUntraced(function* (
  log: Pick<Store, "prune" | "readTree" | "head">,
  archivist: Archivist,
  writer: ArchiveWriter,
  key: SigningKey,
  options: ArchiveOptions,
): Effect.fn.Return<string | undefined, StoreFault> {
  const bound = yield* pruneAll(log, options.before)
  if ((yield* collect(archivist, writer, bound, options)) === 0) return undefined
  const { size: logSize } = yield* log.head
  const contents = yield* prove(log, writer, logSize)
  const streams = streamHasher()
  for (let behind = ""; ;) {
    const page = writer.streams(behind, PAGE)
    page.forEach(streams.add)
    if (page.length < PAGE) break
    behind = page.at(-1)!.stream
  }
  const logRoot = yield* log.readTree(({ hashOf }) => rootOf(hashOf, logSize))
  const statement = signStatement({ before: options.before, ...contents, ...streams.end(), logSize, logRoot }, key)
  writer.finish(statement)
  return statement
})

export interface Removed {
  readonly number: number
  /** How many streams were still in the log. */
  readonly streamCount: number
}

/** Takes out of the log what is in an archive that was verified; what was taken out before is not looked for. */
export const removeArchived = Effect.fnUntraced(function* (
  archivist: Archivist,
  archive: ArchiveFile,
  name: string,
  onProgress: (streamCount: number) => void = () => {},
): Effect.fn.Return<Removed, StoreFault> {
  const number = yield* archivist.begin(archive.statement, name)
  let [streamCount, seenCount] = [0, 0]
  for (let behind = ""; ;) {
    const page = archive.streams(behind, STREAMS_AT_ONCE)
    const leaving = yield* Effect.forEach(page, (stream) =>
      Effect.map(decoded(archive.ofStream(stream.stream, 0, Number.MAX_SAFE_INTEGER)), (entries) => ({
        ...stream,
        indexedDigests: entries.flatMap(({ event }) => indexedDigest(event) ?? []),
      })),
    )
    if (leaving.length > 0) streamCount += yield* archivist.remove(number, leaving)
    onProgress((seenCount += leaving.length))
    if (page.length < STREAMS_AT_ONCE) break
    behind = page.at(-1)!.stream
  }
  yield* archivist.finish(number)
  return { number, streamCount }
})
