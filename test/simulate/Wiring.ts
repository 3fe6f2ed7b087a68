/** The real server for the simulator: wired as in production, over a log, a clock and randomness that are handed in. */
import type { Wiring } from "../../properties/simulate/Cluster.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import { makeServer, newKeyRing, type CarriedValues } from "../../src/provider/index.ts"
import { sideTables } from "../../src/provider/SideTables.ts"
import { configFor, modelFeatures } from "../support/systems/Running.ts"
import { configOf } from "../support/TestServer.ts"

/** One ring for all instances and runs. */
export const keys = newKeyRing({ bytes: (size) => new Uint8Array(size).fill(7), upMillis: () => 0 })

/** Requests live longer than a run: none dies while it is on its way. */
const REQUEST_SECONDS = 7200
const { lifetimes, ...others } = configFor()
export const config = configOf({ config: { ...others, lifetimes: { ...lifetimes, request: REQUEST_SECONDS } } })

/** Encryption waits for threads that no seed knows of. What is carried is carried as it is here, and is there at once. */
const carried: CarriedValues = {
  encrypt: (purpose, value) => atOnce(JSON.stringify([purpose, value])),
  decrypt: (purpose, text) => {
    const [meant, value] = JSON.parse(text) as [unknown, unknown]
    return atOnce(meant === purpose ? value : undefined)
  },
}

/** A promise that has no turn of its own. */
const atOnce = <A>(value: A): Promise<A> => {
  const settled: PromiseLike<A> = {
    then: (done) => atOnce(done?.(value)) as never,
  }
  return settled as Promise<A>
}

/** Starts an instance that has these keys. */
export const startedWith =
  (ring: typeof keys): Wiring["start"] =>
  ({ log, randomness }) =>
    makeServer({ store: log, keys: ring, config, randomness, carried, features: modelFeatures })

export const wiring: Wiring = {
  projection: inlineProjection,
  side: sideTables,
  requestMillis: REQUEST_SECONDS * 1000,
  start: startedWith(keys),
}
