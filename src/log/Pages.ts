/**
 * Reading in pages: whoever reads much gives the event loop back after every few entries.
 *
 * A store answers a read in one go, and nobody else is answered meanwhile. So what is asked for is read a page at a
 * time, with a turn for everybody else between two of them. An entry never changes, so that pages of a log fit together
 * whenever they are read.
 */
import * as Effect from "effect/Effect"

/** Entries that are read and checked in one go: a few milliseconds, also where each is as large as an entry may be. */
export const PAGE = 32

/** Up to `limit` items that follow `start`, by a `read` that gives as many as it is asked for while there are any. */
export const inPages = Effect.fnUntraced(function* <A, E>(
  read: (start: number, limit: number) => Effect.Effect<ReadonlyArray<A>, E>,
  start: number,
  limit: number,
): Effect.fn.Return<ReadonlyArray<A>, E> {
  const first = yield* read(start, Math.min(PAGE, limit))
  if (first.length < PAGE || limit <= PAGE) return first
  const all = [...first]
  while (all.length < limit) {
    yield* Effect.yieldNow
    const asked = Math.min(PAGE, limit - all.length)
    const page = yield* read(start + all.length, asked)
    all.push(...page)
    if (page.length < asked) break
  }
  return all
})
