/**
 * States that a host is given are frozen, because the same state is given to others, and decisions are made on it.
 *
 * They are frozen only on the way out. Within the server the compiler keeps states unchanged; freezing each one that is
 * read and written would cost more than writing its text.
 */
import * as Effect from "effect/Effect"

export const frozen = <A>(value: A): A => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(frozen)
  return Object.freeze(value)
}

/** The same operation with a frozen answer. */
export const givesFrozen =
  <Input extends ReadonlyArray<unknown>, A, E>(operation: (...input: Input) => Effect.Effect<A, E>) =>
  (...input: Input): Effect.Effect<A, E> =>
    Effect.map(operation(...input), frozen)
