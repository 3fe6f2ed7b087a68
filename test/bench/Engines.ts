/**
 * How fast the engines of `properties` are, each on one core: states, commands, races and calls a second of CPU.
 *
 * Figures of this machine; the aims beside them are the design's.
 */
import { approving, looking, redeeming, refreshing, revoking } from "../../properties/Asking.ts"
import { opening, policy } from "../../properties/Opening.ts"
import { measureExplore } from "../../properties/explore/Bench.ts"
import { move, newMachine } from "../../properties/Machine.ts"
import type { Operation } from "../../properties/Operation.ts"
import { measureRates } from "../simulate/Rates.ts"

const START_MILLIS = 1_893_456_000_000
const SESSIONS = 20_000

const login: ReadonlyArray<Operation> = [
  approving(0, { scopes: ["read"] }),
  redeeming(0),
  refreshing(0),
  refreshing(1),
  looking(2),
  revoking("refresh", 2),
]

const cpuSeconds = (body: () => void): number => {
  const started = process.cpuUsage()
  body()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1e6
}

const session = () =>
  [...opening, ...login].reduce(
    (machine, operation) => move(machine, operation).machine,
    newMachine(policy, START_MILLIS),
  )

/** A table of Markdown. */
export const measureEngines = (): string => {
  for (let count = 0; count < SESSIONS / 10; count++) session()
  const commandSeconds = cpuSeconds(() => {
    for (let count = 0; count < SESSIONS; count++) session()
  })
  const commands = (SESSIONS * (opening.length + login.length)) / commandSeconds
  const explored = measureExplore()
  const rates = measureRates()
  const row = (name: string, perSecond: number, aim: string) =>
    `| ${name} | ${Math.round(perSecond).toLocaleString("en")} | ${aim} |`
  return [
    "| engine | a second of CPU | aim |",
    "| --- | ---: | --- |",
    row("explore: unique states, every edge judged", explored.uniqueStates / explored.seconds, "10,000"),
    row("commands against the core, numbers to ids and back included", commands, "50,000"),
    row("simulated three-way races", rates.racesPerSecond, "1,000"),
    row("simulated calls, faults and judgement included", rates.simulatedCallsPerSecond, "none"),
    row("calls linearized by searching", rates.linearizedCallsPerSecond, "none"),
  ].join("\n")
}
