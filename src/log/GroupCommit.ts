/**
 * Group commit: appends that arrive while a commit runs share the next one, in arrival order.
 *
 * Every caller gets its own outcome, after the commit. A batch is capped so that the event loop is not held; a busy
 * store is asked again in short waits, never by blocking.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { StoreFault, type Append, type AppendOutcome } from "./EventLog.ts"

const MAX_BATCH = 100
const BUSY_WAIT_MILLIS = 5
const MAX_BUSY_WAITS = 1000

type Outcomes = ReadonlyArray<AppendOutcome>

/**
 * Commits a batch and says what became of each, at once or later; throws a {@link StoreFault} `busy` when somebody else
 * holds the head.
 */
export type CommitBatch = (batch: ReadonlyArray<Append>) => Outcomes | Promise<Outcomes>

export interface GroupCommit {
  readonly append: (append: Append) => Effect.Effect<AppendOutcome>
  /** Runs `body`, which takes the head itself, and waits for other writers in the same way. */
  readonly patiently: <A>(body: () => A) => Effect.Effect<A, StoreFault>
  /** Accepts no more appends, and waits until those that were accepted are committed. */
  readonly close: Effect.Effect<void>
}

export const rejected = (fault: StoreFault): AppendOutcome => ({
  _tag: "Rejected",
  reason: fault.reason,
  message: fault.message,
  ...(fault.cause === undefined ? {} : { cause: fault.cause }),
})

export const logIsClosed = new StoreFault({ reason: "closed", message: "the log is closed: open it again" })

/** `schedule` runs the next flush soon, but not within this turn, so that a batch can form. */
export const groupCommit = (
  commit: CommitBatch,
  onCommitted: (appendCount: number) => void,
  schedule: (flush: () => void) => void = setImmediate,
): GroupCommit => {
  const waiting: Array<{ readonly append: Append; readonly answer: (outcome: AppendOutcome) => void }> = []
  const onIdle: Array<() => void> = []
  let isScheduled = false
  let isClosed = false
  let busyWaits = 0

  const flushSoon = () => {
    if (isScheduled) return
    isScheduled = true
    schedule(flush)
  }

  const answer = (outcomes: Outcomes) => {
    busyWaits = 0
    waiting.splice(0, outcomes.length).forEach((one, index) => one.answer(outcomes[index]!))
    onCommitted(outcomes.filter((outcome) => outcome._tag === "Appended").length)
    goOn()
  }

  const fail = (cause: unknown, batchSize: number) => {
    const fault = asFault(cause)
    if (fault.reason === "busy" && ++busyWaits < MAX_BUSY_WAITS) setTimeout(flush, BUSY_WAIT_MILLIS)
    else answer(Array.from({ length: batchSize }, () => rejected(fault)))
  }

  /** Nothing else is scheduled until there is an answer. */
  const flush = () => {
    const batch = waiting.slice(0, MAX_BATCH).map((one) => one.append)
    let outcomes: ReturnType<CommitBatch>
    try {
      outcomes = commit(batch)
    } catch (cause) {
      return fail(cause, batch.length)
    }
    if (outcomes instanceof Promise) outcomes.then(answer, (cause: unknown) => fail(cause, batch.length))
    else answer(outcomes)
  }

  const goOn = () => {
    isScheduled = false
    if (waiting.length > 0) return flushSoon()
    onIdle.splice(0).forEach((done) => done())
  }

  const patiently = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    whileBusy(() => {
      if (isClosed) throw logIsClosed
      return body()
    })

  return {
    append: (append) =>
      Effect.callback<AppendOutcome>((resume) => {
        if (isClosed) return resume(Effect.succeed(rejected(logIsClosed)))
        waiting.push({ append, answer: (outcome) => resume(Effect.succeed(outcome)) })
        flushSoon()
      }),
    patiently,
    close: Effect.callback<void>((resume) => {
      isClosed = true
      if (waiting.length === 0) return resume(Effect.void)
      onIdle.push(() => resume(Effect.void))
    }),
  }
}

const isBusy = (fault: StoreFault): boolean => fault.reason === "busy"

const again = { while: isBusy, times: MAX_BUSY_WAITS, schedule: Schedule.spaced(BUSY_WAIT_MILLIS) }

/** Runs `body`, and tries again after short waits while somebody else holds what it needs. */
export const whileBusy = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(body())
    } catch (cause) {
      const fault = asFault(cause)
      return isBusy(fault) ? Effect.retry(Effect.try({ try: body, catch: asFault }), again) : Effect.fail(fault)
    }
  })

/** Whatever a store threw, as a fault. A defect of this program is kept as its cause. */
export const asFault = (cause: unknown): StoreFault =>
  cause instanceof StoreFault
    ? cause
    : new StoreFault({
        reason: "other",
        message: "a fault inside grantlog, nothing was written: please report it",
        cause,
      })
