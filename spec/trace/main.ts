/**
 * `npm run spec`: traces the catalogue through source and tests, and writes `spec/REPORT.md`, `spec/report.html` and
 * `spec/FEATURES.md`.
 *
 * `-- --check` writes nothing and fails when one of them is out of date in what does not depend on a run. Fails also on an
 * id that nobody knows, and when the coverage of P0 fell below `spec/coverage.json`, which `-- --update` accepts.
 * `-- --links FILE` writes the trace alone and judges nothing, for `grantlog spec` in an installed package, which has no
 * tests to read.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { promises } from "../../properties/invariants/index.ts"
import { COVERAGE_FILE, coverageOf, coverageText, fallen, toCommit, type Coverage } from "./Coverage.ts"
import { materialWith } from "./Material.ts"
import { offerOf, rowless } from "./Offer.ts"
import { FEATURES_FILE, featuresPage } from "./FeaturesPage.ts"
import { PAGE_FILE, pageOf } from "./Page.ts"
import { REPORT_FILE, reportOf, withoutRun } from "./Report.ts"
import { repository } from "./Sources.ts"
import { traceOf } from "./Trace.ts"
import { lastRun, NO_RUN, verdictsOf } from "./Verdict.ts"

const { values: flags } = parseArgs({
  options: { check: { type: "boolean" }, update: { type: "boolean" }, links: { type: "string" } },
})

const at = (path: string): string => join(repository, path)
const committed = (path: string): string | undefined =>
  existsSync(at(path)) ? readFileSync(at(path), "utf8") : undefined

const material = materialWith(promises)
const { faults: traceFaults, ...trace } = traceOf(material)
const faults = [...traceFaults, ...rowless(material.sources)]
const features = featuresPage(offerOf(material.sources), trace)

const rows = coverageOf(trace.entries)
const coverage = toCommit(rows)
const fell = fallen(coverage, JSON.parse(committed(COVERAGE_FILE) ?? "{}") as Coverage)
if (!flags.update) faults.push(...fell.map((line) => `${line}: bring them back, or accept it with --update`))

if (flags.links !== undefined) {
  writeFileSync(resolve(flags.links), JSON.stringify(trace))
} else if (flags.check) {
  const current = withoutRun(reportOf(trace, verdictsOf(trace, undefined), undefined))
  if (withoutRun(committed(REPORT_FILE) ?? "") !== current)
    faults.push(`${REPORT_FILE} is out of date: run npm run spec`)
  if (committed(FEATURES_FILE) !== features) faults.push(`${FEATURES_FILE} is out of date: run npm run spec`)
} else {
  const run = lastRun()
  if (run === undefined) console.error(NO_RUN)
  const verdicts = verdictsOf(trace, run)
  writeFileSync(at(REPORT_FILE), reportOf(trace, verdicts, run))
  writeFileSync(at(PAGE_FILE), await pageOf(trace, verdicts, run))
  writeFileSync(at(FEATURES_FILE), features)
  if (faults.length === 0) writeFileSync(at(COVERAGE_FILE), `${JSON.stringify(coverage, null, 2)}\n`)
}

if (flags.links === undefined) {
  console.log(coverageText(rows))
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}
