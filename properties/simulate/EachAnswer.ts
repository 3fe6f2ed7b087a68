/** Whatever a store is asked by name, answered by way of `through`: to delay, to count, or to break. */
import type { Effect } from "effect"

export const eachAnswer = <Named extends object>(
  named: Named,
  through: <A, E>(answer: () => Effect.Effect<A, E>, name: string) => Effect.Effect<A, E>,
): Named =>
  Object.fromEntries(
    Object.entries(named).map(([name, ask]: [string, (...about: ReadonlyArray<unknown>) => Effect.Effect<unknown>]) => [
      name,
      (...about: ReadonlyArray<unknown>) => through(() => ask(...about), name),
    ]),
  ) as Named
