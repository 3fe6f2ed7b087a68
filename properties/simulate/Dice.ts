/** Chance, all of it from a seed: the same seed, the same throws, whatever machine. */
import { Effect, Random } from "effect"

export interface Dice {
  /** A whole number from 0 on, below `count`. */
  readonly below: (count: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(from: ReadonlyArray<A>) => A
  readonly bytes: (size: number) => Uint8Array
}

export const diceFrom = (seed: string | number): Dice => {
  const random = Effect.runSync(Random.withSeed(Random.Random, seed))
  const below = (count: number) => Math.floor(random.nextDoubleUnsafe() * count)
  return {
    below,
    chance: (probability) => probability > 0 && random.nextDoubleUnsafe() < probability,
    pick: (from) => from[below(from.length)]!,
    bytes: (size) => Uint8Array.from({ length: size }, () => below(256)),
  }
}
