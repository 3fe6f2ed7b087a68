/**
 * `npm run soak`: instances as processes over one PostgreSQL that it starts by itself, raced and killed for minutes.
 *
 * Exit 0: nothing was violated. 1: something was. 2: it could not run.
 */
import { randomInt } from "node:crypto"
import { parseArgs } from "node:util"
import { recordRun } from "../../properties/Run.ts"
import { startPostgres } from "../support/Postgres.ts"
import { tableOf, writePage } from "./Page.ts"
import { engineRunOf, soak, type Soaked } from "./Soak.ts"
import { violationCountOf } from "./Tally.ts"

const MINUTES = 10
const INSTANCES = 4
const WORKERS_AN_INSTANCE = 4
const ROUNDS_A_DISTURBANCE = 20
const PROGRESS_MILLIS = 10_000

const USAGE = `npm run soak -- [options]

  --minutes N    for how long (${MINUTES})
  --instances N  how many instances (${INSTANCES})
  --seed S       who asks whom, and who is killed (by chance)
  --json         print the result as JSON
  --help         print this

properties/README.md is written by a run of at least ${MINUTES} minutes with ${INSTANCES} instances.`

const countIn = (name: string, text: string): number => {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`--${name} \`${text}\` is no count: give a number from 1 on`)
  return Number(text)
}

const progress = (startedAt: number) => {
  let toldAt = startedAt
  return ({ roundCount, killCount, ...soaked }: Soaked) => {
    if (performance.now() < toldAt + PROGRESS_MILLIS) return
    toldAt = performance.now()
    const seconds = Math.round((toldAt - startedAt) / 1000)
    console.error(`${seconds} s: ${roundCount} rounds, ${killCount} kills, ${violationCountOf(soaked)} violations`)
  }
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: String(MINUTES) },
      instances: { type: "string", default: String(INSTANCES) },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const minutes = countIn("minutes", values.minutes)
  const instanceCount = countIn("instances", values.instances)
  const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : countIn("seed", values.seed)
  const postgres = await startPostgres()
  if (postgres === undefined) throw new Error(`no PostgreSQL is packaged for ${process.platform} ${process.arch}`)
  const end = (code: number) => () => void postgres.remove().finally(() => process.exit(code))
  process.once("SIGINT", end(130)).once("SIGTERM", end(143))
  try {
    const startedAt = performance.now()
    const endsAt = startedAt + minutes * 60_000
    const soaked = await soak({
      url: postgres.url,
      schema: "soak",
      instanceCount,
      workerCount: instanceCount * WORKERS_AN_INSTANCE,
      seed,
      isOver: () => performance.now() >= endsAt,
      roundsADisturbance: ROUNDS_A_DISTURBANCE,
      onRound: progress(startedAt),
    })
    const run = { minutes, instanceCount, seed, ...soaked }
    recordRun("soak", engineRunOf(soaked))
    if (minutes >= MINUTES && instanceCount === INSTANCES) writePage(run)
    console.log(values.json ? JSON.stringify(run, null, 2) : tableOf(run))
    return violationCountOf(soaked) === 0 ? 0 : 1
  } finally {
    await postgres.remove()
  }
}

try {
  process.exitCode = await main()
} catch (cause) {
  console.error(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`)
  process.exitCode = 2
}
