/**
 * A store: the log, the rows that are folded from it, and the side tables that are not.
 *
 * Rows and side tables are asked by name: whoever makes a store says what can be asked, each store answers in its own way,
 * as of one moment, and every answer may take its time. No SQL and no function crosses this interface.
 */
import type * as Effect from "effect/Effect"
import type { EventLog, StoreFault } from "./EventLog.ts"
import type { Listing, PrunedThrough, Operations, Queries, Row, RowReader, Table } from "./Rows.ts"
import type { LogInspector } from "./Walk.ts"

/** Named functions whose first parameter is the rows. */
type Named<Rows> = Readonly<Record<string, (rows: Rows, ...about: never) => unknown>>

/** The same functions without the rows, as a store answers them. */
export type Answering<Asked> = {
  readonly [Name in keyof Asked]: Asked[Name] extends (rows: never, ...about: infer About) => infer Answer
    ? (...about: About) => Effect.Effect<Answer, StoreFault>
    : never
}

/** The same with synchronous answers; they throw a {@link StoreFault}. */
export type AnsweringNow<Asked> = {
  readonly [Name in keyof Asked]: Asked[Name] extends (rows: never, ...about: infer About) => infer Answer
    ? (...about: About) => Answer
    : never
}

/** Each of them asked through `run`, which gives its rows to one at a time. */
export const answering = <Rows extends RowReader, Asked extends Named<Rows>>(
  asked: Asked,
  run: <A>(body: (rows: Rows) => A) => Effect.Effect<A, StoreFault>,
): Answering<Asked> => bound(asked, run) as Answering<Asked>

export const answeringNow = <Rows extends RowReader, Asked extends Named<Rows>>(
  asked: Asked,
  run: <A>(body: (rows: Rows) => A) => A,
): AnsweringNow<Asked> => bound(asked, run) as AnsweringNow<Asked>

const bound = <Rows>(asked: Named<Rows>, run: (body: (rows: Rows) => unknown) => unknown): unknown =>
  Object.fromEntries(
    Object.entries(asked).map(([name, ask]) => [
      name,
      (...about: ReadonlyArray<unknown>) => run((rows) => ask(rows, ...(about as never))),
    ]),
  )

/** Tables beside the log, whose content is not in the log, and the operations on them. */
export interface SideTables<Asked extends Queries = Queries, Done extends Operations = Operations> {
  readonly tables: ReadonlyArray<Table>
  /** The tables that hold what identifies a person. What is deleted from them leaves no trace in any file. */
  readonly personal: ReadonlyArray<Table>
  readonly queries: Asked
  readonly operations: Done
}

/** Their names, claims included. */
export const besideOf = ({ tables }: SideTables): ReadonlyArray<string> =>
  ["claims", ...tables.map(({ name }) => name)].toSorted()

/** A log, the rows that are folded from it, and the tables beside it, in Effect. */
export interface Store<
  Asked extends Queries = Queries,
  SideAsked extends Queries = Queries,
  SideDone extends Operations = Operations,
> extends EventLog {
  /** The file that it is in; absent where it does not outlive the process, or is kept elsewhere. */
  readonly file?: string
  /** Whether it is kept by a database elsewhere, and so outlives the process though it has no file. */
  readonly isElsewhere?: boolean
  /** How many bytes its tables and their indexes take; absent where it is in a file, or nowhere. */
  readonly bytes?: Effect.Effect<number, StoreFault>
  /** What whoever operates it can set right, in a sentence without a period; absent where there is nothing. */
  readonly notice?: string
  /** The tables whose content is not in the log. */
  readonly beside: ReadonlyArray<string>
  /** What the rows are asked, by name. */
  readonly rows: Answering<Asked>
  /** The rows of a store that can answer at once; absent where it cannot. */
  readonly rowsNow?: AnsweringNow<Asked>
  /** What the tables beside the log are asked, and what is done to them, by name. */
  readonly side: Answering<SideAsked> & Answering<SideDone>
  /** What the salts of rotations are made of: no part of the log, and in no copy of it. */
  readonly retrySecrets: RetrySecrets
  /** Leaves nothing in any file of what was deleted from the side tables before; the log is as it was. */
  readonly scrub: Effect.Effect<void, StoreFault>
  /** Removes rows of what died up to `through` and claims that ended by then; says how far it came. */
  readonly prune: (through: number) => Effect.Effect<PrunedThrough, StoreFault>
  /** Folds the whole log again, and puts right what differs. */
  readonly rebuild: (judging?: Judging) => Effect.Effect<Rebuilt, StoreFault>
  /** Folds the whole log again beside what is served, changes nothing, and keeps nobody from writing. */
  readonly compareRows: (judging?: Judging) => Effect.Effect<Rebuilt, StoreFault>
  /** Every row of a table, by key, or as many of them behind a key: for comparing. */
  readonly dump: (
    table: Table,
    page?: Pick<Listing, "after" | "limit">,
  ) => Effect.Effect<ReadonlyArray<Row>, StoreFault>
  /** Waits for what is being committed, then closes the store. */
  readonly close: Effect.Effect<void>
}

/** How what is served is held against the log. */
export interface Judging {
  /** The clock of who judges, milliseconds since the epoch; without it the newest entry alone says what time it is. */
  readonly now?: number
  readonly onProgress?: (entryCount: number) => void
  /** Follows the log as it is read. */
  readonly inspector?: LogInspector
}

/** What was found: how many entries were folded and how many rows were not as they should have been. */
export interface Rebuilt {
  /** How many entries were folded. */
  readonly entryCount: number
  /** How many rows were compared. */
  readonly rowCount: number
  /** How many rows were not what the log folds to. */
  readonly differingRowCount: number
  /** The first of them, as `table key…`. */
  readonly firstDiffering: string | undefined
  /** What is wrong beside the rows, each in a sentence without a period: the schema, the file, the bound of removals. */
  readonly faults: ReadonlyArray<string>
}

export interface RetrySecret {
  readonly period: number
  /** Secrets of one period that end at different times are told apart by this. */
  readonly kind: string
  readonly secret: string
  /** When it is destroyed, milliseconds since the epoch. */
  readonly endsAt: number
}

export interface RetrySecrets {
  /** The secret of that period and kind, durable: this one, unless there is one already. Destroys what ended by `now`. */
  readonly keep: (proposed: RetrySecret, now: number) => Effect.Effect<string, StoreFault>
  /** The secrets of a period, as far as they are not destroyed or lost. */
  readonly find: (period: number) => Effect.Effect<ReadonlyArray<string>, StoreFault>
  /** Destroys what ended by `now`, for good; says when the next one ends. */
  readonly destroy: (now: number) => Effect.Effect<number | undefined, StoreFault>
  /** Goes on destroying them as they end, until none is left or the store is closed; does nothing if that is under way. */
  readonly watch: (watch: Watch) => Effect.Effect<void>
}

export interface Watch {
  readonly now: () => number
  readonly sleep: (millis: number) => Effect.Effect<void>
  /** Told why one could not be destroyed yet. */
  readonly onFault: (fault: StoreFault) => void
}
