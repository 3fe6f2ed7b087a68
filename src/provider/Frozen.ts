/**
 * What a host is given of a state: frozen, for the same state is given to others, and decided on.
 *
 * Only on the way out. Within the server it is the compiler that keeps states as they are: freezing each that is read
 * and written costs more than writing its text.
 */
import * as Effect from "effect/Effect"

export const frozen = <A>(value: A): A => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(frozen)
  return Object.freeze(value)
}

/** The same operation, its answer frozen. */
export const givesFrozen =
  <Input extends ReadonlyArray<unknown>, A, E>(operation: (...input: Input) => Effect.Effect<A, E>) =>
  (...input: Input): Effect.Effect<A, E> =>
    Effect.map(operation(...input), frozen)
