/**
 * Forgetting a person: what identifies them is removed, what happened stays recorded, and nothing brings them back.
 *
 * The order makes a crash at any point harmless: first a note in the ledger, then the event in the log (which ends
 * every grant), then accounts and sessions are removed and the key is destroyed, and last the files are scrubbed of
 * what was deleted. Each step can be repeated. What was interrupted, or brought back by a restored backup, is finished
 * at the next start before anybody is served.
 */
import * as Effect from "effect/Effect"
import type { EpochMillis, SubjectId } from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { Accounts } from "./Accounts.ts"
import { orUnavailable } from "./CommandHandler.ts"
import type { ForgetLedger, Forgetting } from "./ForgetLedger.ts"
import type { Failure } from "./TokenRequests.ts"
import type { ServerStore } from "./ServerStore.ts"
import type { Sessions } from "./Sessions.ts"
import type { SubjectKeys } from "./SubjectKeys.ts"

export interface ForgetOptions {
  readonly log: ServerStore
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly subjectKeys: SubjectKeys | undefined
  readonly ledger: ForgetLedger | undefined
  readonly now: () => EpochMillis
  /** Records that a subject is forgotten. Refuses anything but a subject id. */
  readonly record: (subjectId: SubjectId) => Effect.Effect<void, Failure>
}

export interface Forgetter {
  readonly forget: (subjectId: SubjectId) => Effect.Effect<void, Failure>
  /** Finishes what is left to do for everybody in the ledger, and gives those subjects. */
  readonly finish: Effect.Effect<ReadonlyArray<SubjectId>, Failure>
}

export const forgetter = (options: ForgetOptions): Forgetter => {
  const { log, accounts, sessions, subjectKeys, ledger, now, record } = options
  const forget = Effect.fnUntraced(function* (subjectId: SubjectId): Effect.fn.Return<void, Failure> {
    if (ledger !== undefined) yield* orUnavailable(ledger.intend(subjectId, now()))
    yield* record(subjectId)
    yield* orUnavailable(remove(subjectId))
    if (ledger !== undefined) yield* orUnavailable(ledger.finish(subjectId, now()))
  })

  const remove = Effect.fnUntraced(function* (subjectId: SubjectId): Effect.fn.Return<void, StoreFault> {
    yield* accounts.removeOf(subjectId)
    yield* sessions.endAll(subjectId)
    if (subjectKeys !== undefined) yield* subjectKeys.forget(subjectId)
    yield* log.scrub
  })

  const isForgotten = Effect.fnUntraced(function* ({
    subjectId,
    isFinished,
  }: Forgetting): Effect.fn.Return<boolean, StoreFault> {
    if (!isFinished) return false
    const { state } = yield* log.rows.subject(subjectId)
    if (state.status !== "forgotten") return false
    // A backup may have been made between two steps.
    if ((yield* accounts.ofSubject(subjectId)) !== undefined) return false
    return subjectKeys === undefined || (yield* subjectKeys.isForgotten(subjectId))
  })

  return {
    forget,
    finish: Effect.gen(function* () {
      const noted = ledger === undefined ? [] : yield* orUnavailable(ledger.read)
      const left: Array<SubjectId> = []
      for (const one of noted) if (!(yield* orUnavailable(isForgotten(one)))) left.push(one.subjectId)
      for (const subjectId of left) yield* forget(subjectId)
      return left
    }),
  }
}
