/**
 * `spec/REPORT.md`: the trace and the verdicts of the last run, for readers of the repository.
 *
 * Holds no time and no fact about a machine. What a run says stands in one marked section and in the last column of the
 * tables, so that the rest can be compared without a run ({@link withoutRun}).
 */
import { attacks, documents, requirements } from "../requirements/index.ts"
import { coverageOf } from "./Coverage.ts"
import { standings, type Entry, type Line, type Standing, type Trace } from "./Trace.ts"
import type { Run, Verdict } from "./Verdict.ts"

export const REPORT_FILE = "spec/REPORT.md"

const RUN_BEGINS = "<!-- the last run -->"
const RUN_ENDS = "<!-- end of the last run -->"

export const reportOf = (trace: Trace, verdicts: ReadonlyMap<string, Verdict>, run: Run | undefined): string =>
  [
    "# What the standards ask, and what came of it",
    "Written by `npm run spec` from the catalogue in `spec/requirements`, the `//=` annotations in `src`, the ids that tests and promises name, and the last run of the tests. Edits are lost.",
    lastRunSection(trace, verdicts, run),
    "## How they stand",
    table(
      ["standing", "meaning", "requirements", "of them P0"],
      Object.entries(standings).map(([standing, meaning]) => {
        const ids = trace.entries.filter((entry) => entry.standing === standing).map(({ id }) => id)
        return [
          standing,
          meaning,
          ids.length,
          requirements.filter((one) => one.priority === "P0" && ids.includes(one.id)).length,
        ]
      }),
    ),
    "## What nothing tries",
    gaps(trace),
    "## P0 by document",
    "`binding` leaves out what is declined or not offered. Neither `enforced` nor `tried` may fall (`spec/coverage.json`).",
    table(
      ["document", "P0", "binding", "enforced", "tried", "open"],
      coverageOf(trace.entries).map((row) => [row.document, row.total, row.binding, row.enforced, row.tried, row.open]),
    ),
    "## Requirements",
    ...documentSections(trace, verdicts),
    "## Attacks",
    table(
      ["attack", "name", "tried by", "verdict"],
      trace.attacks.map(({ id, tests, promises }) => [
        id,
        attacks.find((attack) => attack.id === id)?.name ?? "",
        [...promises, ...tests.map(place)].join("<br>"),
        verdicts.get(id) ?? "not run",
      ]),
    ),
  ].join("\n\n") + "\n"

const lastRunSection = ({ entries }: Trace, verdicts: ReadonlyMap<string, Verdict>, run: Run | undefined): string => {
  if (run === undefined) return [RUN_BEGINS, "There was no run: nothing here was tried.", RUN_ENDS].join("\n\n")
  const binding = entries.filter(isBinding)
  const ids = (verdict: Verdict) => binding.filter(({ id }) => verdicts.get(id) === verdict).map(({ id }) => id)
  const passedCount = run.tests.filter(({ status }) => status === "passed").length
  const failedCount = run.tests.filter(({ status }) => status === "failed").length
  const leftOutCount = run.tests.length - passedCount - failedCount
  return [
    RUN_BEGINS,
    `Of ${binding.length} requirements that bind this server the last run kept ${ids("kept").length}, broke ${ids("broken").length}, and **did not try ${ids("not tried").length}**. It had ${passedCount} tests that passed, ${failedCount} that failed and ${leftOutCount} that were left out.`,
    ...(ids("broken").length === 0 ? [] : [`Broken: ${ids("broken").map(code).join(", ")}.`]),
    ...(ids("not tried").length === 0 ? [] : [`Not tried: ${ids("not tried").map(code).join(", ")}.`]),
    ...run.engines
      .filter(({ notTried }) => notTried.length > 0)
      .map(({ engine, notTried }) => `The engine \`${engine}\` did not try: ${notTried.join("; ")}.`),
    RUN_ENDS,
  ].join("\n\n")
}

/** Whether it asks something of this server as it is. */
export const isBinding = ({ standing }: Entry): boolean => !["declined", "not offered"].includes(standing)

const gaps = ({ entries, attacks: tried }: Trace): string => {
  const standing = (wanted: Standing) => entries.filter((entry) => entry.standing === wanted).map(({ id }) => code(id))
  const untried = tried.filter(({ tests, promises }) => tests.length + promises.length === 0).map(({ id }) => id)
  const binding = new Set(entries.filter(isBinding).map(({ id }) => id))
  const elsewhere: ReadonlySet<string> = new Set(
    attacks.filter(({ stoppedBy }) => !stoppedBy.some((id) => binding.has(id))).map(({ id }) => id),
  )
  return [
    listed("Open, enforced and tried by nobody", standing("open")),
    listed("Enforced, but no test names it", standing("untried")),
    listed("Tried, but no line says where it is enforced", standing("unplaced")),
    listed(
      "Attacks on what is here, that no test and no promise names",
      untried.filter((id) => !elsewhere.has(id)),
    ),
    listed(
      "Attacks that nothing here stops: on what is not offered, on clients and resource servers, or a risk that stays",
      untried.filter((id) => elsewhere.has(id)),
    ),
  ].join("\n")
}

const listed = (label: string, found: readonly string[]): string =>
  `- ${label}: ${found.length === 0 ? "none" : found.join(", ")}`

const documentSections = ({ entries }: Trace, verdicts: ReadonlyMap<string, Verdict>): readonly string[] => {
  const entryOf = new Map(entries.map((entry) => [entry.id, entry]))
  return documents.flatMap(({ id: document, title }) => {
    const rows = requirements.flatMap((requirement) => {
      const entry = requirement.doc === document ? entryOf.get(requirement.id) : undefined
      if (entry === undefined) return []
      const { id, level, priority, text } = requirement
      const verdict = isBinding(entry) ? (verdicts.get(id) ?? "not run") : "–"
      return [
        [
          code(id),
          `${level} ${priority}`,
          text,
          standingText(entry),
          entry.enforcedAt.map(place).join("<br>"),
          triedBy(entry),
          verdict,
        ],
      ]
    })
    const headings = ["id", "level", "asks", "standing", "enforced at", "tried by", "verdict"]
    return rows.length === 0 ? [] : [`### ${document}: ${title}`, table(headings, rows)]
  })
}

const standingText = ({ standing, because }: Entry): string =>
  because === undefined
    ? standing
    : standing === "declined"
      ? `declined: [why](${because.replace(/^spec\//, "")})`
      : `${standing}: ${because}`

const triedBy = ({ tests, promises, attacks: named, vectors }: Entry): string =>
  [...promises, ...named, ...vectors.map((id) => `vector ${id}`), ...tests.map(place)].join("<br>")

const place = ({ path, line }: Line): string => `${path}:${line}`

const code = (text: string): string => `\`${text}\``

const table = (headings: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  [headings, headings.map(() => "---"), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n")

const cell = (value: string | number): string =>
  String(value)
    .replaceAll("|", "\\|")
    .replaceAll(/<(?!br>)/g, "&lt;")

/** The report without what depends on a run, and without line numbers: a line that moved is no other claim. */
export const withoutRun = (report: string): string =>
  report
    .replace(new RegExp(`${RUN_BEGINS}[^]*?${RUN_ENDS}`), "")
    .replaceAll(/(?<=\| )(?:kept|broken|not tried|not run) \|$/gm, "|")
    .replaceAll(/(\.ts):\d+/g, "$1")
