/** `grantlog archive`: grants that ended long ago, moved out of the log into a file that proves itself. */
import { existsSync, linkSync, rmSync, statSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { checkpointNow, makeArchive, removeArchived, verifyArchive } from "../../audit/index.ts"
import {
  openArchive,
  postgresArchivist,
  ROW_RETENTION_MILLIS,
  rootOf,
  sqliteArchivist,
  writeArchive,
  type ArchiveFile,
  type Archivist,
  type EventLog,
  type SigningKey,
  type StoreFault,
  type VerifierKey,
} from "../../log/index.ts"
import { inlineProjection } from "../../projection/index.ts"
import { sideTables } from "../../provider/SideTables.ts"
import { parseTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting, type Opened } from "../OpenStore.ts"
import { printFields, printJson, time } from "../Print.ts"
import { grantProgress } from "../Progress.ts"
import type { StoreLocation } from "../StoreLocation.ts"
import { tell } from "../Terminal.ts"

const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: (cause) => cause as StoreFault })

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

/** Writes the archive, and gives it its name when it was read again and is right; says whether there was anything. */
const write = Effect.fnUntraced(function* (
  { log }: Opened,
  archivist: Archivist,
  key: SigningKey,
  path: string,
  { before, isTold }: { readonly before: number; readonly isTold: boolean },
) {
  const partial = `${path}.partial`
  const remove = () => rmSync(partial, { force: true })
  yield* Effect.acquireRelease(Effect.sync(remove), () => Effect.sync(remove))
  const writer = yield* attempt(() => writeArchive(partial))
  const onProgress = isTold ? grantProgress() : () => {}
  const statement = yield* makeArchive(log, archivist, writer, key, { before, onProgress }).pipe(
    Effect.tapError(() => Effect.sync(writer.close)),
  )
  if (statement === undefined) {
    writer.close()
    return false
  }
  yield* Effect.scoped(Effect.flatMap(opening(partial), (archive) => requireRight(log, archive, key)))
  yield* Effect.try({
    try: () => linkSync(partial, path),
    catch: (cause) =>
      new CommandFault({ message: `\`${path}\` cannot be made (${(cause as NodeJS.ErrnoException).code})` }),
  })
  return true
}, Effect.scoped)

export const archive = makeCommand(
  "archive",
  {
    before: Flag.String("before").pipe(
      Flag.withDescription("what ended before this time: 2026-11-21T08:00:00Z, or 90d ago"),
    ),
    to: Flag.String("to").pipe(
      Flag.withDescription("the file to make; one that is there is gone on with, where this was stopped"),
    ),
    shrink: Flag.Boolean("shrink").pipe(
      Flag.withDescription("give the room in the file back, of SQLite; nobody can write meanwhile"),
      Flag.withDefault(false),
    ),
    ...located,
    checkpointCopy,
    json,
  },
  Effect.fn(function* (flags) {
    const now = yield* Clock.currentTimeMillis
    const before = yield* parseTime(flags.before, now)
    if (before > now - ROW_RETENTION_MILLIS) {
      return yield* new UsageFault({ message: "--before is too late: what ended in the last ten minutes stays" })
    }
    const path = resolve(flags.to)
    if (!existsSync(dirname(path))) {
      return yield* new UsageFault({ message: `there is no folder \`${dirname(path)}\`: make it, or name another` })
    }
    const opened = yield* openExisting(flags)
    const { log, location, beside } = opened
    const key = yield* beside.checkpoints.readKey
    // A log that contradicts what was signed of it is not archived: what is wrong with it would be taken out.
    yield* checkpointNow(log, key, beside.checkpoints)
    const archivist = yield* archivistOf(location)
    const options = { before, isTold: !flags.json }
    const isThere = existsSync(path) || (yield* write(opened, archivist, key, path, options))
    if (!isThere) return yield* new CommandFault({ message: `no grant had ended before ${time(before)}` })
    const file = yield* opening(path)
    const { entryCount, streamCount, before: cut } = yield* requireRight(log, file, key)
    const removed = yield* removeArchived(archivist, file, basename(path))
    if (flags.shrink) {
      if (archivist.shrink === undefined) tell("a database is shrunk by its own VACUUM FULL")
      else yield* archivist.shrink
    }
    const told = {
      archive: removed.number,
      file: path,
      before: flags.json ? cut : time(cut),
      grantCount: streamCount,
      entryCount,
      removedGrantCount: removed.streamCount,
      archiveBytes: statSync(path).size,
      storeBytes: location.file === undefined ? null : statSync(location.file).size,
    }
    yield* flags.json ? printJson(told) : printFields(told)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    {
      command: "grantlog archive --before 90d --to /mnt/archives/2026-q3.archive",
      description: "Move what ended three months ago out of the log",
    },
  ]),
)
