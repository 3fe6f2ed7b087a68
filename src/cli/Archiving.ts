/**
 * Making an archive as the command does: the file is whole under its own name before anything is taken out of the log.
 *
 * Killed at any time and done again with the same file, it goes on. What was told of on the way is for who waits.
 */
import { existsSync, linkSync, rmSync } from "node:fs"
import { basename } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { checkpointNow, makeArchive, removeArchived, verifyArchive, type CheckpointFault } from "../audit/index.ts"
import {
  openArchive,
  postgresArchivist,
  rootOf,
  sqliteArchivist,
  writeArchive,
  type ArchiveFile,
  type Archivist,
  type EventLog,
  type SigningKey,
  type StoreFault,
  type VerifierKey,
} from "../log/index.ts"
import { inlineProjection } from "../projection/index.ts"
import { sideTables } from "../provider/SideTables.ts"
import { CommandFault } from "./Failure.ts"
import type { Opened } from "./OpenStore.ts"
import { time } from "./Print.ts"
import type { StoreLocation } from "./StoreLocation.ts"

const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: (cause) => cause as StoreFault })

export interface ArchivingOptions {
  /** Only what had ended before this time, milliseconds since the epoch. */
  readonly before: number
  /** Told of as many grants as were put into the file. */
  readonly onCollected: (grantCount: number) => void
  /** Told of as many grants as were taken out of the log. */
  readonly onRemoved: (grantCount: number) => void
}

export interface Archived {
  readonly number: number
  /** The time that was asked for when the file was made. */
  readonly before: number
  readonly grantCount: number
  readonly entryCount: number
  /** How many of them were still in the log. */
  readonly removedGrantCount: number
  /** Gives the room in the file back; absent for a database. */
  readonly shrink: Effect.Effect<void, StoreFault> | undefined
}

interface OpenedArchivist extends Archivist {
  readonly shrink?: Effect.Effect<void, StoreFault>
}

const archivistOf = ({ file = "", database }: StoreLocation): Effect.Effect<OpenedArchivist, StoreFault, Scope.Scope> =>
  Effect.acquireRelease(
    attempt((): OpenedArchivist =>
      database === undefined
        ? sqliteArchivist(file, inlineProjection, sideTables)
        : postgresArchivist(database.url, inlineProjection),
    ),
    ({ close }) => close,
  )

/** Fails unless the archive is what was signed, and is of this log. */
const requireRight = Effect.fnUntraced(function* (log: EventLog, archive: ArchiveFile, key: VerifierKey) {
  const verified = yield* verifyArchive(archive, key)
  if (Result.isFailure(verified)) {
    return yield* new CommandFault({ message: `the archive \`${archive.path}\` is not right: ${verified.failure}` })
  }
  const { logSize, logRoot } = verified.success
  const isOurs =
    (yield* log.head).size >= logSize && (yield* log.readTree(({ hashOf }) => rootOf(hashOf, logSize))) === logRoot
  if (isOurs) return verified.success
  return yield* new CommandFault({ message: `\`${archive.path}\` is no archive of this log` })
})

const opening = (path: string): Effect.Effect<ArchiveFile, StoreFault, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(() => openArchive(path)),
    ({ close }) => Effect.sync(close),
  )

/** Writes the archive, and gives it its name when it was read again and is right; `undefined` if there was nothing for it. */
const write = Effect.fnUntraced(function* (
  { log }: Opened,
  archivist: Archivist,
  key: SigningKey,
  path: string,
  options: ArchivingOptions,
) {
  const partial = `${path}.partial`
  const remove = () => rmSync(partial, { force: true })
  yield* Effect.acquireRelease(Effect.sync(remove), () => Effect.sync(remove))
  const writer = yield* attempt(() => writeArchive(partial))
  const { before, onCollected: onProgress } = options
  const statement = yield* makeArchive(log, archivist, writer, key, { before, onProgress }).pipe(
    Effect.tapError(() => Effect.sync(writer.close)),
  )
  if (statement === undefined) {
    writer.close()
    return undefined
  }
  const right = yield* Effect.scoped(Effect.flatMap(opening(partial), (archive) => requireRight(log, archive, key)))
  yield* Effect.try({
    try: () => linkSync(partial, path),
    catch: (cause) =>
      new CommandFault({ message: `\`${path}\` cannot be made (${(cause as NodeJS.ErrnoException).code})` }),
  })
  return right
}, Effect.scoped)

/** Makes the archive, or goes on with one that is there, and takes what is in it out of the log. */
export const archiveInto = Effect.fnUntraced(function* (
  opened: Opened,
  path: string,
  options: ArchivingOptions,
): Effect.fn.Return<Archived, CommandFault | StoreFault | CheckpointFault, Scope.Scope> {
  const { log, location, beside } = opened
  const key = yield* beside.checkpoints.readKey
  // A log that contradicts what was signed of it is not archived: what is wrong with it would be taken out.
  yield* checkpointNow(log, key, beside.checkpoints)
  const archivist = yield* archivistOf(location)
  const isThere = existsSync(path)
  const written = isThere ? undefined : yield* write(opened, archivist, key, path, options)
  if (!isThere && written === undefined) {
    return yield* new CommandFault({ message: `no grant had ended before ${time(options.before)}` })
  }
  const file = yield* opening(path)
  const { entryCount, streamCount: grantCount, before } = written ?? (yield* requireRight(log, file, key))
  const removed = yield* removeArchived(archivist, file, basename(path), options.onRemoved)
  const { number, streamCount: removedGrantCount } = removed
  return { number, before, grantCount, entryCount, removedGrantCount, shrink: archivist.shrink }
})
