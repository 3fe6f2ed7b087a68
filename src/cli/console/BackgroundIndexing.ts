/**
 * The index, for pages: brought up to date by one at a time, and waited for a moment only.
 *
 * What the log grew by may be a million entries. Nobody waits for that: a page is made of what the index has, and says
 * how far that goes; taking in goes on behind it, in small pieces, and rests while a page is made.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import type { AuditIndex } from "../../audit/index.ts"
import type { StoreFault } from "../../log/index.ts"

const PATIENCE_MILLIS = 250

export interface BackgroundIndexing {
  /** How many entries the index has taken in by now, or in a moment. */
  readonly size: Effect.Effect<number, StoreFault>
  /** Makes a page; taking in rests meanwhile. */
  readonly whilePaused: <A, E>(page: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

export const backgroundIndexing = (index: Pick<AuditIndex, "catchUp" | "size">): BackgroundIndexing => {
  let running: Fiber.Fiber<number, StoreFault> | undefined
  let pageCount = 0
  const rest = Latch.makeUnsafe(true)
  const between = Effect.andThen(Effect.yieldNow, rest.await)
  const take = Effect.suspend(() => {
    if (running !== undefined) return Fiber.join(running)
    const ended = Effect.sync(() => (running = undefined))
    const taking = Effect.ensuring(index.catchUp(undefined, between), ended)
    return Effect.flatMap(Effect.forkDetach(taking), (fiber) => {
      running = fiber
      return Fiber.join(fiber)
    })
  })
  // What another page waits for may have been at its end when this one came.
  const all = Effect.suspend(() => (running === undefined ? take : Effect.andThen(take, take)))
  const begin = Effect.sync(() => {
    if (pageCount++ === 0) rest.closeUnsafe()
  })
  const end = Effect.sync(() => {
    if (--pageCount === 0) rest.openUnsafe()
  })
  return {
    size: Effect.flatMap(Effect.timeoutOption(all, PATIENCE_MILLIS), (size) =>
      Option.isSome(size) ? Effect.succeed(size.value) : index.size,
    ),
    whilePaused: (page) =>
      Effect.acquireUseRelease(
        begin,
        () => page,
        () => end,
      ),
  }
}
