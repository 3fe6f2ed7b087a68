/**
 * Following a log: catch up page by page, then wait until something may be new and read on.
 *
 * Gapless because positions are, but for what is in an archive; at least once because a reader keeps its own bookmark. Entries of other processes are
 * found by asking now and then.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import type { StoreFault } from "./EventLog.ts"
import type { Recorded } from "./Recorded.ts"

/** The entries that are not in an archive. */
export const present = (page: ReadonlyArray<Recorded | undefined>): ReadonlyArray<Recorded> =>
  page.filter((entry) => entry !== undefined)

const ASK_EVERY_MILLIS = 100

export interface Follower {
  /** Tells the followers that entries were committed. */
  readonly notify: () => void
  readonly subscribe: (position: number) => Stream.Stream<Recorded, StoreFault>
}

export const makeFollower = (
  readPage: (position: number) => Effect.Effect<ReadonlyArray<Recorded | undefined>, StoreFault>,
): Follower => {
  let latch = Latch.makeUnsafe()

  const nextPage = (position: number): Effect.Effect<ReadonlyArray<Recorded | undefined>, StoreFault> =>
    Effect.suspend(() => {
      const news = latch
      return Effect.flatMap(readPage(position), (page) =>
        page.length > 0
          ? Effect.succeed(page)
          : Effect.andThen(Effect.race(news.await, Effect.sleep(ASK_EVERY_MILLIS)), nextPage(position)),
      )
    })

  return {
    notify: () => {
      const told = latch
      latch = Latch.makeUnsafe()
      told.openUnsafe()
    },
    subscribe: (position) =>
      Stream.unfold(position, (from) =>
        Effect.map(nextPage(from), (page) => [present(page), from + page.length] as const),
      ).pipe(Stream.flattenIterable),
  }
}
