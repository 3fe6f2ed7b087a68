/**
 * Alarms about the checkpoints that are kept: one that the log contradicts, or one that proves nothing.
 *
 * The log's tree is held against them again and again, so that a cut, a restored backup or a rewritten beginning is
 * reported while it is watched. Only roots are compared; `grantlog verify` reads the entries again. Nothing is signed.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { EventLog, StoreFault, VerifierKey } from "../../log/index.ts"
import { contradictionNow, type CheckpointFault, type CheckpointStorage } from "../proof/Checkpoints.ts"

/** A checkpoint that the log contradicts, or that cannot be believed. */
export interface CheckpointAlarm {
  /** That it is about a checkpoint and about no entry. */
  readonly alarm: "checkpoint"
  /** When it was noticed: milliseconds since the epoch. */
  readonly at: number
  /** What is wrong; `corrupt` is a log that cannot be read. */
  readonly reason: CheckpointFault["reason"] | "corrupt"
  /** What is wrong and what to do, without a period. */
  readonly sentence: string
}

/**
 * The checkpoints that are kept, and the key that must have signed them. The key is read only if there is a checkpoint.
 */
export interface WatchedCheckpoints {
  readonly storage: CheckpointStorage
  readonly readKey: Effect.Effect<VerifierKey, CheckpointFault>
}

const look = (
  log: EventLog,
  { storage, readKey }: WatchedCheckpoints,
): Effect.Effect<CheckpointAlarm | undefined, StoreFault> =>
  contradictionNow(log, readKey, storage).pipe(
    Effect.as(undefined),
    Effect.catch((fault) => {
      // That a store cannot be read now says nothing about the log; that its tree has holes does.
      if (fault._tag === "StoreFault" && fault.reason !== "corrupt") return Effect.fail(fault)
      const reason = fault._tag === "StoreFault" ? "corrupt" : fault.reason
      return Effect.map(Clock.currentTimeMillis, (at): CheckpointAlarm => ({
        alarm: "checkpoint",
        at,
        reason,
        sentence: fault.message,
      }))
    }),
  )

/** Looks at once and then regularly, for ever. A fault is reported once, until it was gone in between. */
export const checkpointAlarms = (
  log: EventLog,
  watched: WatchedCheckpoints,
  everyMillis: number,
): Stream.Stream<CheckpointAlarm, StoreFault> =>
  Stream.fromEffectSchedule(look(log, watched), Schedule.spaced(everyMillis)).pipe(
    Stream.changesWith((before, now) => before?.reason === now?.reason),
    Stream.filter((alarm) => alarm !== undefined),
  )
