/** Archives that are named beside a log: opened, held to be of that log, and read in the place of what was taken out of it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Flag from "effect/cli/Flag"
import { archivedAdvice, requireArchives } from "../../audit/index.ts"
import { openArchive, type ArchiveFile, type EventLog, type Store, type StoreFault } from "../../log/index.ts"
import { CommandFault } from "../Failure.ts"

export const archives = Flag.String("archive").pipe(
  Flag.withDescription("an archive of this log, to read what was taken out of it; may be given several times"),
  Flag.atLeast(0),
)

/** Opens archives of this log for as long as the scope lives. */
export const openArchives = Effect.fnUntraced(function* (
  log: Pick<Store, "dump">,
  paths: ReadonlyArray<string>,
): Effect.fn.Return<ReadonlyArray<ArchiveFile>, StoreFault, Scope.Scope> {
  const opened = yield* Effect.forEach(paths, (path) =>
    Effect.acquireRelease(
      Effect.try({ try: () => openArchive(path), catch: (cause) => cause as StoreFault }),
      ({ close }) => Effect.sync(close),
    ),
  )
  yield* requireArchives(log, opened)
  return opened
})

/** Fails with where to look if the entries of a grant are in an archive that was not named. */
export const requireAtHand = Effect.fnUntraced(function* (
  log: Pick<EventLog, "archivedStream">,
  grantId: string,
): Effect.fn.Return<void, CommandFault | StoreFault> {
  const archived = yield* log.archivedStream(`grant-${grantId}`)
  if (archived === undefined) return
  const { sentence } = archivedAdvice({ ...archived, grantId, entryCount: archived.version })
  return yield* new CommandFault({ message: sentence })
})
