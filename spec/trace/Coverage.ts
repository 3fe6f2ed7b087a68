/**
 * How much of what must hold at the core (P0) is enforced and tried, by document; and the ratchet: neither may fall.
 *
 * Only counts what binds this server: what is declined or not offered is counted apart.
 */
import { documents, requirements } from "../requirements/index.ts"
import type { Entry, Standing } from "./Trace.ts"

export const COVERAGE_FILE = "spec/coverage.json"

export interface Covered {
  readonly enforced: number
  readonly tried: number
}

/** What is committed: for each document how many P0 requirements are enforced, and how many are tried. */
export type Coverage = Readonly<Record<string, Covered>>

export interface CoverageRow extends Covered {
  readonly document: string
  readonly total: number
  readonly binding: number
  readonly open: number
}

const excused: readonly Standing[] = ["declined", "not offered"]

/** One row for each document that has P0 requirements. */
export const coverageOf = (entries: readonly Entry[]): readonly CoverageRow[] => {
  const standingOf = new Map(entries.map(({ id, standing }) => [id, standing]))
  return documents
    .map(({ id: document }) => {
      const standings = requirements
        .filter(({ doc, priority }) => doc === document && priority === "P0")
        .map(({ id }) => standingOf.get(id) ?? "open")
      const count = (...wanted: readonly Standing[]) => standings.filter((one) => wanted.includes(one)).length
      return {
        document,
        total: standings.length,
        binding: standings.length - count(...excused),
        enforced: count("traced", "untried"),
        tried: count("traced", "unplaced"),
        open: count("open"),
      }
    })
    .filter(({ total }) => total > 0)
}

export const toCommit = (rows: readonly CoverageRow[]): Coverage =>
  Object.fromEntries(
    rows.filter(({ binding }) => binding > 0).map(({ document, enforced, tried }) => [document, { enforced, tried }]),
  )

/** What fell below what was committed, a line each. */
export const fallen = (now: Coverage, committed: Coverage): readonly string[] =>
  Object.entries(committed).flatMap(([document, before]) =>
    (["enforced", "tried"] as const)
      .filter((measure) => (now[document]?.[measure] ?? 0) < before[measure])
      .map(
        (measure) =>
          `${document}: ${now[document]?.[measure] ?? 0} P0 requirements are ${measure}, ${before[measure]} were`,
      ),
  )

/** The table as aligned text, for the terminal. */
export const coverageText = (rows: readonly CoverageRow[]): string => {
  const headings = ["document", "P0", "binding", "enforced", "tried", "open"]
  const cells = rows.map((row) => [row.document, row.total, row.binding, row.enforced, row.tried, row.open].map(String))
  return [headings, ...cells, totalsOf(rows)]
    .map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(10) : cell.padStart(9))).join(""))
    .join("\n")
}

const totalsOf = (rows: readonly CoverageRow[]): readonly string[] => [
  "all",
  ...(["total", "binding", "enforced", "tried", "open"] as const).map((name) =>
    String(rows.reduce((sum, row) => sum + row[name], 0)),
  ),
]
