/** How fast the engines are, for `npm run bench`: races simulated, calls simulated and linearized, a second of CPU. */
import { byGrant } from "../../properties/linearize/ByGrant.ts"
import { modelSpec } from "../../properties/linearize/ModelSpec.ts"
import { linearize } from "../../properties/linearize/Search.ts"
import { race } from "../../properties/simulate/Race.ts"
import { simulate } from "../../properties/simulate/Simulate.ts"
import { wiring } from "./Wiring.ts"

const WARM_UP_COUNT = 300
const RACE_COUNT = 2000
const SEED_COUNT = 100

export interface Rates {
  /** Three instances, one code, redeemed by all at once, and judged. */
  readonly racesPerSecond: number
  /** Calls of whole runs, faults and judgement included. */
  readonly simulatedCallsPerSecond: number
  /** Calls of the same runs, ordered by searching, without being told the log's order. */
  readonly linearizedCallsPerSecond: number
}

/** CPU seconds: another process on the machine changes nothing. */
const secondsFor = (body: () => void): number => {
  const started = process.cpuUsage()
  body()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1e6
}

export const measureRates = (): Rates => {
  const seeds = Array.from({ length: SEED_COUNT }, (_, index) => index + 1)
  race(1, WARM_UP_COUNT, wiring)
  const racing = secondsFor(() => race(2, RACE_COUNT, wiring))
  const runs = seeds.map((seed) => simulate(seed, { wiring }))
  const callCount = runs.reduce((count, { sent }) => count + sent.length, 0)
  const simulating = secondsFor(() => seeds.forEach((seed) => simulate(seed, { wiring })))
  const linearizing = secondsFor(() =>
    runs.forEach(({ initial, sent }) => linearize(modelSpec(initial), sent, { partition: byGrant })),
  )
  return {
    racesPerSecond: RACE_COUNT / racing,
    simulatedCallsPerSecond: callCount / simulating,
    linearizedCallsPerSecond: callCount / linearizing,
  }
}
