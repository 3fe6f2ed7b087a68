/** What came of a row, from the tests of a run; and all of them as a table of text. A row whose tests did not run fails. */
import { titlePattern } from "../../spec/trace/Tests.ts"
import type { RunTest } from "../../spec/trace/Verdict.ts"
import type { Row, Tried } from "./Judges.ts"

export interface Judged extends Row {
  readonly verdict: "held" | "FAILED" | "SKIPPED" | "not run"
  readonly passedCount: number
  /** Titles of tests that did not pass, or of which there was no run. */
  readonly failed: ReadonlyArray<string>
  /** Why it was skipped. */
  readonly because?: string
}

const ranFor = ({ path }: Tried, title: string, tests: ReadonlyArray<RunTest>): ReadonlyArray<RunTest> => {
  const pattern = titlePattern(title)
  return tests.filter((test) => test.path === path && test.titles.some((one) => pattern.test(one)))
}

export const judgedBy = (row: Row, tests: ReadonlyArray<RunTest>): Judged => {
  const ran = row.tried.flatMap((tried) => tried.titles.map((title) => ({ title, of: ranFor(tried, title, tests) })))
  const all = new Set(ran.flatMap(({ of }) => of))
  const failed = [
    ...ran.filter(({ of }) => of.length === 0).map(({ title }) => `did not run: ${title}`),
    ...[...all].filter(({ status }) => status !== "passed").map(({ titles }) => titles.join(" > ")),
  ]
  const passedCount = [...all].filter(({ status }) => status === "passed").length
  return { ...row, verdict: failed.length === 0 && passedCount > 0 ? "held" : "FAILED", passedCount, failed }
}

export const tableOf = (judged: ReadonlyArray<Judged>): string => {
  const lines = judged.map(({ judge, version = "", what, verdict, passedCount, failed, leftOut = [] }) => [
    judge,
    version,
    what,
    verdict,
    verdict === "not run" || verdict === "SKIPPED" ? "" : String(passedCount),
    [...failed, ...(leftOut.length === 0 ? [] : [`${leftOut.length} left out`])].join("; "),
  ])
  const all = [["judge", "version", "on", "verdict", "tests", ""], ...lines]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)))
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
