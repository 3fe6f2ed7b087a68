/** The engines that a mutant can be given to: each a test that tries promises, not an example of one answer. */
import { edit, type Edit, type Mutant } from "./Mutant.ts"

export interface Engine {
  readonly test: string
  readonly title: string
}

/** Every short sequence over a small alphabet. */
export const explore: Engine = {
  test: "properties/explore/Explore.test.ts",
  title: "finds no broken promise, no disagreement with the model",
}

/** Long sequences, biased to trouble. */
export const random: Engine = {
  test: "properties/random/Random.test.ts",
  title: "answers as the model, and keeps every promise",
}

/** The same sequences asked of the server, over either store. */
export const memory: Engine = { test: "test/random/Systems.test.ts", title: "the server over memory" }
export const sqlite: Engine = { test: "test/random/Systems.test.ts", title: "the server over SQLite" }

/** The same over HTTP, with all that only a wire has. */
export const overHttp: Engine = { test: "test/random/Systems.test.ts", title: "HTTP over memory" }

/** Several servers on one faulty log. */
export const simulated: Engine = { test: "test/simulate/Simulate.test.ts", title: "keep every promise" }
export const race: Engine = { test: "test/simulate/Simulate.test.ts", title: "has one winner" }

/** Seeds that are enough for what is found at all: the rest would only be told of again. */
const fewerSeeds = edit("test/simulate/Simulate.test.ts", "const SEED_COUNT = 1000", "const SEED_COUNT = 250")

const told = (promise: string | undefined) => (promise === undefined ? {} : { promise })

/** A mutant for engines; without a promise it is the disagreement with the model that tells. */
export const against = (
  engines: ReadonlyArray<Engine>,
  promise: string | undefined,
  offends: string,
  name: string,
  ...edits: ReadonlyArray<Edit>
): Mutant => ({
  name,
  offends,
  edits: engines.includes(simulated) ? [fewerSeeds, ...edits] : edits,
  ...told(promise),
  tests: [...new Set(engines.map(({ test }) => test))],
  titles: engines.map(({ title }) => title),
})

/** A mutant for a test that says one rule, where no promise is about it. */
export const noticed = (
  offends: string,
  test: string,
  title: string,
  name: string,
  ...edits: ReadonlyArray<Edit>
): Mutant => ({ name, offends, edits, tests: [test], titles: [title] })
