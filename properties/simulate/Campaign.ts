/** Many seeds, one after the other, and what they came to. */
import { promises } from "../invariants/index.ts"
import { newTally, type Tally } from "../invariants/Judge.ts"
import type { EngineRun } from "../Run.ts"
import { addCounts, faultKinds, noFaultCounts, type FaultCounts } from "./Faults.ts"
import { simulate, type Run, type SimulateOptions } from "./Simulate.ts"

export interface Campaign {
  readonly seedCount: number
  readonly callCount: number
  readonly faults: FaultCounts
  /** Sessions that had to survive, and those of them that a lost reply or a crash had left in doubt. */
  readonly survivorCount: number
  readonly rescuedCount: number
  /** How often each promise was at stake. */
  readonly tally: Tally
  readonly failures: ReadonlyArray<Run>
}

export interface CampaignOptions extends SimulateOptions {
  readonly firstSeed: number
  readonly seedCount: number
  /** Stops after so many failures; default 1. */
  readonly maxFailures?: number
  readonly onRun?: (run: Run, doneCount: number) => void
}

export const runCampaign = ({
  firstSeed,
  seedCount,
  maxFailures = 1,
  onRun,
  ...options
}: CampaignOptions): Campaign => {
  let faults = noFaultCounts
  let [doneCount, callCount, survivorCount, rescuedCount] = [0, 0, 0, 0]
  const tally = options.tally ?? newTally()
  const failures: Array<Run> = []
  while (doneCount < seedCount && failures.length < maxFailures) {
    const run = simulate(firstSeed + doneCount, { ...options, tally })
    doneCount++
    callCount += run.sent.length
    survivorCount += run.survivorCount
    rescuedCount += run.rescuedCount
    faults = addCounts(faults, run.faults)
    if (run.failure !== undefined) failures.push(run)
    onRun?.(run, doneCount)
  }
  return { seedCount: doneCount, callCount, faults, survivorCount, rescuedCount, tally, failures }
}

const MAX_STORY_LINES = 60

/** A failed run for a person: the seed, what does not hold, the story, and how to see it again. */
export const tellFailure = ({ seed, failure }: Run): string => {
  if (failure === undefined) return `seed ${seed}: nothing failed`
  const { what, story } = failure
  const omitted = story.length - MAX_STORY_LINES
  return [
    `seed ${seed}: ${what}`,
    ...(omitted > 0 ? [`  … ${omitted} lines before`] : []),
    ...story.slice(-MAX_STORY_LINES).map((line) => `  ${line}`),
    `again, with everything that happened: npm run simulate -- --seed ${seed}`,
  ].join("\n")
}

/** One line for each kind of fault, and how often it occurred. */
export const tellCoverage = ({ faults }: Campaign): ReadonlyArray<string> => {
  const width = Math.max(...faultKinds.map((kind) => kind.length))
  return faultKinds.map((kind) => `${kind.padEnd(width)}  ${faults[kind]}`)
}

export const engineRunOf = (campaign: Campaign): EngineRun => {
  const { tally, failures, faults, seedCount, callCount, survivorCount, rescuedCount } = campaign
  const isBroken = (name: string) => failures.some(({ failure }) => failure?.promise === name)
  // A promise about the machine alone is not judged here, and one that was never at stake was not tried.
  const judged = promises.filter(({ onStep, onStore }) => onStep !== undefined || onStore !== undefined)
  const tried = judged.filter(({ name }) => tally.get(name)! > 0)
  const untried = promises.filter((promise) => !tried.includes(promise)).map(({ name }) => name)
  return {
    engine: "simulate",
    promises: Object.fromEntries(
      tried.map(
        ({ name }) => [name, { tries: tally.get(name)!, verdict: isBroken(name) ? "broken" : "kept" }] as const,
      ),
    ),
    numbers: {
      seeds: seedCount,
      calls: callCount,
      "sessions that had to survive": survivorCount,
      "of them left in doubt by a lost reply": rescuedCount,
      failures: failures.length,
      ...Object.fromEntries(faultKinds.map((kind) => [`fault: ${kind}`, faults[kind]])),
    },
    notTried: [
      ...(untried.length === 0 ? [] : [`these promises: ${untried.join(", ")}`]),
      "a store on a real disk: the faulty log stands on the log in memory",
      "the wire: calls go to the server's operations, not through HTTP",
      "keys that tokens are bound to, new client secrets, changes of metadata",
    ],
  }
}
