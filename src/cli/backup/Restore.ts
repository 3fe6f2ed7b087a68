/**
 * Putting a backup into an empty place, without bringing back what has ended since it was made.
 *
 * What lies beside the place is newer than the backup and stays: the ledger of who is to be forgotten, subject keys,
 * checkpoints. They are also what shows that the backup is older than what was served; then it is restored only for who
 * says so, and every grant that was opened in it ends. Until all is done the place is marked as unfinished: run again,
 * restoring goes on where it ended, and a place that holds anything else is left as it is.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { checkpointNow, contradictionNow, keptHeads, type CheckpointFault } from "../../audit/proof/Checkpoints.ts"
import { createFile } from "../../files/SmallFile.ts"
import { claimTable, formatVerifierKey, type Importer, type Row, type StoreFault } from "../../log/index.ts"
import {
  accountTable,
  keyFileOf,
  liveRandomness,
  makeServer,
  subjectKeyTable,
  type AuthorizationServer,
  type ConfigFault,
  type Failure,
  type ServerStore,
} from "../../provider/index.ts"
import { openBeside, openForgettable, type KeptBeside } from "../Beside.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import {
  copyEntries,
  copyLedger,
  copyPlace,
  copySideTables,
  foldAndCompare,
  isSameBeginning,
  refuse,
  type MovedStore,
  type OnProgress,
} from "../Moving.ts"
import { existingKeys, openStore } from "../OpenStore.ts"
import { operatorFeatures } from "../ServeFeatures.ts"
import { locate, type StoreLocation } from "../StoreLocation.ts"
import { LOG_FILE, readBackup, type Manifest } from "./Manifest.ts"

export interface RestoreOptions {
  /** The backup may be older than what was served: then every grant that was opened in it ends. */
  readonly acceptRollback: boolean
  /** Nobody served the store after the backup was made, where no checkpoint says so. */
  readonly nothingSince: boolean
  readonly onProgress: OnProgress
}

export interface Restored extends Pick<Manifest, "madeAt" | "entryCount" | "root"> {
  readonly accountCount: number
  /** Who is forgotten in it now. */
  readonly forgottenCount: number
  /** Whether every grant that was opened in it has ended. */
  readonly hasEndedEveryGrant: boolean
  readonly verifierKey: string
}

type Fault = CommandFault | UsageFault | ConfigFault | CheckpointFault | StoreFault | Failure

/**
 * A claim that no server makes: it stands in a store for as long as this backup is being restored into it, and says
 * whether grants are to end, for what told so may be gone when it goes on.
 */
const markOf = ({ root }: Manifest, isRollback: boolean): string =>
  `restoring ${root} ${isRollback ? "as an older state" : "as it is"}`

const attempt = <A>(body: () => A): Effect.Effect<A, CommandFault> =>
  Effect.try({
    try: body,
    catch: (cause) => {
      const { code, path } = cause as NodeJS.ErrnoException
      return new CommandFault({ message: `\`${path}\` cannot be written (${code}): make its folder writable` })
    },
  })

/** A copy of the backup to read from, so that the backup stays as it is; removed with the scope. */
const openCopy = Effect.fnUntraced(function* (
  folder: string,
  { files }: Manifest,
  { file }: StoreLocation,
): Effect.fn.Return<MovedStore, Fault, Scope.Scope> {
  const made = attempt(() => {
    if (file === undefined) return mkdtempSync(join(tmpdir(), "grantlog-restoring-"))
    const beside = `${file}.restoring`
    rmSync(beside, { recursive: true, force: true })
    mkdirSync(beside, { mode: 0o700 })
    return beside
  })
  const work = yield* Effect.acquireRelease(made, (path) =>
    Effect.sync(() => rmSync(path, { recursive: true, force: true })),
  )
  yield* attempt(() => Object.keys(files).forEach((name) => copyFileSync(join(folder, name), join(work, name))))
  const location = yield* locate({
    store: `sqlite:${join(work, LOG_FILE)}`,
    beside: Option.none(),
    keysFile: Option.none(),
  })
  const beside = yield* openBeside(location, Option.none())
  return { log: yield* openStore(location), beside }
})

/** What the backup lacks by what lies beside the place, in a sentence; `unknown` where nothing there tells. */
const lackOf = Effect.fnUntraced(function* (
  { log, beside }: MovedStore,
  place: KeptBeside,
): Effect.fn.Return<string | "unknown" | undefined, CheckpointFault | StoreFault> {
  const readKey = Effect.catchTag(place.checkpoints.readKey, "CheckpointFault", () => beside.checkpoints.readKey)
  const agreed = yield* Effect.result(contradictionNow(log, readKey, place.checkpoints))
  if (Result.isFailure(agreed)) {
    const fault = agreed.failure
    if (fault.reason !== "inconsistent") return yield* fault
    const what = fault.message.replace("the log has", "the backup has").split(":")[0]!
    return `${what}: it is an older state than the one that was served, or of another log`
  }
  if ((yield* place.checkpoints.read).length > 0) return undefined
  for (const { subjectId } of yield* place.forgetLedger.read) {
    const { state } = yield* log.rows.subject(subjectId)
    if (state.status !== "forgotten") return `subject ${subjectId} was forgotten after this backup was made`
  }
  return "unknown"
})

/** Whether the restored log is older than what was served; fails unless that is accepted. */
const judgeAge = Effect.fnUntraced(function* (
  source: MovedStore,
  place: KeptBeside,
  { madeAt }: Manifest,
  { acceptRollback, nothingSince }: RestoreOptions,
): Effect.fn.Return<boolean, CommandFault | CheckpointFault | StoreFault> {
  const lack = yield* lackOf(source, place)
  if (lack === undefined) return false
  if (acceptRollback) return true
  if (lack !== "unknown") {
    return yield* refuse(
      `${lack}; to restore it as it is, and to end every grant that was opened in it, give --accept-rollback`,
    )
  }
  if (nothingSince) return false
  return yield* refuse(
    `nothing beside the store says whether it was served after ${new Date(madeAt).toISOString()}, when this backup was made: give --accept-rollback, which ends every grant that was opened in it, or --nothing-since if nobody served it`,
  )
})

/** What was decided by who began to restore this backup there; fails where anything else is there. */
const begunIn = Effect.fnUntraced(function* (
  source: MovedStore,
  log: ServerStore,
  manifest: Manifest,
): Effect.fn.Return<boolean | undefined, CommandFault | StoreFault> {
  const keys = new Set((yield* log.dump(claimTable)).map((row) => row["key"]))
  const decided = [true, false].find((isRollback) => keys.has(markOf(manifest, isRollback)))
  const { size } = yield* log.head
  if (size === 0 || (decided !== undefined && (yield* isSameBeginning(source.log, log)))) return decided
  return yield* refuse(`the store of --store holds a log of ${size} entries: name an empty place, or move it away`)
})

/** The key ring that is there, or that of the backup, put where the store expects it. */
const ringFor = Effect.fnUntraced(function* (location: StoreLocation, folder: string, manifest: Manifest) {
  const { keyFile } = location
  const isGivenElsewhere = !location.isKeyFileGiven && process.env["GRANTLOG_KEYS"] !== undefined
  if (manifest.hasKeyRing && keyFile !== undefined && !existsSync(keyFile) && !isGivenElsewhere) {
    yield* attempt(() => createFile(keyFile, readFileSync(keyFileOf(join(folder, LOG_FILE)), "utf8")))
  }
  return yield* existingKeys(location)
})

/** The key that signed the backup and the last checkpoint that it signed, where nothing is kept yet. */
const takeCheckpoints = Effect.fnUntraced(function* (
  { checkpoints: from }: KeptBeside,
  { checkpoints: to }: KeptBeside,
): Effect.fn.Return<void, CheckpointFault> {
  const kept = yield* to.read
  const text = yield* from.readKeyText
  if (text !== undefined && (kept.length === 0 || (yield* to.readKeyText) === undefined)) yield* to.takeKey(text)
  const [last] = yield* from.read
  if (kept.length === 0 && last !== undefined) yield* to.replace(kept, last, yield* to.readKey)
})

/** Ends every grant of an older state, and lets checkpoints begin anew behind it. What was done before is not done twice. */
const endOlderState = Effect.fnUntraced(function* (
  server: AuthorizationServer,
  { log, beside: { checkpoints } }: MovedStore,
  { entryCount, madeAt }: Manifest,
): Effect.fn.Return<void, CheckpointFault | StoreFault | Failure> {
  const added = yield* log.readAll(entryCount, Number.MAX_SAFE_INTEGER)
  if (!added.some(({ event }) => event._tag === "IssuerEpochRaised")) {
    const at = new Date(madeAt).toISOString()
    yield* server.raiseIssuerEpoch(`a backup of ${at}, with ${entryCount} entries, was restored`)
  }
  const last = (yield* keptHeads(checkpoints, yield* checkpoints.readKey)).at(-1)
  if (last !== undefined) yield* checkpoints.setAside(last.size)
})

/** Marks the place, and puts there what is not in the log; once there are entries, that was done. */
const begin = Effect.fnUntraced(function* (from: ServerStore, importer: Importer, mark: string) {
  yield* copySideTables(from, importer)
  const claims = yield* from.dump(claimTable)
  yield* importer.side(claimTable, [...claims, { key: mark, until: Number.MAX_SAFE_INTEGER }])
})

const finish = Effect.fnUntraced(function* (log: ServerStore, importer: Importer, mark: string) {
  const claims = yield* log.dump(claimTable)
  yield* importer.side(
    claimTable,
    claims.filter(({ key }) => key !== mark),
  )
})

/** The subjects' keys that the backup has and the place never had, but of nobody who was forgotten. */
const takeSubjectKeys = Effect.fnUntraced(function* (from: KeptBeside, to: KeptBeside) {
  const forgotten = new Set((yield* to.forgetLedger.read).map(({ subjectId }): unknown => subjectId))
  const places = [yield* from.subjectKeyPlace, yield* to.subjectKeyPlace] as const
  const stays = (there: Row | undefined, row: Row) => there !== undefined || forgotten.has(row["subject_id"])
  yield* copyPlace(subjectKeyTable, ...places, stays)
})

/** Restores the backup in `folder`, and verifies it, before it says that it is done. */
export const restoreBackup = Effect.fnUntraced(function* (
  folder: string,
  location: StoreLocation,
  beside: KeptBeside,
  openImporter: Effect.Effect<Importer, StoreFault, Scope.Scope>,
  options: RestoreOptions,
): Effect.fn.Return<Restored, Fault, Scope.Scope> {
  const manifest = yield* readBackup(folder)
  const { entryCount, root, madeAt, issuer } = manifest
  const source = yield* openCopy(folder, manifest, location)
  // A file is not made before it is known that something is to be put into it.
  const isThere = location.file === undefined || existsSync(location.file)
  const found = isThere ? yield* openStore(location, beside) : undefined
  const begun = found === undefined ? undefined : yield* begunIn(source, found, manifest)
  const isRollback = begun ?? (yield* judgeAge(source, beside, manifest, options))
  const keys = yield* ringFor(location, folder, manifest)
  const log = found ?? (yield* openStore(location, beside))
  const presentCount = (yield* log.head).size
  const importer = yield* openImporter
  const mark = markOf(manifest, isRollback)

  // Before there is an entry: who serves what is not finished forgets whom it has to, and is refused by the checkpoint.
  yield* copyLedger(source.beside.forgetLedger, beside.forgetLedger)
  if (presentCount === 0) yield* begin(source.log, importer, mark)
  yield* takeCheckpoints(source.beside, beside)
  yield* copyEntries(source.log, importer, { size: entryCount, presentCount }, options.onProgress)
  if (manifest.hasSubjectKeys) yield* takeSubjectKeys(source.beside, beside)
  if ((yield* foldAndCompare(source.log, log, entryCount)) !== root) {
    return yield* refuse("the log of this backup is not the one that its manifest names: use another backup")
  }

  // Making a server forgets everybody whom the ledger names.
  const forgettable = yield* openForgettable(beside, keys)
  const server = yield* makeServer({
    store: log,
    keys,
    config: { issuer },
    features: operatorFeatures,
    ...forgettable,
  })
  if (isRollback) yield* endOlderState(server, { log, beside }, manifest)
  const key = yield* beside.checkpoints.openKey(issuer, liveRandomness)
  yield* checkpointNow(log, key, beside.checkpoints)
  yield* finish(log, importer, mark)
  return {
    madeAt,
    entryCount,
    root,
    accountCount: (yield* log.dump(accountTable)).length,
    forgottenCount: (yield* beside.forgetLedger.read).length,
    hasEndedEveryGrant: isRollback,
    verifierKey: formatVerifierKey(key),
  }
})
