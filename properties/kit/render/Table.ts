/**
 * A report as a table for a terminal: each promise with its verdict, how often it was tried and for how long.
 *
 * What is not kept says why, in full: a reason that is wider than the screen goes on in the next line. Below stand what the
 * provider can do, and the sum. Colour is the caller's to ask for; every verdict is a word as well.
 */
import type { KitReport, PromiseResult, Verdict } from "../Report.ts"
import { duration, plain } from "./Plain.ts"

/** How the table is printed; default without colours, and as wide as it gets. */
export interface TableOptions {
  /** Whether who reads it is a terminal that shows colours. */
  readonly isColored?: boolean
  /** How wide it may be; as wide as its longest reason if absent. */
  readonly width?: number | undefined
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

/** `seed 1`, or `seeds 1 to 12`. */
export const seeds = ({ seed, seedCount = 1 }: KitReport): string =>
  seedCount === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + seedCount - 1}`

const headings = ["promise", "verdict", "tries", "time"] as const
const GAP = "  "
/** Less room than that for a reason is none: it stands below its row instead. */
const LEAST_WIDTH = 24
const INDENTATION = 4

const cellsOf = ({ promise, verdict, tries, millis }: PromiseResult): ReadonlyArray<string> => [
  plain(promise),
  verdict,
  verdict === "not tried" ? "-" : String(tries),
  verdict === "not tried" ? "-" : duration(millis),
]

const reasonOf = ({ verdict, reason }: PromiseResult): string => (verdict === "kept" ? "" : plain(reason ?? ""))

/** Broken between words; a word that is too long stands alone, and whole. */
export const wrapped = (text: string, width: number): ReadonlyArray<string> =>
  text.split(" ").reduce<ReadonlyArray<string>>((lines, word) => {
    const last = lines.at(-1)
    return last !== undefined && last.length + 1 + word.length <= width
      ? [...lines.slice(0, -1), `${last} ${word}`]
      : [...lines, word]
  }, [])

/** A row with its reason behind it, or below it where there is no room. */
const withReason = (row: string, rowWidth: number, reason: string, width: number): ReadonlyArray<string> => {
  if (reason === "") return [row.trimEnd()]
  const margin = rowWidth + GAP.length
  const isBeside = width - margin >= LEAST_WIDTH
  const indentation = " ".repeat(isBeside ? margin : INDENTATION)
  const lines = wrapped(reason, width - indentation.length)
  const [first, ...rest] = isBeside ? lines : ["", ...lines]
  return [`${row}${GAP}${first}`.trimEnd(), ...rest.map((line) => indentation + line)]
}

const capabilityLines = ({ capabilities }: KitReport, width: number): ReadonlyArray<string> => {
  const names = Object.keys(capabilities).map(plain)
  const nameWidth = Math.max(0, ...names.map((name) => name.length))
  return Object.entries(capabilities).flatMap(([name, value]) =>
    withReason(plain(name).padEnd(nameWidth), nameWidth, plain(value), width),
  )
}

/** Lines of the table, what the provider can do, a line that counts the verdicts, and one where they cannot be relied on. */
export const renderTable = (report: KitReport, { isColored = false, width = Infinity }: TableOptions = {}): string => {
  const rows = [headings, ...report.results.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const rowWidth = widths.reduce((sum, one) => sum + GAP.length + one, -GAP.length)
  const isNumber = (column: number) => column === 2 || column === 3
  const lines = rows.flatMap((row, index) => {
    const result = report.results[index - 1]
    const told = row.map((cell, column) => {
      const padded = isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
      const isPainted = isColored && column === 1 && result !== undefined
      return isPainted ? `\u001b[${colors[result.verdict]}m${padded}\u001b[39m` : padded
    })
    return withReason(told.join(GAP), rowWidth, result === undefined ? "" : reasonOf(result), width)
  })
  const { subject, operationCount, millis, failure } = report
  const summary = `${plain(subject)}: ${tally(report)}; ${operationCount} calls in ${duration(millis)}, ${seeds(report)}`
  return [
    ...lines,
    "",
    ...capabilityLines(report, width),
    "",
    summary,
    ...(failure === undefined ? [] : [`not to be relied on: ${plain(failure)}`]),
  ].join("\n")
}
