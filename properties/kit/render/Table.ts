/**
 * A report as a table for a terminal: each promise with its verdict, how often it was tried and for how long.
 *
 * What was not tried says why. Colour is the caller's to ask for; every verdict is a word as well.
 */
import type { KitReport, PromiseResult, Verdict } from "../Report.ts"
import { duration, plain } from "./Plain.ts"

export interface TableOptions {
  /** Whether who reads it is a terminal that shows colours. */
  readonly isColored?: boolean
}

const colors: Readonly<Record<Verdict, string>> = { kept: "32", limited: "36", broken: "31", "not tried": "33" }

export const verdictCounts = ({ results }: KitReport): Readonly<Record<Verdict, number>> => {
  const countOf = (verdict: Verdict) => results.filter((result) => result.verdict === verdict).length
  return {
    kept: countOf("kept"),
    limited: countOf("limited"),
    broken: countOf("broken"),
    "not tried": countOf("not tried"),
  }
}

/** `12 kept, 1 broken, 3 not tried`; limits are counted where there are any. */
export const tally = (report: KitReport): string =>
  Object.entries(verdictCounts(report))
    .filter(([verdict, count]) => verdict !== "limited" || count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(", ")

const headings = ["promise", "verdict", "tries", "time", ""] as const

const cellsOf = ({ promise, verdict, tries, millis, reason }: PromiseResult): ReadonlyArray<string> => [
  plain(promise),
  verdict,
  verdict === "not tried" ? "-" : String(tries),
  verdict === "not tried" ? "-" : duration(millis),
  verdict === "kept" ? "" : plain(reason ?? ""),
]

/** Lines of the table, and one below it that counts the verdicts. */
export const renderTable = (report: KitReport, { isColored = false }: TableOptions = {}): string => {
  const rows = [headings, ...report.results.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const isNumber = (column: number) => column === 2 || column === 3
  const lines = rows.map((row, index) =>
    row
      .map((cell, column) => {
        const padded = isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
        const verdict = report.results[index - 1]?.verdict
        const isPainted = isColored && column === 1 && verdict !== undefined
        return isPainted ? `\u001b[${colors[verdict]}m${padded}\u001b[39m` : padded
      })
      .join("  ")
      .trimEnd(),
  )
  const { subject, operationCount, millis, seed } = report
  const summary = `${plain(subject)}: ${tally(report)}; ${operationCount} calls in ${duration(millis)}, seed ${seed}`
  return [...lines, "", summary].join("\n")
}
