/**
 * What the last run says: vitest's JSON report and the records of the engines, held against the trace.
 *
 * A requirement is kept when every test and promise that names it was tried and held, broken when one did not, and else
 * not tried. Without a run nothing is known of anything. A verdict is never remembered from an earlier run.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import type { EngineRun } from "../../properties/Run.ts"
import { repository } from "./Sources.ts"
import { titlePattern, type NamedTest } from "./Tests.ts"
import type { Entry, Trace } from "./Trace.ts"

/** Where runs are recorded: by vitest as `tests.json`, by each engine under its name. */
const RUN_FOLDER = ".last-run"
const TESTS_FILE = "tests.json"

export type Verdict = "kept" | "broken" | "not tried" | "not run"

export interface RunTest {
  readonly path: string
  /** Its own title, and before it those of the groups that it stands in. */
  readonly titles: readonly string[]
  readonly status: string
}

export interface Run {
  readonly tests: readonly RunTest[]
  readonly engines: readonly EngineRun[]
}

interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly assertionResults: ReadonlyArray<{
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }>
  }>
}

/** Said where there is none: the report is still that of the source. */
export const NO_RUN = `there is no last run (${RUN_FOLDER}/ is not there or empty): the report says what is traced, and nothing of what was tried; run npm test first`

/** Reads what the last run left; `undefined` when there was none. */
export const lastRun = (folder = join(repository, RUN_FOLDER)): Run | undefined => {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : []
  if (names.length === 0) return undefined
  const read = (name: string): string => readFileSync(join(folder, name), "utf8")
  return {
    tests: names.includes(TESTS_FILE) ? testsOf(read(TESTS_FILE), repository) : [],
    engines: names.map((name) => JSON.parse(read(name)) as Partial<EngineRun>).filter(isEngineRun),
  }
}

const isEngineRun = (record: Partial<EngineRun>): record is EngineRun =>
  record.engine !== undefined && record.promises !== undefined && record.notTried !== undefined

/** Reads vitest's report; paths in it start with `root`. */
export const testsOf = (text: string, root: string): readonly RunTest[] =>
  (JSON.parse(text) as VitestReport).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      path: relative(root, name).split(sep).join("/"),
      titles: [...ancestorTitles, title],
      status,
    })),
  )

export const verdictsOf = ({ entries, attacks }: Trace, run: Run | undefined): ReadonlyMap<string, Verdict> => {
  const verdictOf = (tests: readonly NamedTest[], promises: readonly string[]): Verdict => {
    if (run === undefined) return "not run"
    const outcomes = [
      ...tests.map((test) => outcomeOfTest(test, run)),
      ...promises.map((name) => outcomeOfPromise(name, run)),
    ]
    if (outcomes.includes("broken")) return "broken"
    return outcomes.length > 0 && outcomes.every((outcome) => outcome === "kept") ? "kept" : "not tried"
  }
  const ofAttack = new Map(attacks.map((attack) => [attack.id, attack]))
  const ofEntry = (entry: Entry): Verdict => {
    const tried = entry.attacks.flatMap((id) => ofAttack.get(id) ?? [])
    return verdictOf(
      [...entry.tests, ...tried.flatMap(({ tests }) => tests)],
      [...entry.promises, ...tried.flatMap(({ promises }) => promises)],
    )
  }
  return new Map([
    ...entries.map((entry) => [entry.id, ofEntry(entry)] as const),
    ...attacks.map(({ id, tests, promises }) => [id, verdictOf(tests, promises)] as const),
  ])
}

type Outcome = Exclude<Verdict, "not run">

const outcomeOfTest = ({ title, runIn }: NamedTest, { tests }: Run): Outcome => {
  const pattern = titlePattern(title)
  const statuses = tests
    .filter(({ path, titles }) => runIn.includes(path) && titles.some((one) => pattern.test(one)))
    .map(({ status }) => status)
  if (statuses.includes("failed")) return "broken"
  return statuses.includes("passed") ? "kept" : "not tried"
}

/** A promise is tried by an engine that got where it could have been broken. */
const outcomeOfPromise = (name: string, { engines }: Run): Outcome => {
  const records = engines.flatMap(({ promises }) => promises[name] ?? [])
  if (records.some(({ verdict }) => verdict === "broken")) return "broken"
  return records.some(({ tries }) => tries > 0) ? "kept" : "not tried"
}
