/**
 * The log: the only truth, append-only, in one order.
 *
 * An append names the version its stream must have; it is durable before anybody is answered, and the rows follow in
 * the same transaction. Every caller gets an answer of its own. What went wrong with the store is a {@link StoreFault}
 * with a sentence that says what to do. What is kept beside the log, and answered from, is in `Store.ts`.
 */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { FoundArchived } from "./Archived.ts"
import type { Check, Claim, RowCheck } from "./Claims.ts"
import type { ProposedEvent, Recorded, StoredEntry } from "./Recorded.ts"
import type { RowChange } from "./Rows.ts"
import type { Tree } from "./Merkle.ts"

/** Expects that nothing was ever appended to the stream. */
export const NoStream = 0

/** What is to be appended to one stream, and what must hold for it. */
export interface Append {
  /** The stream that is appended to. */
  readonly stream: string
  /** How many entries the stream must have; {@link NoStream} for none. */
  readonly expectedVersion: number
  /** What is appended, in order; nothing for claims alone. */
  readonly events: ReadonlyArray<ProposedEvent>
  /** Versions that other streams must have. */
  readonly checks: ReadonlyArray<Check>
  /** Rows that must still say what was read in them. */
  readonly rowChecks?: ReadonlyArray<RowCheck>
  /** One-time values that must not have been taken. */
  readonly claims: ReadonlyArray<Claim>
  /** The changes that the events make to the rows, by the projection of this description. */
  readonly rows: ReadonlyArray<RowChange>
  /** What the changes were made by; a store of another version refuses them. */
  readonly projection: string
  /** When it was decided, milliseconds since the epoch. */
  readonly at: number
}

/** What became of an append; only `Appended` changed anything. */
export type AppendOutcome =
  /** All of it is durable. */
  | {
      readonly _tag: "Appended"
      /** Where the last event stands in the log, or the log's last entry (-1: none) if there was none to append. */
      readonly position: number
      /** How many entries the stream has now. */
      readonly version: number
    }
  /** Something else was appended to the stream meanwhile. */
  | {
      readonly _tag: "WrongExpectedVersion"
      /** How many entries the stream has. */
      readonly actual: number
    }
  /** Something was appended meanwhile to a stream that the decision was based on. */
  | {
      readonly _tag: "CheckFailed"
      /** The stream. */
      readonly stream: string
    }
  /** A row does not say any more what was read in it. */
  | {
      readonly _tag: "RowCheckFailed"
      /** The table that the row is in. */
      readonly table: string
    }
  /** Somebody used a one-time value before. */
  | {
      readonly _tag: "ClaimTaken"
      /** The value. */
      readonly key: string
    }
  /** Not appended, and never will be; the sentence says why and what to do. */
  | {
      readonly _tag: "Rejected"
      /** What a program decides by. */
      readonly reason: StoreFault["reason"]
      /** What is wrong and what to do, in a sentence without a period. */
      readonly message: string
      /** What was caught, where something was. */
      readonly cause?: unknown
    }
  /** It is unknown whether it was appended. Never decide again after this. */
  | {
      readonly _tag: "Unknown"
      /** What happened and what to do, in a sentence without a period. */
      readonly message: string
    }

/** What went wrong with a store; `reason` tells programs, `message` says what to do. */
export class StoreFault extends Data.TaggedError("StoreFault")<{
  /** What a program decides by. */
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
  /** What is wrong and what to do, in a sentence without a period. */
  readonly message: string
  /** What was caught, where something was. */
  readonly cause?: unknown
}> {}

/** The end of the log: how many entries it has, and when the newest was recorded. */
export interface Head {
  /** How many entries the log has. */
  readonly size: number
  /** When the newest was recorded, milliseconds since the epoch; 0 for an empty log. */
  readonly recordedAt: number
}

/** An append-only log in one order, in Effect. */
export interface EventLog {
  /** Appends all of it or nothing; every caller gets an answer of its own, and nothing fails. */
  readonly append: (append: Append) => Effect.Effect<AppendOutcome>
  /** The end of the log. */
  readonly head: Effect.Effect<Head, StoreFault>
  /** How many entries a stream has. */
  readonly streamVersion: (stream: string) => Effect.Effect<number, StoreFault>
  /** Entries of one stream behind a version, oldest first, at most `limit` (default all); in pages (`Pages.ts`). */
  readonly readStream: (
    stream: string,
    afterVersion?: number,
    limit?: number,
  ) => Effect.Effect<ReadonlyArray<Recorded>, StoreFault>
  /** Entries at the `limit` positions (default 512) from `position` on, without those that are in an archive; in pages. */
  readonly readAll: (position: number, limit?: number) => Effect.Effect<ReadonlyArray<Recorded>, StoreFault>
  /** The entry that issued the refresh token with this digest, if it is from before such tokens named a version. */
  readonly readUnversioned: (digest: string) => Effect.Effect<Recorded | undefined, StoreFault>
  /** What is left of a stream that is in an archive; `undefined` for any other. */
  readonly archivedStream: (stream: string) => Effect.Effect<FoundArchived | undefined, StoreFault>
  /** Entries from `position` on as they are stored, right or wrong: for whoever proves or verifies them; in pages. */
  readonly readStored: (position: number, limit?: number) => Effect.Effect<ReadonlyArray<StoredEntry>, StoreFault>
  /** Reads the Merkle tree as of one moment. */
  readonly readTree: <A>(body: (tree: Tree) => A) => Effect.Effect<A, StoreFault>
  /** Catches up from `position`, then follows: gapless, at least once, also what other processes append. */
  readonly subscribe: (position: number) => Stream.Stream<Recorded, StoreFault>
}
