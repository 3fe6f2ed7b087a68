/** The real server for the simulator: wired as in production, over a log, a clock and randomness that are handed in. */
import type { Wiring } from "../../properties/simulate/Cluster.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import { makeServer, newKeyRing } from "../../src/provider/index.ts"
import { sideTables } from "../../src/provider/SideTables.ts"
import { configFor } from "../support/systems/Running.ts"
import { configOf } from "../support/TestServer.ts"

/** One ring for all instances and runs. */
export const keys = newKeyRing({ bytes: (size) => new Uint8Array(size).fill(7), upMillis: () => 0 })

/** Requests live longer than a run: none dies while it is on its way. */
const { lifetimes, ...others } = configFor()
export const config = configOf({ config: { ...others, lifetimes: { ...lifetimes, request: 7200 } } })

export const wiring: Wiring = {
  projection: inlineProjection,
  side: sideTables,
  start: ({ log, randomness }) => makeServer({ store: log, keys, config, randomness }),
}
