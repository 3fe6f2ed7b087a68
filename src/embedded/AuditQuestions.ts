/**
 * The questions to the log, for a program that embeds the server: what an operator asks, in plain text and numbers.
 *
 * Nothing here changes what is alive; checkpoints and their key are the only things that are written.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type {
  BlastRadius,
  CheckpointFault,
  EntryAlarm,
  Explanation,
  HistoryPage,
  HistoryPageQuery,
  IntrospectedAt,
  SignedHead,
  Verified,
} from "../audit/index.ts"
import type { Recorded, StoreFault } from "../log/index.ts"
import type { OAuthError } from "../provider/index.ts"

/** What an audit can fail with: the store, a checkpoint that cannot be kept or believed, or a question that is none. */
export type AuditFailure = StoreFault | CheckpointFault | OAuthError

/** A moment of the log; now by default. One of the two. */
export interface AsOf {
  /** As it was then: milliseconds since the epoch. */
  readonly time?: number
  /** As it was when the entry at this position (an index) had just been recorded. */
  readonly position?: number
}

/** As of when something is explained, and whether origins are opened. */
export interface ExplainOptions {
  /** As of when; now by default. */
  readonly asOf?: AsOf
  /** Whether to open where the requests came from, which may identify somebody; default `false`. */
  readonly requestOrigins?: boolean
}

/** What descends from what: everything alive by default. */
export interface BlastQuestion {
  /** A token, code, grant, client or subject; everything there is by default. */
  readonly of?: string
  /** Only what was approved then or later: milliseconds since the epoch. */
  readonly openedSince?: number
  /** How many grants are named, default 100; all are counted. */
  readonly limit?: number
  /** As of when; now by default. */
  readonly asOf?: AsOf
}

/** What entries are asked for: all by default, the newest 100. */
export type HistoryQuestion = Partial<HistoryPageQuery>

/** What ends an iteration that does not end by itself. */
export interface Ending {
  /** Ends the iteration when it is aborted: what was asked for and has not come is answered with the end. */
  readonly signal?: AbortSignal
}

/** Of what entries, from which on: all by default, from the first. */
export interface FollowQuestion
  extends Omit<HistoryQuestion, "to" | "limit" | "before" | "after" | "isOldestFirst">, Ending {}

/** From which entry on alarms are wanted. */
export interface WatchQuestion extends Ending {
  /** The first position, an index; by default the next entry. */
  readonly from?: number
}

/** What the log is held against, besides itself. */
export interface VerifyQuestion {
  /** Checkpoints that were kept elsewhere, each the text of a signed note; those beside the store are held against the log anyway. */
  readonly checkpoints?: ReadonlyArray<string>
  /** The verifier key of the checkpoints, `NAME+ID+KEY`; by default the one beside the store. */
  readonly key?: string
  /** Told how many of how many entries have been read. */
  readonly onProgress?: (entryCount: number, size: number) => void
}

/** How often checkpoints are signed, and who is told when one is not. */
export interface KeepCheckpointsOptions {
  /** Seconds between two, default 10; nothing is signed while nothing is appended. */
  readonly everySeconds?: number
  /** Told once, in a sentence, what keeps checkpoints from being signed; a warning of the process by default. */
  readonly onFault?: (sentence: string) => void
}

/** Where an export begins, and whether digests are in it. */
export interface ExportQuestion extends Ending {
  /** The first position, an index; default 0. */
  readonly from?: number
  /** Whether digests of tokens, codes and client secrets are in it; default `false`. */
  readonly withDigests?: boolean
}

/** What an auditor can ask; `server.audit` and `openAudit` have each as a Promise or an AsyncIterable. */
export interface AuditQuestions {
  /**
   * What a token, code, grant, client or subject is, whether it is alive, and if not, since when and why. A token is
   * hashed at once; besides it, its SHA-256 or an id may be given.
   */
  readonly explain: (what: string, options?: ExplainOptions) => Effect.Effect<Explanation, AuditFailure>
  /** What introspection (RFC 7662) would have answered about a token, and the reason. */
  readonly introspectAt: (token: string, asOf?: AsOf) => Effect.Effect<IntrospectedAt, AuditFailure>
  /** Everything alive that descends from something; `undefined` where nothing of that name was ever here. */
  readonly blastRadius: (question?: BlastQuestion) => Effect.Effect<BlastRadius | undefined, AuditFailure>
  /** A page of what happened, the newest first. */
  readonly history: (question?: HistoryQuestion) => Effect.Effect<HistoryPage, AuditFailure>
  /** What happened from `from` on, by default from the beginning, and then what happens; ends by its signal. */
  readonly follow: (question?: FollowQuestion) => Stream.Stream<Recorded, AuditFailure>
  /** Replays, reuses and endless retries, as they happen; ends by its signal. */
  readonly watch: (question?: WatchQuestion) => Stream.Stream<EntryAlarm, AuditFailure>
  /** Reads the whole log again, and says what is wrong with it, or what no checkpoint covers. */
  readonly verify: (question?: VerifyQuestion) => Effect.Effect<Verified, AuditFailure>
  /** Signs a checkpoint of the log as it is now; rejects where the log contradicts the last one. */
  readonly checkpoint: () => Effect.Effect<SignedHead, AuditFailure>
  /** Signs checkpoints until the server is closed, a last one then; gives the key that they are verified with. */
  readonly keepCheckpoints: (options?: KeepCheckpointsOptions) => Effect.Effect<string, AuditFailure>
  /** The text of a `.tlog-proof` file: that the entry at this position (an index) is in the log. */
  readonly prove: (position: number) => Effect.Effect<string, AuditFailure>
  /** The lines of a self-verifying export, without their newlines, up to a checkpoint that is signed for it. */
  readonly exportLines: (question?: ExportQuestion) => Stream.Stream<string, AuditFailure>
}
