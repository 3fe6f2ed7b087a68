/**
 * A log together with archives of it: what was taken out is read from them, and what is in none of them stays unread.
 *
 * No archive has to be believed, nor read as a whole, for a question: each entry is held against the leaf that the log has
 * kept at its position, and each stream has to have as many entries as the log says that it had. So whatever was changed,
 * left out or put into an archive, now or since it was read before, is refused where it is asked about. Nothing is written.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  archiveOf,
  archiveTable,
  fromStored,
  isArchived,
  leafHash,
  StoreFault,
  type ArchiveFile,
  type EventLog,
  type FoundArchived,
  type Recorded,
  type Store,
  type StoredEntry,
} from "../../log/index.ts"

const PAGE = 512

const refuse = (message: string) => Effect.fail(new StoreFault({ reason: "corrupt", message }))

/** Fails unless each is an archive of this log, by what was signed. */
export const requireArchives = Effect.fnUntraced(function* (
  log: Pick<Store, "dump">,
  archives: ReadonlyArray<ArchiveFile>,
): Effect.fn.Return<void, StoreFault> {
  const known = new Set((yield* log.dump(archiveTable)).map((row) => row["statement"]))
  const foreign = archives.find(({ statement }) => !known.has(statement))
  if (foreign !== undefined) return yield* refuse(`\`${foreign.path}\` is no archive of this log`)
})

/** As much of a log as archives are read together with. */
type ArchivedLog = EventLog & Pick<Store, "dump">

export const withArchives = <Log extends ArchivedLog>(log: Log, archives: ReadonlyArray<ArchiveFile>): Log => {
  if (archives.length === 0) return log
  let known: ReadonlyMap<number, ArchiveFile> | undefined
  /** The archives by the numbers that the log has given them. */
  const numbered = Effect.suspend(() =>
    known !== undefined
      ? Effect.succeed(known)
      : Effect.map(log.dump(archiveTable), (rows) => {
          const named = rows.map(({ number, statement }) => {
            return [Number(number), archives.find((archive) => archive.statement === statement)] as const
          })
          return (known = new Map(named.flatMap(([number, file]) => (file === undefined ? [] : [[number, file]]))))
        }),
  )

  /** The entries of a page that are in one of the archives, as they are there, by position. */
  const entriesFor = Effect.fnUntraced(function* (page: ReadonlyArray<StoredEntry>) {
    const found = new Map<number, StoredEntry>()
    for (const [number, places] of Map.groupBy(page.filter(isArchived), archiveOf)) {
      const archive = (yield* numbered).get(number)
      if (archive === undefined) continue
      const entries = new Map(
        archive.between(places[0]!.position, places.at(-1)!.position).map((entry) => [entry.position, entry]),
      )
      for (const { position, leaf } of places) {
        const entry = entries.get(position)
        if (entry === undefined) {
          return yield* refuse(`entry ${position} is not in \`${archive.path}\`, as it should be: run grantlog verify`)
        }
        if (leafHash(entry.bytes) !== leaf) {
          return yield* refuse(`entry ${position} in \`${archive.path}\` is not what was recorded: run grantlog verify`)
        }
        found.set(position, { ...entry, leaf })
      }
    }
    return found
  })
  const readStored: EventLog["readStored"] = (position, limit = PAGE) =>
    Effect.flatMap(log.readStored(position, limit), (page) =>
      page.some(isArchived)
        ? Effect.map(entriesFor(page), (found) => page.map((stored) => found.get(stored.position) ?? stored))
        : Effect.succeed(page),
    )
  const decoded = (page: ReadonlyArray<StoredEntry>): Effect.Effect<ReadonlyArray<Recorded>, StoreFault> =>
    Effect.forEach(
      page.filter((stored) => !isArchived(stored)),
      (stored) => {
        const read = fromStored(stored)
        return Result.isSuccess(read) ? Effect.succeed(read.success) : refuse(`${read.failure}: run grantlog verify`)
      },
    )
  /** The archive that a stream is in, if it is one of them, and what the log has kept of the stream. */
  const placeOf = Effect.fnUntraced(function* (stream: string) {
    const kept = yield* log.archivedStream(stream)
    const archive = kept === undefined ? undefined : (yield* numbered).get(kept.archive)
    return { kept, archive }
  })
  const readArchived = Effect.fnUntraced(function* (
    archive: ArchiveFile,
    { stream, version }: FoundArchived,
    afterVersion: number,
    limit: number,
  ): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
    const places = archive.ofStream(stream, afterVersion, limit)
    const pages = yield* Effect.forEach(places, ({ position }) => readStored(position, 1))
    const entries = yield* decoded(pages.flat())
    const count = Math.max(0, Math.min(limit, version - afterVersion))
    const isWhole =
      entries.length === count &&
      entries.every((entry, index) => entry.stream === stream && entry.version === afterVersion + index + 1)
    if (isWhole) return entries
    return yield* refuse(`\`${archive.path}\` lacks an entry of the stream \`${stream}\`: run grantlog verify`)
  })
  return {
    ...log,
    readStored,
    readAll: (position, limit = PAGE) => Effect.flatMap(readStored(position, limit), decoded),
    archivedStream: (stream) =>
      Effect.map(placeOf(stream), ({ kept, archive }) => (archive === undefined ? kept : undefined)),
    readStream: (stream, afterVersion = 0, limit = Number.MAX_SAFE_INTEGER) =>
      Effect.flatMap(placeOf(stream), ({ kept, archive }) =>
        kept === undefined || archive === undefined
          ? log.readStream(stream, afterVersion, limit)
          : readArchived(archive, kept, afterVersion, limit),
      ),
  }
}
