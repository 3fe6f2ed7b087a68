/**
 * `npm run year`: a year of traffic on a SQLite file, archived by quarter, then verified and explained.
 *
 * Exit 0: all of it was found as it was made. 1: something was not. 2: it could not run.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { grantlog } from "../live/support/Command.ts"
import { faultsOf, tableOf, writePage } from "./Page.ts"
import { simulateYear } from "./Year.ts"

const GRANTS = 100_000
const SEED = 20_300_101
const PROGRESS_MILLIS = 10_000

const USAGE = `npm run year -- [options]

  --grants N  how many people log in, over the year (${GRANTS})
  --seed S    who comes back, and who is robbed (${SEED})
  --page      write the table into test/bench/README.md
  --json      print the result as JSON
  --help      print this

A million grants take some 15 GB in the temporary folder, and between one and two hours.`

const countIn = (name: string, text: string): number => {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`--${name} \`${text}\` is no count: give a number from 1 on`)
  return Number(text)
}

const progress = () => {
  let toldAt = performance.now()
  return (line: string) => {
    if (line.startsWith("day") && performance.now() < toldAt + PROGRESS_MILLIS) return
    toldAt = performance.now()
    console.error(line)
  }
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      grants: { type: "string", default: String(GRANTS) },
      seed: { type: "string", default: String(SEED) },
      page: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const counts = { grantCount: countIn("grants", values.grants), seed: countIn("seed", values.seed) }
  const folder = mkdtempSync(join(tmpdir(), "grantlog-year-"))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once("exit", remove)
  for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
    process.once(signal, () => process.exit(code))
  }
  const year = await simulateYear({ folder, ...counts, grantlog, progress: progress() })
  const faults = faultsOf(year)
  console.log(values.json ? JSON.stringify({ ...year, faults }, null, 2) : tableOf(year))
  for (const fault of faults) console.error(fault)
  if (values.page && faults.length === 0) writePage(year)
  return faults.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (cause) {
  console.error(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`)
  process.exitCode = 2
}
