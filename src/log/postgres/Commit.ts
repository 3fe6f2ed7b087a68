/**
 * Appends in PostgreSQL: one transaction of two round trips for a batch, in which each caller is judged as in every other
 * store.
 *
 * Whatever refuses one caller is found before anything is written. When the database refuses a batch, its appends are tried
 * again one by one. When the connection is lost during COMMIT, the position where an event of ours should be is read while
 * the head is held; by then the lost transaction has ended, so the answer is final. Nothing is decided again here.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import { StoreFault, type Append, type AppendOutcome } from "../EventLog.ts"
import { asFault, rejected } from "../GroupCommit.ts"
import { hashOfBytes } from "../Merkle.ts"
import type { StoredEntry } from "../Recorded.ts"
import type { Row, RowWriter } from "../Rows.ts"
import { describedTable, PROJECTION } from "../sql/Described.ts"
import { claimTable } from "../Tables.ts"
import { appendWithin, MAX_CLOCK_LAG_MILLIS, type Transaction } from "../Transaction.ts"
import type { LeavesFrom } from "../Tree.ts"
import type { Ask, Asks } from "./Asks.ts"
import { bufferedRows, keptIfDone } from "./BufferedRows.ts"
import { inserted, written, type Written } from "./Changes.ts"
import { isOfOne, postgresFault } from "./Fault.ts"
import { holding, Unsettled, unsettled, type Database, type Held } from "./Held.ts"
import type { Known } from "./Known.ts"
import { entryRow, entryTable } from "./Tables.ts"

/** How many entries a stream has. */
export const versionOf = (asks: Asks, { ask }: Known, stream: string): number =>
  Number(ask(asks.version(stream), [])[0]?.["version"] ?? 0)

/** How many leaves are read together: as many as the largest subtree below a kept level has. */
const BLOCK = 16

const firstOf = (position: number): number => position - (position % BLOCK)

const leavesAsk = (asks: Asks, first: number): Ask =>
  asks.list(entryTable, { columns: ["leaf"], after: [first - 1], limit: BLOCK })

/** The leaves of stored entries, of which there are `size`; a leaf that is not known yet is answered with `guess`. */
export const keptLeaves =
  (asks: Asks, { ask }: Known, size: number, guess: ReadonlyArray<Row> = []): LeavesFrom =>
  (position, count) => {
    const first = firstOf(position)
    const block = first < size ? ask(leavesAsk(asks, first), guess) : []
    return block.slice(position - first, position - first + count).map(({ leaf }) => hashOfBytes(leaf as Uint8Array))
  }

const foreseenBy = (asks: Asks, batch: ReadonlyArray<Append>): ReadonlyArray<Ask> => {
  const foreseen = batch.flatMap(({ stream, checks, rowChecks = [], claims }) => [
    ...[stream, ...checks.map((check) => check.stream)].map(asks.version),
    ...rowChecks.map(({ table, key }) => asks.get(table, key)),
    ...claims.map(({ key }) => asks.get(claimTable, [key])),
  ])
  const own = [asks.get(describedTable, [PROJECTION]), asks.lastBlock, asks.clock]
  return [...new Map([...own, ...foreseen].map((ask) => [ask.name, ask])).values()]
}

/** The decisions that are made while the head is held, and the writes that they lead to. */
export interface Writing {
  /** Runs `body`; if it throws, none of its writes are kept. */
  readonly within: <A>(body: (tx: Transaction) => A) => A
  readonly writes: () => ReadonlyArray<Written>
}

export const transactionOn = (schema: string, asks: Asks, { head, known, rows }: Held): Writing => {
  const all = bufferedRows(rows)
  const entries: Array<StoredEntry> = []
  let versions = new Map<string, number>()
  const kept = keptLeaves(asks, known, head.size)
  const over = (own: RowWriter): Transaction => ({
    head: () => ({ size: head.size + entries.length, recordedAt: entries.at(-1)?.recordedAt ?? head.recordedAt }),
    versionOf: (stream) => versions.get(stream) ?? versionOf(asks, known, stream),
    isClaimed: (key) => own.get(claimTable, [key]) !== undefined,
    claim: (key, until) => own.put(claimTable, { key, until }),
    insert: (entry) => {
      entries.push(entry)
      versions.set(entry.stream, entry.version)
    },
    leavesFrom: (position, count) => {
      const own = entries.slice(Math.max(0, position - head.size), Math.max(0, position + count - head.size))
      return [...kept(position, count), ...own.map(({ leaf }) => leaf)]
    },
    rows: own,
    projection: () => String(own.get(describedTable, [PROJECTION])?.["definition"]),
  })
  return {
    within: (body) => {
      const before = entries.length
      try {
        return keptIfDone(all, (own) => body(over(own)))
      } catch (cause) {
        entries.length = before
        versions = new Map(entries.map(({ stream, version }) => [stream, version]))
        throw cause
      }
    },
    writes: () => {
      const newest = entries.at(-1)
      const end = [head.size + entries.length, newest?.recordedAt ?? null]
      return [
        ...(newest === undefined
          ? []
          : [
              inserted(schema, entryTable, entries.map(entryRow)),
              { sql: `UPDATE ${schema}.head SET size = $1::bigint, recorded_at = $2::bigint`, values: end },
              { sql: "SELECT pg_notify($1::text, '')", values: [schema] },
            ]),
        ...written(schema, all.changes()),
      ]
    },
  }
}

interface Judged {
  readonly outcomes: ReadonlyArray<AppendOutcome>
  readonly writes: ReadonlyArray<Written>
}

/** The outcome of each append of a batch, and the writes that they lead to. */
const judge = (schema: string, asks: Asks, held: Held, batch: ReadonlyArray<Append>): Judged => {
  const { within, writes } = transactionOn(schema, asks, held)
  const outcomes = batch.map((append): AppendOutcome => {
    try {
      return within((tx) => appendWithin(tx, append))
    } catch (cause) {
      return rejected(asFault(cause))
    }
  })
  return { outcomes, writes: writes() }
}

/**
 * Whether a batch was committed after all; `undefined` if that cannot be known. Taking the head waits until the lost
 * transaction has ended. Writing the row once more makes this transaction wait for the replicas, which the lost one may not
 * have done.
 */
const settled = async (
  database: Database,
  batch: ReadonlyArray<Append>,
  outcomes: ReadonlyArray<AppendOutcome>,
): Promise<boolean | undefined> => {
  const index = outcomes.findIndex(({ _tag }, at) => _tag === "Appended" && batch[at]!.events.length > 0)
  const outcome = outcomes[index]
  if (outcome?._tag !== "Appended") return undefined
  const { stream, events } = batch[index]!
  const { schema, asks } = database
  const place = asks.list(entryTable, { columns: ["bytes"], where: { stream, version: outcome.version } })
  try {
    return await holding(database, [place], async ({ known, commit }) => {
      await commit([{ sql: `UPDATE ${schema}.head SET size = size`, values: [] }])
      const bytes = known.answers.get(place.name)?.[0]?.["bytes"]
      return bytes !== undefined && (JSON.parse(String(bytes)) as { readonly id?: unknown }).id === events.at(-1)!.id
    })
  } catch {
    return undefined
  }
}

const machineClock = Context.get(Context.empty(), Clock.Clock)
const machineNow = () => machineClock.currentTimeMillisUnsafe()

/** An instance whose clock differs from the database's writes nothing: it may have taken something for alive that is not. */
const requireClock = ({ asks, now = machineNow }: Database, { answers }: Known): void => {
  const difference = Math.abs(now() - Number(answers.get(asks.clock.name)?.[0]?.["now"]))
  if (difference <= MAX_CLOCK_LAG_MILLIS) return
  const message = `this machine's clock differs by ${difference} ms from that of the database: set the clock`
  throw new StoreFault({ reason: "clock", message })
}

const commitOnce = async (database: Database, batch: ReadonlyArray<Append>): Promise<ReadonlyArray<AppendOutcome>> => {
  const { schema, asks } = database
  let outcomes: ReadonlyArray<AppendOutcome> = []
  try {
    return await holding(database, foreseenBy(asks, batch), async (held) => {
      const { known, head, decide, commit } = held
      requireClock(database, known)
      known.answers.set(leavesAsk(asks, firstOf(head.size)).name, known.answers.get(asks.lastBlock.name)!)
      const judged = await decide(() => judge(schema, asks, held, batch))
      outcomes = judged.outcomes
      if (judged.writes.length > 0) await commit(judged.writes)
      return outcomes
    })
  } catch (cause) {
    if (!(cause instanceof Unsettled)) throw cause
    const isThere = await settled(database, batch, outcomes)
    if (isThere === true) return outcomes
    // Nothing was written for certain, so it is tried once more as if for the first time.
    if (isThere === false) return commitOnce(database, batch)
    const { message } = unsettled(cause)
    return batch.map(() => ({ _tag: "Unknown", message }))
  }
}

/** Gives the outcome of each append of a batch; never throws. */
export const commitBatch = async (
  database: Database,
  batch: ReadonlyArray<Append>,
): Promise<ReadonlyArray<AppendOutcome>> => {
  try {
    return await commitOnce(database, batch)
  } catch (cause) {
    const fault = postgresFault(cause)
    if (!isOfOne(fault) || batch.length === 1) return batch.map(() => rejected(fault))
  }
  const outcomes: Array<AppendOutcome> = []
  for (const one of batch) outcomes.push(...(await commitBatch(database, [one])))
  return outcomes
}
