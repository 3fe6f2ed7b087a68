/**
 * Moving a log to another store with everything that belongs to it, so that roots, proofs and whatever is alive stay.
 *
 * What was stopped in the middle goes on where it ended. The source is only read, and is asked in the end whether it
 * grew meanwhile.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { checkpointNow, type CheckpointFault } from "../audit/proof/Checkpoints.ts"
import { retrySecretTable, type EventLog, type Importer, type Row, type StoreFault } from "../log/index.ts"
import { accountTable, passkeyTable, sessionTable, signingKeyTable, subjectKeyTable } from "../provider/index.ts"
import type { KeptBeside } from "./Beside.ts"
import type { CommandFault } from "./Failure.ts"
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
} from "./Moving.ts"

export interface Migrated {
  readonly entryCount: number
  /** Those of them that were not there before. */
  readonly copiedEntryCount: number
  readonly root: string
  readonly accountCount: number
  readonly passkeyCount: number
  readonly sessionCount: number
  readonly claimCount: number
  readonly subjectKeyCount: number
  readonly forgottenCount: number
}

/** Fails unless what is there is how this log begins. */
const requireBeginning = Effect.fnUntraced(function* (from: EventLog, to: EventLog) {
  const [source, target] = [yield* from.head, yield* to.head]
  if (target.size <= source.size && (yield* isSameBeginning(from, to))) {
    return { size: source.size, presentCount: target.size }
  }
  const message = `the store of --to holds ${target.size} entries that are not how this log begins: name an empty one, or the one in which this was begun`
  return yield* refuse(message)
})

/** What was forgotten in either place stays so. */
const isForgotten = (row: Row | undefined): boolean => row?.["wrapped"] === null

/** The key that checkpoints are signed with, and the last of them; none where there is none. */
const copyCheckpoints = Effect.fnUntraced(function* (
  { checkpoints: from }: KeptBeside,
  { log, beside: { checkpoints: to } }: MovedStore,
): Effect.fn.Return<void, StoreFault | CheckpointFault> {
  const text = yield* from.readKeyText
  if (text === undefined) return
  yield* to.takeKey(text)
  const key = yield* to.readKey
  const kept = yield* to.read
  const [last] = yield* from.read
  if (kept.length === 0 && last !== undefined) yield* to.replace(kept, last, key)
  yield* checkpointNow(log, key, to)
})

const requireUnchanged = Effect.fnUntraced(function* (from: EventLog, size: number) {
  const written = (yield* from.head).size - size
  if (written === 0) return
  return yield* refuse(
    `${written} entries were written meanwhile: stop whoever serves the store of --from, and run this again`,
  )
})

/** Moves everything, and verifies that it is there. */
export const moveStore = Effect.fnUntraced(function* (
  from: MovedStore,
  to: MovedStore,
  importer: Importer,
  onProgress: OnProgress,
): Effect.fn.Return<Migrated, StoreFault | CheckpointFault | CommandFault, Scope.Scope> {
  const found = yield* requireBeginning(from.log, to.log)
  const forgottenCount = yield* copyLedger(from.beside.forgetLedger, to.beside.forgetLedger)
  yield* copyEntries(from.log, importer, found, onProgress)
  const counts = yield* copySideTables(from.log, importer)
  const keys = [yield* from.beside.subjectKeyPlace, yield* to.beside.subjectKeyPlace] as const
  const subjectKeyCount = yield* copyPlace(subjectKeyTable, ...keys, isForgotten)
  if (from.beside.mayHaveSigningKeys()) {
    const signing = [yield* from.beside.signingKeyPlace, yield* to.beside.signingKeyPlace] as const
    yield* copyPlace(signingKeyTable, ...signing, isForgotten)
  }
  yield* copyPlace(retrySecretTable, from.beside.retrySecrets, to.beside.retrySecrets, isForgotten)
  const root = yield* foldAndCompare(from.log, to.log, found.size)
  yield* requireUnchanged(from.log, found.size)
  yield* copyCheckpoints(from.beside, to)
  return {
    entryCount: found.size,
    copiedEntryCount: found.size - found.presentCount,
    root,
    accountCount: counts[accountTable.name] ?? 0,
    passkeyCount: counts[passkeyTable.name] ?? 0,
    sessionCount: counts[sessionTable.name] ?? 0,
    claimCount: counts["claims"] ?? 0,
    subjectKeyCount,
    forgottenCount,
  }
})
