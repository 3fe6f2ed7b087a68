/**
 * Making a backup: a folder in which the log lies with what belongs to it, under the names that it has beside a store.
 *
 * The log is copied as of one moment, while others write. What lies beside it is copied after it, and the ledger of who
 * is to be forgotten last, so that nobody is in the copy whom the ledger of the copy does not know. The folder takes its
 * name when all of it is on the disk. Retry secrets, signing keys and the audit index never are in a backup.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { checkpointNow, type CheckpointFault } from "../../audit/proof/Checkpoints.ts"
import { checkpointFileOf, checkpointKeyFileOf, ledgersBeside, subjectKeyFileOf } from "../../embedded/BesideFile.ts"
import { createFile, ensureFile, renameFolder, settleFile } from "../../files/SmallFile.ts"
import { snapshotFile, sqliteImporter, StoreFault, takeLock } from "../../log/index.ts"
import { inlineProjection } from "../../projection/index.ts"
import { keyFileOf, liveRandomness, subjectKeyPlace, subjectKeyTable } from "../../provider/index.ts"
import { sideTables } from "../../provider/SideTables.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { copyEntries, copyLedger, copyPlace, copySideTables, refuse, rootAt, type OnProgress } from "../Moving.ts"
import type { Opened } from "../OpenStore.ts"
import { LOG_FILE, MANIFEST, sha256Of, type Manifest } from "./Manifest.ts"

export interface BackupOptions {
  /** Whether the subjects' keys are in it: then it brings back what is forgotten later. */
  readonly withSubjectKeys: boolean
  /** Whether the key ring is in it, where it is a file. */
  readonly withKeyRing: boolean
  readonly onProgress: (done: number, total: number) => void
}

/** The file that is locked, in which nothing is ever written. */
const LOCK = ".lock"

const attempt = <A>(body: () => A): Effect.Effect<A, CommandFault | StoreFault> =>
  Effect.try({
    try: body,
    catch: (cause) => {
      if (cause instanceof StoreFault) return cause
      const { code, path } = cause as NodeJS.ErrnoException
      return new CommandFault({ message: `\`${path}\` cannot be written (${code}): make its folder writable` })
    },
  })

/** The folder that is written until it takes its name; what a run that was killed left in it is removed. */
const stageFor = (folder: string): Effect.Effect<string, CommandFault | UsageFault | StoreFault, Scope.Scope> =>
  Effect.gen(function* () {
    if (existsSync(folder)) {
      return yield* new UsageFault({ message: `\`${folder}\` is there already: name a new folder` })
    }
    if (!existsSync(dirname(folder))) {
      return yield* new UsageFault({ message: `there is no folder \`${dirname(folder)}\`: make it, or name another` })
    }
    const stage = `${folder}.partial`
    yield* attempt(() => mkdirSync(stage, { recursive: true, mode: 0o700 }))
    yield* Effect.acquireRelease(
      Effect.mapError(
        attempt(() => takeLock(join(stage, LOCK))),
        (fault) =>
          fault._tag === "StoreFault" && fault.reason === "busy"
            ? new CommandFault({
                message: `another grantlog is writing \`${stage}\`: wait for it, or name another folder`,
              })
            : fault,
      ),
      (release) => Effect.sync(release),
    )
    yield* attempt(() => {
      for (const name of readdirSync(stage)) if (name !== LOCK) rmSync(join(stage, name), { recursive: true })
    })
    return stage
  })

/** Copies the log, and the tables in its store; gives how many entries are in the copy. */
const copyLog = Effect.fnUntraced(function* (
  { log, location: { file } }: Opened,
  to: string,
  onProgress: OnProgress,
): Effect.fn.Return<number, CommandFault | StoreFault, Scope.Scope> {
  // The copy takes the mode of the file that is there.
  yield* attempt(() => ensureFile(to))
  if (file !== undefined) return yield* snapshotFile(file, to, onProgress)
  const importer = yield* Effect.acquireRelease(
    attempt(() => sqliteImporter(to, inlineProjection, sideTables)),
    ({ close }) => close,
  )
  const { size } = yield* log.head
  yield* copyEntries(log, importer, { size, presentCount: 0 }, onProgress)
  yield* copySideTables(log, importer)
  return size
})

const copySubjectKeys = Effect.fnUntraced(function* ({ beside }: Opened, to: string) {
  const target = yield* Effect.acquireRelease(subjectKeyPlace(to), ({ close }) => close)
  yield* copyPlace(subjectKeyTable, yield* beside.subjectKeyPlace, target, () => false)
})

/** Makes a backup in `folder`, which must not be there. */
export const makeBackup = Effect.fnUntraced(function* (
  opened: Opened,
  folder: string,
  { withSubjectKeys, withKeyRing, onProgress }: BackupOptions,
): Effect.fn.Return<Manifest, CommandFault | UsageFault | CheckpointFault | StoreFault, Scope.Scope> {
  const { log, location, beside } = opened
  const { state } = yield* log.rows.issuer()
  if (state._tag === "Uninitialized") return yield* refuse("this log has no issuer yet: there is nothing to back up")
  const stage = yield* stageFor(folder)
  const copy = join(stage, LOG_FILE)
  // A log that contradicts what was signed of it is not worth keeping as if it were right.
  const key = yield* beside.checkpoints.openKey(state.issuer, liveRandomness)
  const signed = yield* checkpointNow(log, key, beside.checkpoints)
  const entryCount = yield* Effect.scoped(copyLog(opened, copy, onProgress))
  const root = yield* rootAt(log, entryCount)

  const keyText = yield* beside.checkpoints.readKeyText
  const { keyFile } = location
  const ring = Option.fromUndefinedOr(keyFile).pipe(Option.filter((path) => withKeyRing && existsSync(path)))
  yield* attempt(() => {
    if (keyText !== undefined) createFile(checkpointKeyFileOf(copy), keyText)
    createFile(checkpointFileOf(copy), signed.checkpoint)
    if (Option.isSome(ring)) createFile(keyFileOf(copy), readFileSync(ring.value, "utf8"))
  })
  if (withSubjectKeys) yield* Effect.scoped(copySubjectKeys(opened, subjectKeyFileOf(copy)))
  yield* copyLedger(beside.forgetLedger, ledgersBeside([copy]))

  const names = readdirSync(stage).filter((name) => name.startsWith(LOG_FILE))
  const files: Record<string, string> = {}
  for (const name of names.toSorted()) files[name] = yield* sha256Of(join(stage, name))
  const manifest: Manifest = {
    format: "grantlog-backup",
    version: 1,
    madeAt: yield* Clock.currentTimeMillis,
    issuer: state.issuer,
    entryCount,
    root,
    hasKeyRing: Option.isSome(ring),
    hasSubjectKeys: withSubjectKeys,
    files,
  }
  yield* attempt(() => {
    names.forEach((name) => settleFile(join(stage, name)))
    createFile(join(stage, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    renameFolder(stage, folder)
    rmSync(join(folder, LOCK))
  })
  return manifest
})
