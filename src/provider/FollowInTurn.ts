/**
 * Following the log for all instances: one reads at a time, from where the last one came, and another goes on when it ends
 * or dies.
 *
 * What an entry asks for is done at least once. It is behind the bookmark when it is done, and not when it is read: who is
 * killed on the way leaves it to the next. What lies further back than a bound is left out, and said.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Recorded, StoreFault } from "../log/index.ts"
import { liveRandomness, mintRequestId } from "./Randomness.ts"
import type { ServerStore } from "./ServerStore.ts"

/** For how long nobody else reads, and how often who reads says that it does. */
const TURN_MILLIS = 60_000
const BEAT_MILLIS = 15_000
const MAX_BEHIND = 100_000

export interface FollowOptions {
  /** What it is read for. */
  readonly reader: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** What an entry asks for, done beside the reading; each may take its time. */
  readonly workOf: (entry: Recorded) => Effect.Effect<ReadonlyArray<Effect.Effect<void>>, StoreFault>
  /** Told how many entries were left out. */
  readonly onSkipped: (entryCount: number) => void
  /** How many entries back one that starts goes at most. */
  readonly maxBehind?: number
}

/** Reads for as long as it runs; fails where the store does. */
export const followInTurn = (
  log: ServerStore,
  { reader, now, workOf, onSkipped, maxBehind = MAX_BEHIND }: FollowOptions,
): Effect.Effect<never, StoreFault> => {
  const turn = { reader, holder: mintRequestId(liveRandomness) }

  /** Waits until nobody else reads. */
  const begin = Effect.gen(function* () {
    for (;;) {
      const { size } = yield* log.head
      const at = now()
      const position = yield* log.side.takeTurn({ ...turn, start: size, at, until: at + TURN_MILLIS })
      if (position !== undefined) {
        const first = Math.max(position, size - maxBehind)
        if (first > position) onSkipped(first - position)
        return first
      }
      yield* Effect.sleep(BEAT_MILLIS)
    }
  })

  const read = (from: number) => {
    const underWay = new Map<object, number>()
    let next = from
    const keep = Effect.suspend(() => {
      const position = Math.min(next, ...underWay.values())
      return log.side.keepTurn({ ...turn, position, until: now() + TURN_MILLIS })
    })
    const doing = (position: number, work: Effect.Effect<void>) => {
      const mark = {}
      underWay.set(mark, position)
      const done = Effect.suspend(() => {
        underWay.delete(mark)
        return Effect.ignore(keep)
      })
      return Effect.forkChild(Effect.andThen(work, done))
    }
    const reading = Stream.runForEach(log.subscribe(from), (entry) =>
      Effect.gen(function* () {
        for (const work of yield* workOf(entry)) yield* doing(entry.position, work)
        next = entry.position + 1
      }),
    )
    const untilLost = Effect.gen(function* () {
      while (yield* keep) yield* Effect.sleep(BEAT_MILLIS)
    })
    // Who stops in good order says how far it came, and lets another begin at once.
    const leave = Effect.suspend(() =>
      Effect.ignore(log.side.keepTurn({ ...turn, position: Math.min(next, ...underWay.values()), until: 0 })),
    )
    return Effect.onInterrupt(Effect.raceFirst(reading, untilLost), () => leave)
  }

  return Effect.forever(Effect.flatMap(begin, read))
}
