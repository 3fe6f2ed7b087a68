/**
 * `npm run conformance`: everybody else's judges on this server and this client, and one table of what they said.
 *
 * The judges are tests that exist (`Judges.ts`); this runs their files and tells which row held. What needs Python is left
 * out loudly where its environment cannot be made, and never in CI. `--peers` runs everything of `test/peers` besides,
 * which is `npm run test:peers`.
 *
 * Exit 0: every row that could be tried held. 1: one did not, or a test besides failed, or in CI one was left out. 2: it
 * could not run.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { repository } from "../../spec/trace/Sources.ts"
import { testsOf, type RunTest } from "../../spec/trace/Verdict.ts"
import prepareEnvironment from "../peers/Environment.ts"
import { prometheusTools } from "../peers/PrometheusTools.ts"
import { needsPython, rows, type Row } from "./Judges.ts"
import { judgedBy, tableOf, type Judged } from "./Table.ts"

const USAGE = `npm run conformance -- [options]

  --only WORDS  the rows with all of these words in judge or subject, such as "openid-client device"
  --list        print the rows, and run nothing
  --peers       run all other tests of test/peers as well (npm run test:peers)
  --update      with --peers: write properties/PEERS.md anew
  --json        print the result as JSON
  --help        print this

Rows that need Python take the environment in test/peers/.venv, which is made from PyPI; those that need Prometheus take
the one on the PATH, or Debian's, unpacked in test/peers/.prometheus. Where that cannot be done they are SKIPPED, and with CI set in the environment that is a failure.`

const chosen = (only: string | undefined): ReadonlyArray<Row> => {
  const words = (only ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
  const found = rows.filter(({ judge, what }) => words.every((word) => `${judge} ${what}`.toLowerCase().includes(word)))
  if (found.length === 0) throw new Error(`no row has all of \`${only}\`: npm run conformance -- --list`)
  return found
}

/** Why Python's rows cannot be tried, in a sentence; `undefined` where they can. */
const pythonFault = async (): Promise<string | undefined> => {
  console.error("making the Python environment, unless it is there …")
  try {
    await prepareEnvironment()
    return undefined
  } catch (error) {
    if (!(error instanceof Error)) return String(error)
    const [why] = error.cause instanceof Error ? error.cause.message.split("\n") : []
    return why === undefined ? error.message : `${error.message} (${why})`
  }
}

const NO_PROMETHEUS = "Prometheus is neither here nor to be had from Debian: install `prometheus`"

/** Runs the files; what vitest tells on the way goes to standard error. */
const run = async (paths: ReadonlyArray<string>, ...flags: ReadonlyArray<string>): Promise<ReadonlyArray<RunTest>> => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-conformance-"))
  const report = join(folder, "report.json")
  const vitest = join(repository, "node_modules/vitest/vitest.mjs")
  const projects = ["unit", "live", "conformance", "peers"].flatMap((name) => ["--project", name])
  const reporters = ["--reporter", "default", "--reporter", "json", "--outputFile.json", report]
  const args = [
    vitest,
    "run",
    "--config",
    "test/config/vitest.config.ts",
    ...projects,
    ...reporters,
    ...flags,
    ...paths,
  ]
  try {
    const child = spawn(process.execPath, args, { cwd: repository, stdio: ["ignore", 2, 2] })
    const code = await new Promise((resolve) => child.once("close", resolve))
    const tests = testsOf(readFileSync(report, "utf8"), repository)
    // A file that cannot be loaded has no test that could fail.
    if (code !== 0 && tests.every(({ status }) => status !== "failed"))
      throw new Error(`vitest ended with ${code} though no test failed: see above`)
    return tests
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      list: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      update: { type: "boolean", short: "u", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const asked = chosen(values.only)
  if (values.list) {
    const listed = asked.map((row) => ({ ...row, verdict: "not run" as const, passedCount: 0, failed: [] }))
    console.log(values.json ? JSON.stringify(asked, null, 2) : tableOf(listed))
    return 0
  }
  const isPythonWanted = values.peers || asked.some(needsPython)
  const fault = isPythonWanted ? await pythonFault() : undefined
  if (fault !== undefined && values.peers) throw new Error(`the tests of test/peers cannot run: ${fault}`)
  const faultOf = (row: Row): string | undefined => {
    if (fault !== undefined && needsPython(row)) return fault
    return row.needs === "Prometheus" && prometheusTools() === undefined ? NO_PROMETHEUS : undefined
  }
  const tried = asked.filter((row) => faultOf(row) === undefined)
  const paths = [...new Set(tried.flatMap((row) => row.tried.map(({ path }) => path)))]
  const started = performance.now()
  console.error(`${tried.length} rows in ${paths.length} test files${values.peers ? ", and all of test/peers" : ""} …`)
  // What checks other people's servers has a budget of time, and the machine to itself.
  const isOfPeers = (path: string) => path.startsWith("test/peers/")
  const groups = values.peers ? [paths.filter((path) => !isOfPeers(path)), ["test/peers/"]] : [paths]
  const tests: Array<RunTest> = []
  for (const group of groups.filter((one) => one.length > 0)) {
    const ran = await run(group, ...(values.update ? ["--update"] : []))
    if (ran.length === 0) throw new Error("vitest ran no test")
    tests.push(...ran)
  }
  const judged: ReadonlyArray<Judged> = asked.map((row) =>
    tried.includes(row)
      ? judgedBy(row, tests)
      : { ...row, verdict: "SKIPPED", passedCount: 0, failed: [], because: faultOf(row)! },
  )
  const besides = tests.filter(({ status }) => status === "failed")
  const count = (verdict: Judged["verdict"]) => judged.filter((one) => one.verdict === verdict).length
  const seconds = Math.round((performance.now() - started) / 1000)
  if (values.json) {
    console.log(JSON.stringify({ seconds, rows: judged, failedTests: besides }, null, 2))
  } else {
    console.log(tableOf(judged))
    console.log(
      `${count("held")} of ${judged.length} rows held, ${count("FAILED")} did not, ${count("SKIPPED")} were SKIPPED; ${seconds} s`,
    )
  }
  for (const { path, titles } of besides) console.error(`failed: ${path} ${titles.join(" > ")}`)
  if (fault !== undefined) console.error(`SKIPPED, all that needs Python: ${fault}`)
  const isSkipFault = process.env["CI"] !== undefined && count("SKIPPED") > 0
  if (isSkipFault) console.error("in CI nothing may be SKIPPED")
  return count("FAILED") > 0 || besides.length > 0 || isSkipFault ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
