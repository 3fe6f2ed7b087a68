/**
 * What an operator should look at, entry by entry: replays, reuses, and refresh tokens that are retried generation
 * after generation.
 *
 * One retry means a lost reply. Retries of several generations in a row mean two parties that take turns inside the
 * retry window, or a client that keeps presenting tokens that it should have discarded.
 */
import type { Recorded } from "../../log/index.ts"
import type { CheckpointAlarm } from "./CheckpointAlarms.ts"
import { eventLineOf, type EventLine } from "../explain/EventLine.ts"

/** An entry that somebody should look at, and what it means. */
export interface EntryAlarm extends EventLine {
  /** `replay` of a code, `reuse` of a refresh token, or `retries` generation after generation. */
  readonly alarm: "replay" | "reuse" | "retries"
  /** The grant that it happened to. */
  readonly grantId: string
  /** What it means, without a period. */
  readonly advice: string
}

/** What somebody should look at: an entry, or a checkpoint that the log contradicts. */
export type Alarm = EntryAlarm | CheckpointAlarm

/** Generations retried in a row that are reported. */
const SUSPICIOUS_RUN = 3
/** Grants with a retry that are remembered; the oldest is forgotten first. */
const MAX_REMEMBERED = 10_000

interface Run {
  readonly generation: number
  readonly length: number
}

/** Takes entries in log order, from any position on, and gives the alarm for each, if there is one. */
export const alarmWatch = (): ((entry: Recorded) => EntryAlarm | undefined) => {
  const runs = new Map<string, Run>()

  const retried = (grantId: string, generation: number): number => {
    const before = runs.get(grantId)
    if (before?.generation === generation) return 0
    const length = before?.generation === generation - 1 ? before.length + 1 : 1
    runs.delete(grantId)
    runs.set(grantId, { generation, length })
    const [oldest] = runs.keys()
    if (runs.size > MAX_REMEMBERED && oldest !== undefined) runs.delete(oldest)
    return length
  }

  return (entry) => {
    const { event } = entry
    const alarm = (name: EntryAlarm["alarm"], grantId: string, advice: string): EntryAlarm => ({
      alarm: name,
      grantId,
      ...eventLineOf(entry),
      advice,
    })
    switch (event._tag) {
      case "AuthorizationCodeReplayed":
        return alarm("replay", event.grantId, "somebody else had the code and its verifier; the grant is dead")
      case "RefreshTokenReused":
        return alarm("reuse", event.grantId, "two parties held tokens of this grant; the grant is dead")
      case "RefreshTokenRetried": {
        const length = retried(event.grantId, event.generation)
        if (length < SUSPICIOUS_RUN) return undefined
        const advice = `${length} generations in a row were retried: two may be taking turns, and the grant is alive`
        return alarm("retries", event.grantId, advice)
      }
      case "GrantRevoked":
        runs.delete(event.grantId)
        return undefined
      default:
        return undefined
    }
  }
}
