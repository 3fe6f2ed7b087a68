/**
 * Reading in pages: a long read returns to the event loop after every few entries.
 *
 * A store answers one read without interruption, and nobody else is answered meanwhile. So a long read is made of
 * pages, with a turn for everybody else between two of them. Entries never change, so the pages fit together whenever
 * they are read.
 */
import * as Effect from "effect/Effect"

/**
 * How many entries are read and checked without interruption. It takes a few milliseconds, even with entries of the
 * largest size.
 */
export const PAGE = 32

/** Up to `limit` items from `start` on. `read` must give as many as it is asked for, as long as there are any. */
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
