/**
 * The log: the only truth, append-only, in one order.
 *
 * An append names the version its stream must have; it is durable before anybody is answered, and the rows follow in
 * the same transaction. Every caller gets an answer of its own. What went wrong with the store is a {@link StoreFault}
 * with a sentence that says what to do.
 */
import { Data, type Effect, type Stream } from "effect"
import type { Check, Claim, RowCheck } from "./Claims.ts"
import type { ProposedEvent, Recorded, StoredEntry } from "./Recorded.ts"
import type { Bookmark, Join, Row, RowReader, RowWriter, Table, Value } from "./Rows.ts"
import type { Tree } from "./Merkle.ts"

/** Expects that nothing was ever appended to the stream. */
export const NoStream = 0

export interface Append {
  readonly stream: string
  /** How many entries the stream must have; {@link NoStream} for none. */
  readonly expectedVersion: number
  readonly events: ReadonlyArray<ProposedEvent>
  readonly checks: ReadonlyArray<Check>
  /** Rows that must still say what was read in them. */
  readonly rowChecks?: ReadonlyArray<RowCheck>
  readonly claims: ReadonlyArray<Claim>
  /** The time it was decided at, milliseconds since the epoch. */
  readonly at: number
}

export type AppendOutcome =
  /** Durable. `position` is that of the last event, or of the log's last entry (-1: none) if there was none to append. */
  | { readonly _tag: "Appended"; readonly position: number; readonly version: number }
  | { readonly _tag: "WrongExpectedVersion"; readonly actual: number }
  | { readonly _tag: "CheckFailed"; readonly stream: string }
  | { readonly _tag: "RowCheckFailed"; readonly table: string }
  | { readonly _tag: "ClaimTaken"; readonly key: string }
  /** Not appended, and never will be; the sentence says why and what to do. */
  | {
      readonly _tag: "Rejected"
      readonly reason: StoreFault["reason"]
      readonly message: string
      readonly cause?: unknown
    }
  /** Nobody can say whether it was appended. Never decide again on this. */
  | { readonly _tag: "Unknown"; readonly message: string }

export class StoreFault extends Data.TaggedError("StoreFault")<{
  readonly reason:
    | "busy"
    | "full"
    | "read-only"
    | "disk"
    | "corrupt"
    | "not-a-log"
    | "newer"
    | "clock"
    | "too-large"
    | "locked"
    | "closed"
    | "other"
  readonly message: string
  readonly cause?: unknown
}> {}

/** The end of the log: how many entries it has, and when the newest was recorded. */
export interface Head {
  readonly size: number
  readonly recordedAt: number
}

/** How what is served is held against the log. */
export interface Judging {
  /** The clock of who judges, milliseconds since the epoch; without it the newest entry alone says what time it is. */
  readonly now?: number
  readonly onProgress?: (entryCount: number) => void
}

/** What was found: how many entries were folded and how many rows were not as they should have been. */
export interface Rebuilt {
  readonly entryCount: number
  readonly rowCount: number
  readonly differingRowCount: number
  /** The first of them, as `table key…`. */
  readonly firstDiffering: string | undefined
  /** What is wrong beside the rows, each in a sentence without a period: the schema, the file, the bookmark of removals. */
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

export interface EventLog {
  /** The file that it is in; absent where it does not outlive the process, or is kept elsewhere. */
  readonly file?: string
  readonly append: (append: Append) => Effect.Effect<AppendOutcome>
  readonly head: Effect.Effect<Head, StoreFault>
  /** How many entries a stream has. */
  readonly streamVersion: (stream: string) => Effect.Effect<number, StoreFault>
  /** Entries of one stream behind a version, oldest first, at most `limit` (default all); in slices (`Slices.ts`). */
  readonly readStream: (
    stream: string,
    afterVersion?: number,
    limit?: number,
  ) => Effect.Effect<ReadonlyArray<Recorded>, StoreFault>
  /** Entries from `position` on, at most `limit` (default 512); in slices. */
  readonly readAll: (position: number, limit?: number) => Effect.Effect<ReadonlyArray<Recorded>, StoreFault>
  /** The entry that issued the token or code with this digest, by the digest index. */
  readonly readIssued: (digest: string) => Effect.Effect<Recorded | undefined, StoreFault>
  /** Entries from `position` on as they are stored, right or wrong: for whoever proves or verifies them; in slices. */
  readonly readStored: (position: number, limit?: number) => Effect.Effect<ReadonlyArray<StoredEntry>, StoreFault>
  /** Reads the Merkle tree as of one moment. */
  readonly readTree: <A>(body: (tree: Tree) => A) => Effect.Effect<A, StoreFault>
  /** Catches up from `position`, then follows: gapless, at least once, also what other processes append. */
  readonly subscribe: (position: number) => Stream.Stream<Recorded, StoreFault>
  /** Reads rows as of one moment. */
  readonly read: <A>(body: (rows: RowReader) => A) => Effect.Effect<A, StoreFault>
  /** The row of a join, at once: one statement, so that it is of one moment by itself. Throws a {@link StoreFault}. */
  readonly joinSync: (join: Join, parameters: ReadonlyArray<Value>) => Row | undefined
  /** Writes to the tables that are not projections: accounts and sessions. */
  readonly write: <A>(body: (rows: RowWriter) => A) => Effect.Effect<A, StoreFault>
  /** Leaves nothing in any file of what was deleted or replaced by {@link write} before; the log is as it was. */
  readonly scrub: Effect.Effect<void, StoreFault>
  /** Removes rows of what died up to `through` and claims that ended by then; says how far it came. */
  readonly prune: (through: number) => Effect.Effect<Bookmark, StoreFault>
  /** Folds the whole log again, the digest index included, and puts right what differs. */
  readonly rebuild: (judging?: Judging) => Effect.Effect<Rebuilt, StoreFault>
  /** Folds the whole log again beside what is served, changes nothing, and keeps nobody from writing. */
  readonly compareRows: (judging?: Judging) => Effect.Effect<Rebuilt, StoreFault>
  /** Every row of a projection's or a permanent table, by key: for comparing. */
  readonly dump: (table: Table) => Effect.Effect<ReadonlyArray<Row>, StoreFault>
  /** What the salts of rotations are made of: no part of the log, and in no copy of it. */
  readonly retrySecrets: RetrySecrets
  readonly close: Effect.Effect<void>
}
