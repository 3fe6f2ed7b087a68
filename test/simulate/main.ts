/**
 * `npm run simulate`: many seeds of several instances on one faulty log, or one seed with everything that happened.
 *
 * Exit 0: every promise was kept. 1: a seed broke one. 2: it could not run.
 */
import { parseArgs } from "node:util"
import { recordRun } from "../../properties/Run.ts"
import { engineRunOf, runCampaign, tellCoverage, tellFailure } from "../../properties/simulate/Campaign.ts"
import { simulate } from "../../properties/simulate/Simulate.ts"
import { wiring } from "./Wiring.ts"

const USAGE = `npm run simulate -- [options]

  --seeds N   how many seeds (1000)
  --first S   the first of them (1)
  --seed S    this seed alone, and print everything that happened
  --json      print the result as JSON
  --help      print this`

const EVERY = 100

const countIn = (name: string, text: string): number => {
  const count = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new Error(`--${name} \`${text}\` is no count: give digits`)
  return count
}

const oneSeed = (seed: number, isJson: boolean): number => {
  const run = simulate(seed, { wiring })
  const { transcript, failure } = run
  if (isJson)
    console.log(JSON.stringify({ seed, transcript: transcript.split("\n"), failure: failure ?? null }, null, 2))
  else console.log(failure === undefined ? transcript : `${transcript}\n\n${tellFailure(run)}`)
  return failure === undefined ? 0 : 1
}

const manySeeds = (firstSeed: number, seedCount: number, isJson: boolean): number => {
  const campaign = runCampaign({
    wiring,
    firstSeed,
    seedCount,
    onRun: (_, doneCount) => {
      if (doneCount % EVERY === 0) process.stderr.write(`${doneCount} of ${seedCount} seeds\n`)
    },
  })
  const run = engineRunOf(campaign)
  recordRun("simulate", run)
  const [failed] = campaign.failures
  if (isJson) {
    console.log(JSON.stringify({ ...run, failure: failed && { seed: failed.seed, ...failed.failure } }, null, 2))
  } else {
    console.log(`${campaign.seedCount} seeds from ${firstSeed}, ${campaign.callCount} calls, faults:`)
    for (const line of tellCoverage(campaign)) console.log(`  ${line}`)
    console.log(failed === undefined ? "every answer is explained, every promise kept" : `\n${tellFailure(failed)}`)
  }
  return failed === undefined ? 0 : 1
}

const main = (): number => {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      first: { type: "string", default: "1" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  return values.seed === undefined
    ? manySeeds(countIn("first", values.first), countIn("seeds", values.seeds), values.json)
    : oneSeed(countIn("seed", values.seed), values.json)
}

try {
  process.exitCode = main()
} catch (cause) {
  console.error(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`)
  process.exitCode = 2
}
