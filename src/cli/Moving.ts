/**
 * The parts of moving a log to another store: entries byte for byte at their positions, tables beside it, places beside both.
 *
 * Entries go in order, a page at a time, so that what was stopped in the middle goes on where it ended. All else is put
 * in its place as a whole, each time anew. In the end the rows are folded, both logs are held against each other, and
 * the rows against the log. Who moves what, and what stays behind, is said by `Migration.ts`, `Backup.ts` and `Restore.ts`.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { momentOf } from "../core/index.ts"
import {
  archivedTable,
  archiveTable,
  claimTable,
  keyOfRow,
  rootOf,
  type EventLog,
  type Importer,
  type Place,
  type Row,
  type StoreFault,
  type Table,
} from "../log/index.ts"
import { sideTables } from "../provider/SideTables.ts"
import type { ForgetLedger, ServerStore } from "../provider/index.ts"
import type { KeptBeside } from "./Beside.ts"
import { CommandFault } from "./Failure.ts"

export interface MovedStore {
  readonly log: ServerStore
  readonly beside: KeptBeside
}

/** Told how many entries of how many are there. */
export type OnProgress = (entryCount: number, size: number) => void

/** Entries, or rows of a place, that are moved together. */
const PAGE = 512

export const refuse = (message: string) => Effect.fail(new CommandFault({ message }))

export const rootAt = (log: EventLog, size: number): Effect.Effect<string, StoreFault> =>
  log.readTree(({ hashOf }) => rootOf(hashOf, size))

/** Whether the first entries of two logs are the same, as many as the shorter one has. */
export const isSameBeginning = Effect.fnUntraced(function* (
  left: EventLog,
  right: EventLog,
): Effect.fn.Return<boolean, StoreFault> {
  const size = Math.min((yield* left.head).size, (yield* right.head).size)
  return (yield* rootAt(left, size)) === (yield* rootAt(right, size))
})

/** Copies what the target lacks of the first `size` entries. */
export const copyEntries = Effect.fnUntraced(function* (
  from: Pick<EventLog, "readStored">,
  importer: Importer,
  { size, presentCount }: { readonly size: number; readonly presentCount: number },
  onProgress: OnProgress,
): Effect.fn.Return<void, StoreFault | CommandFault> {
  for (let position = presentCount; position < size;) {
    const page = yield* from.readStored(position, Math.min(PAGE, size - position))
    if (page.length === 0) return yield* refuse(`entry ${position} is missing: run grantlog verify`)
    yield* importer.entries(page)
    position += page.length
    onProgress(position, size)
  }
})

/** Puts the tables that no fold makes in their place; gives how many rows each has, by its name. */
export const copySideTables = Effect.fnUntraced(function* (
  from: Pick<ServerStore, "dump">,
  importer: Importer,
): Effect.fn.Return<Readonly<Record<string, number>>, StoreFault> {
  const counts: Record<string, number> = {}
  for (const table of [archiveTable, archivedTable, ...sideTables.tables, claimTable]) {
    const rows = yield* from.dump(table)
    yield* importer.side(table, rows)
    counts[table.name] = rows.length
  }
  return counts
})

/** Puts every row of one place in another, over the row that is there unless it `stays`. */
export const copyPlace = Effect.fnUntraced(function* (
  table: Table,
  from: Place,
  to: Place,
  stays: (there: Row | undefined, row: Row) => boolean,
): Effect.fn.Return<number, StoreFault> {
  let count = 0
  for (let last: Row | undefined; ;) {
    const page = yield* from.list({ limit: PAGE, ...(last === undefined ? {} : { after: keyOfRow(table, last) }) })
    for (const after of page) {
      for (;;) {
        const before = yield* to.get(keyOfRow(table, after))
        if (stays(before, after) || (yield* to.exchange([{ before, after }]))) break
      }
    }
    count += page.length
    last = page.at(-1)
    if (last === undefined) return count
  }
})

/** Who is to be forgotten, before anybody of them is there: what is stopped here forgets them at its first start. */
export const copyLedger = Effect.fnUntraced(function* (
  from: ForgetLedger,
  to: ForgetLedger,
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

/** Folds the rows of what was moved, and fails unless the first `size` entries are there as they were; gives their root. */
export const foldAndCompare = Effect.fnUntraced(function* (
  from: EventLog,
  to: ServerStore,
  size: number,
): Effect.fn.Return<string, StoreFault | CommandFault> {
  const now = yield* Clock.currentTimeMillis
  yield* to.rebuild({ now })
  const root = yield* rootAt(from, size)
  if ((yield* to.head).size < size || (yield* rootAt(to, size)) !== root) {
    return yield* refuse("what is there now is not what was moved: keep both, and report it")
  }
  const { differingRowCount, firstDiffering, faults } = yield* to.compareRows({ now })
  const [fault] = faults
  if (fault !== undefined) return yield* refuse(fault)
  if (differingRowCount > 0) {
    return yield* refuse(`${differingRowCount} rows are not what the log folds to, first \`${firstDiffering}\``)
  }
  return root
})
