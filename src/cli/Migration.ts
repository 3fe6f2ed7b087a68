/**
 * Moving a log to another store: entries byte for byte at their positions, the tables beside it, and what lies beside both.
 *
 * So roots, proofs, leaves and whatever is alive stay. Entries go in order, a page at a time: what was stopped in the
 * middle goes on where it ended. All else is put in its place as a whole, each time anew. In the end the rows are folded,
 * both logs are held against each other, and the rows against the log.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { checkpointNow, type CheckpointFault } from "../audit/proof/Checkpoints.ts"
import { momentOf } from "../core/index.ts"
import {
  claimTable,
  keyOfRow,
  retrySecretTable,
  rootOf,
  type EventLog,
  type Importer,
  type Place,
  type Row,
  type StoreFault,
  type Table,
} from "../log/index.ts"
import { accountTable, sessionTable, signingKeyTable, subjectKeyTable, type ServerStore } from "../provider/index.ts"
import type { KeptBeside } from "./Beside.ts"
import { CommandFault } from "./Failure.ts"

export interface MovedStore {
  readonly log: ServerStore
  readonly beside: KeptBeside
}

export interface Migrated {
  readonly entryCount: number
  /** Those of them that were not there before. */
  readonly copiedEntryCount: number
  readonly root: string
  readonly accountCount: number
  readonly sessionCount: number
  readonly claimCount: number
  readonly subjectKeyCount: number
  readonly forgottenCount: number
}

/** Entries, or rows of a place, that are moved together. */
const PAGE = 512

const refuse = (message: string) => Effect.fail(new CommandFault({ message }))

const rootAt = (log: EventLog, size: number): Effect.Effect<string, StoreFault> =>
  log.readTree(({ hashOf }) => rootOf(hashOf, size))

/** Fails unless what is there is how this log begins. */
const requireBeginning = Effect.fnUntraced(function* (from: EventLog, to: EventLog) {
  const [source, target] = [yield* from.head, yield* to.head]
  const isBeginning =
    target.size === 0 ||
    (target.size <= source.size && (yield* rootAt(from, target.size)) === (yield* rootAt(to, target.size)))
  if (isBeginning) return { size: source.size, presentCount: target.size }
  const message = `the store of --to holds ${target.size} entries that are not how this log begins: name an empty one, or the one in which this was begun`
  return yield* refuse(message)
})

const copyEntries = Effect.fnUntraced(function* (
  from: EventLog,
  importer: Importer,
  { size, presentCount }: { readonly size: number; readonly presentCount: number },
  onProgress: (entryCount: number, size: number) => void,
): Effect.fn.Return<void, StoreFault | CommandFault> {
  for (let position = presentCount; position < size;) {
    const page = yield* from.readStored(position, Math.min(PAGE, size - position))
    if (page.length === 0) return yield* refuse(`entry ${position} is missing: run grantlog verify`)
    yield* importer.entries(page)
    position += page.length
    onProgress(position, size)
  }
})

const copyTable = Effect.fnUntraced(function* (from: ServerStore, importer: Importer, table: Table) {
  const rows = yield* from.dump(table)
  yield* importer.side(table, rows)
  return rows.length
})

/** What was forgotten in either place stays so. */
const isForgotten = (row: Row | undefined): boolean => row?.["wrapped"] === null

/** Puts every row of one place in another. */
const copyPlace = Effect.fnUntraced(function* (
  table: Table,
  from: Place,
  to: Place,
): Effect.fn.Return<number, StoreFault> {
  let count = 0
  for (let last: Row | undefined; ;) {
    const page = yield* from.list({ limit: PAGE, ...(last === undefined ? {} : { after: keyOfRow(table, last) }) })
    for (const after of page) {
      for (;;) {
        const before = yield* to.get(keyOfRow(table, after))
        if (isForgotten(before) || (yield* to.exchange([{ before, after }]))) break
      }
    }
    count += page.length
    last = page.at(-1)
    if (last === undefined) return count
  }
})

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

/** Who is to be forgotten, before anybody of them is there: what is stopped here forgets them at its first start. */
const copyLedger = Effect.fnUntraced(function* (
  { forgetLedger: from }: KeptBeside,
  { forgetLedger: to }: KeptBeside,
): Effect.fn.Return<number, StoreFault> {
  const forgotten = yield* from.read
  const known = new Map((yield* to.read).map(({ subjectId, isFinished }) => [subjectId, isFinished]))
  const at = momentOf(yield* Clock.currentTimeMillis)
  for (const { subjectId, isFinished } of forgotten) {
    if (!known.has(subjectId)) yield* to.intend(subjectId, at)
    if (isFinished && known.get(subjectId) !== true) yield* to.finish(subjectId, at)
  }
  return forgotten.length
})

/** Folds the rows of what was moved, and fails unless all is there as it was. */
const finish = Effect.fnUntraced(function* (
  from: EventLog,
  to: ServerStore,
  size: number,
): Effect.fn.Return<string, StoreFault | CommandFault> {
  const now = yield* Clock.currentTimeMillis
  yield* to.rebuild({ now })
  const root = yield* rootAt(from, size)
  if ((yield* to.head).size !== size || (yield* rootAt(to, size)) !== root) {
    return yield* refuse("what is there now is not what was moved: keep both, and report it")
  }
  const { differingRowCount, firstDiffering, faults } = yield* to.compareRows({ now })
  const [fault] = faults
  if (fault !== undefined) return yield* refuse(fault)
  if (differingRowCount > 0) {
    return yield* refuse(`${differingRowCount} rows are not what the log folds to, first \`${firstDiffering}\``)
  }
  const written = (yield* from.head).size - size
  if (written === 0) return root
  return yield* refuse(
    `${written} entries were written meanwhile: stop whoever serves the store of --from, and run this again`,
  )
})

/** Moves everything, and verifies that it is there. */
export const moveStore = Effect.fnUntraced(function* (
  from: MovedStore,
  to: MovedStore,
  importer: Importer,
  onProgress: (entryCount: number, size: number) => void,
): Effect.fn.Return<Migrated, StoreFault | CheckpointFault | CommandFault, Scope.Scope> {
  const found = yield* requireBeginning(from.log, to.log)
  const forgottenCount = yield* copyLedger(from.beside, to.beside)
  yield* copyEntries(from.log, importer, found, onProgress)
  const [accountCount, sessionCount, claimCount] = [
    yield* copyTable(from.log, importer, accountTable),
    yield* copyTable(from.log, importer, sessionTable),
    yield* copyTable(from.log, importer, claimTable),
  ]
  const keys = [yield* from.beside.subjectKeyPlace, yield* to.beside.subjectKeyPlace] as const
  const subjectKeyCount = yield* copyPlace(subjectKeyTable, ...keys)
  if (from.beside.mayHaveSigningKeys()) {
    yield* copyPlace(signingKeyTable, yield* from.beside.signingKeyPlace, yield* to.beside.signingKeyPlace)
  }
  yield* copyPlace(retrySecretTable, from.beside.retrySecrets, to.beside.retrySecrets)
  const root = yield* finish(from.log, to.log, found.size)
  yield* copyCheckpoints(from.beside, to)
  return {
    entryCount: found.size,
    copiedEntryCount: found.size - found.presentCount,
    root,
    accountCount,
    sessionCount,
    claimCount,
    subjectKeyCount,
    forgottenCount,
  }
})
