/**
 * A log together with archives of it: what was taken out is read from them, each entry held against the leaf that the
 * log has kept. Nothing is written, and what is in none of the archives stays unread.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  archiveTable,
  fromStored,
  isArchived,
  leafHash,
  StoreFault,
  type ArchiveFile,
  type EventLog,
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

export const withArchives = <Log extends EventLog>(log: Log, archives: ReadonlyArray<ArchiveFile>): Log => {
  if (archives.length === 0) return log

  const filled = (stored: StoredEntry): Effect.Effect<StoredEntry, StoreFault> => {
    if (!isArchived(stored)) return Effect.succeed(stored)
    for (const archive of archives) {
      const [found] = archive.stored(stored.position, 1)
      if (found?.position !== stored.position) continue
      if (leafHash(found.bytes) === stored.leaf) return Effect.succeed({ ...found, leaf: stored.leaf })
      return refuse(`entry ${stored.position} in \`${archive.path}\` is not what was recorded: run grantlog verify`)
    }
    return Effect.succeed(stored)
  }
  const readStored: EventLog["readStored"] = (position, limit = PAGE) =>
    Effect.flatMap(log.readStored(position, limit), (page) => Effect.forEach(page, filled))
  const decoded = (page: ReadonlyArray<StoredEntry>): Effect.Effect<ReadonlyArray<Recorded>, StoreFault> =>
    Effect.forEach(
      page.filter((stored) => !isArchived(stored)),
      (stored) => {
        const read = fromStored(stored)
        return Result.isSuccess(read) ? Effect.succeed(read.success) : refuse(`${read.failure}: run grantlog verify`)
      },
    )
  return {
    ...log,
    readStored,
    readAll: (position, limit = PAGE) => Effect.flatMap(readStored(position, limit), decoded),
    archivedStream: (stream) =>
      archives.some((archive) => archive.stream(stream) !== undefined) ? Effect.undefined : log.archivedStream(stream),
    readStream: (stream, afterVersion = 0, limit = Number.MAX_SAFE_INTEGER) => {
      const archive = archives.find((one) => one.stream(stream) !== undefined)
      if (archive === undefined) return log.readStream(stream, afterVersion, limit)
      const places = archive.ofStream(stream, afterVersion, limit).map(({ position }) => position)
      return Effect.flatMap(
        Effect.forEach(places, (position) => readStored(position, 1)),
        (pages) => decoded(pages.flat()),
      )
    },
  }
}
