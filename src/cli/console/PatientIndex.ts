/**
 * The index, for pages: brought up to date by one at a time, and waited for a moment only.
 *
 * What the log grew by may be a million entries. Nobody waits for that: a page is made of what the index has, and says
 * how far that goes; taking in goes on behind it, in small pieces.
 */
import { Effect, Fiber, Option } from "effect"
import type { AuditIndex } from "../../audit/index.ts"
import type { StoreFault } from "../../log/index.ts"

const PATIENCE_MILLIS = 250

/** Says how many entries the index has taken in by now. */
export const patientIndex = (index: Pick<AuditIndex, "catchUp" | "size">): Effect.Effect<number, StoreFault> => {
  let running: Fiber.Fiber<number, StoreFault> | undefined
  const take = Effect.suspend(() => {
    if (running !== undefined) return Fiber.join(running)
    const ended = Effect.sync(() => (running = undefined))
    return Effect.flatMap(Effect.forkDetach(Effect.ensuring(index.catchUp(), ended)), (fiber) => {
      running = fiber
      return Fiber.join(fiber)
    })
  })
  // What another page waits for may have been at its end when this one came.
  const all = Effect.suspend(() => (running === undefined ? take : Effect.andThen(take, take)))
  return Effect.flatMap(Effect.timeoutOption(all, PATIENCE_MILLIS), (size) =>
    Option.isSome(size) ? Effect.succeed(size.value) : index.size,
  )
}
