/**
 * The log as one instance reaches it: slow, contended, cut off in the middle of an append, or not at all once it crashed.
 *
 * It also keeps what only the log can know of a call: from which state it was answered, and where it was committed. That
 * is the order in which the calls took effect.
 */
import { Context, Effect } from "effect"
import { NoStream, type Append, type AppendOutcome } from "../../src/log/EventLog.ts"
import { stepAside } from "./Bag.ts"
import type { Dice } from "./Dice.ts"
import { eachAnswer } from "./EachAnswer.ts"
import type { Faults } from "./Faults.ts"
import type { SharedStore } from "./SharedStore.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

/** What the log saw of a call. */
export interface Trace {
  /** How many entries there were when it was made. */
  readonly sizeAtStart: number
  /** How many there were when the last try read what it decided on. */
  readSize: number | undefined
  /** How many there were when it looked last at what lies beside the log, which may be all that it decided on. */
  asideSize: number | undefined
  /** Where it was committed, and the time it was decided at. */
  committed: { readonly position: number; readonly at: number } | undefined
  /** Appends that have not been answered. */
  openAppendCount: number
  /** Whether an outcome was kept from the instance. */
  isOutcomeHidden: boolean
}

export const newTrace = (sizeAtStart: number): Trace => ({
  sizeAtStart,
  readSize: undefined,
  asideSize: undefined,
  committed: undefined,
  openAppendCount: 0,
  isOutcomeHidden: false,
})

/** The call that is being answered. */
export const CurrentTrace = Context.Reference<Trace>("grantlog/properties/simulate/CurrentTrace", {
  defaultValue: () => newTrace(0),
})

export interface FaultyLogOptions {
  readonly store: SharedStore
  readonly dice: Dice
  readonly faults: Faults
  readonly isDead: () => boolean
  /** The instance crashes, here and now. */
  readonly crash: (why: string) => void
}

const MAX_SLOWNESS = 12

/** Somebody was quicker. That a stream is there which is not would be a lie, so a new one fails by what it depends on. */
const conflictOn = ({ stream, expectedVersion, checks }: Append): AppendOutcome =>
  expectedVersion === NoStream
    ? { _tag: "CheckFailed", stream: checks[0]?.stream ?? stream }
    : { _tag: "WrongExpectedVersion", actual: expectedVersion + 1 }

export const faultyLog = ({ store, dice, faults, isDead, crash }: FaultyLogOptions): ServerStore => {
  const { log } = store
  const alive = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => (isDead() ? Effect.never : effect))
  /** Others may do something first. */
  const wait = Effect.suspend(() => stepAside(faults.happens("slow") ? dice.below(MAX_SLOWNESS) : 1))

  const commit = (append: Append, trace: Trace): Effect.Effect<AppendOutcome> =>
    Effect.map(log.append(append), (outcome) => {
      if (outcome._tag === "Appended") trace.committed = { position: outcome.position, at: append.at }
      else trace.readSize = undefined
      return outcome
    })
  const unknown: AppendOutcome = { _tag: "Unknown", message: "the connection was cut: nobody knows" }
  const died = (why: string) => Effect.suspend(() => (crash(why), Effect.never))

  const attempt = Effect.fnUntraced(function* (asked: Append, trace: Trace) {
    yield* wait
    if (isDead()) return yield* Effect.never
    if (faults.happens("conflict")) {
      trace.readSize = undefined
      return conflictOn(asked)
    }
    if (faults.happens("crash before commit")) return yield* died("crashes before the commit")
    if (faults.happens("unknown outcome")) {
      trace.isOutcomeHidden = true
      if (dice.chance(0.5)) yield* commit(asked, trace)
      return yield* alive(Effect.succeed(unknown))
    }
    const outcome = yield* commit(asked, trace)
    if (isDead()) return yield* Effect.never
    if (outcome._tag === "Appended" && faults.happens("crash after commit")) {
      return yield* died("crashes after the commit, before the reply")
    }
    yield* wait
    return yield* alive(Effect.succeed(outcome))
  })

  const noting =
    (note: (trace: Trace, size: number) => void) =>
    <A, E>(answer: () => Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.flatMap(CurrentTrace, (trace) =>
        Effect.andThen(
          wait,
          alive(
            Effect.suspend(() => {
              note(trace, store.head().size)
              return answer()
            }),
          ),
        ),
      )
  const reading = noting((trace, size) => (trace.readSize ??= size))
  const lookingAside = noting((trace, size) => (trace.asideSize = size))

  return {
    ...log,
    append: (asked) =>
      Effect.flatMap(CurrentTrace, (trace) => {
        trace.openAppendCount++
        return Effect.map(attempt(asked, trace), (outcome) => {
          trace.openAppendCount--
          return outcome
        })
      }),
    head: alive(log.head),
    rows: eachAnswer(log.rows, reading),
    side: eachAnswer(log.side, lookingAside),
    readUnversioned: (digest) => Effect.andThen(wait, alive(log.readUnversioned(digest))),
    prune: (through) => alive(log.prune(through)),
  }
}
