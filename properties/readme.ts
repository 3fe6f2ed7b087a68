/**
 * Writes the table of promises into `README.md`, between its markers, from what the engines recorded in the last run.
 *
 * Where there was none it says so, and leaves the page. Counts only: the same code and seeds give the same page. It judges nothing, and says what no engine tried.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { promises } from "./invariants/index.ts"
import type { Invariant } from "./invariants/Invariant.ts"
import type { EngineRun } from "./Run.ts"

const README = new URL("README.md", import.meta.url)
const { values: flags } = parseArgs({ options: { runs: { type: "string" } } })
/** Where runs are recorded, unless another folder is named by `--runs`. */
const RUNS = flags.runs === undefined ? new URL("../.last-run/", import.meta.url) : pathToFileURL(`${flags.runs}/`)
const [BEGIN, END] = ["<!-- promises -->", "<!-- /promises -->"]

const isRun = (value: unknown): value is EngineRun =>
  typeof value === "object" && value !== null && "engine" in value && "promises" in value && "notTried" in value

const lastRuns = (): ReadonlyArray<EngineRun> => {
  if (!existsSync(RUNS)) return []
  const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, RUNS), "utf8"))
  const names = readdirSync(RUNS).filter((name) => name.endsWith(".json"))
  return names.toSorted().map(read).filter(isRun)
}

const number = (value: number): string => value.toLocaleString("en")

const row = ({ name, sentence, requirements, attacks }: Invariant, runs: ReadonlyArray<EngineRun>): string => {
  const tried = runs.flatMap(({ engine, promises: { [name]: result } }) =>
    result === undefined || result.tries === 0 ? [] : [{ engine, ...result }],
  )
  const verdict = tried.some((one) => one.verdict === "broken") ? "**broken**" : tried.length > 0 ? "kept" : "not tried"
  const by = tried.map(({ engine, tries }) => `${engine} ${number(tries)}`).join(", ")
  const ids = [...requirements, ...attacks].join(" ")
  return `| [${name}](invariants/${name}.ts) | ${sentence} | ${ids} | ${by || "nothing"} | ${verdict} |`
}

const page = (runs: ReadonlyArray<EngineRun>): string => {
  const numbers = runs.map(({ engine, numbers: of }) => {
    const counts = Object.entries(of).map(([name, value]) => `${number(value)} ${name}`)
    return `- ${engine}: ${counts.join(", ")}`
  })
  const gaps = runs.flatMap(({ engine, notTried }) => notTried.map((sentence) => `- ${engine}: ${sentence}`))
  return [
    "| promise | in a sentence | answers to | tried, how often it could have been broken | verdict |",
    "| --- | --- | --- | --- | --- |",
    ...promises.map((promise) => row(promise, runs)),
    "",
    "What was done in that run:",
    "",
    ...numbers,
    "",
    "What was *not* tried:",
    "",
    "- HistoryIsAppendOnly, by these engines: `test/audit/proof/Verify.test.ts` edits logs and `test/audit/proof/Checkpoints.test.ts` signs over them",
    ...gaps,
  ].join("\n")
}

const runs = lastRuns()
if (runs.length === 0) {
  console.error("no engine has left a last run: properties/README.md stays as it is; run npm test first")
} else {
  const text = readFileSync(README, "utf8")
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  writeFileSync(README, `${text.slice(0, begin + BEGIN.length)}\n\n${page(runs)}\n\n${text.slice(end)}`)
}
