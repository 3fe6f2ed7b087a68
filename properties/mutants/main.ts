/**
 * `npm run mutants`: makes each mutant in a copy of the tree, runs the tests that must notice it, and names survivors.
 *
 * `-- B3 B12` tries only those. Exit code 1 when one survives or an edit no longer fits. The tree itself is never touched.
 */
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { contractMutants } from "./Contract.ts"
import { storeMutants } from "./Store.ts"
import { wireMutants } from "./Wire.ts"
import { applyEdit, type Mutant } from "./Mutant.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const COPIED = ["src", "spec", "properties", "test", "package.json", "tsconfig.json", "README.md"]
const RUN_LIMIT_MILLIS = 120_000

const only = process.argv.slice(2)
const mutants = [...contractMutants, ...storeMutants, ...wireMutants].filter(
  ({ offends }) => only.length === 0 || only.includes(offends),
)

const copy = mkdtempSync(join(tmpdir(), "grantlog-mutants-"))
for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true })
symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"))

interface Assertion {
  readonly fullName: string
  readonly status: string
}

interface Report {
  readonly testResults: ReadonlyArray<{ readonly status: string; readonly assertionResults: ReadonlyArray<Assertion> }>
}

/** Runs tests in the copy; `undefined` when the run told nothing, as when the source does not even load. */
const run = (tests: ReadonlyArray<string>, title?: string): ReadonlyArray<Assertion> | undefined => {
  const report = join(copy, "report.json")
  rmSync(report, { force: true })
  spawnSync(
    process.execPath,
    [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      ...["run", "--config", "test/config/vitest.config.ts", "--project", "unit"],
      ...["--reporter", "json", "--outputFile", report],
      ...(title === undefined ? [] : ["-t", title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")]),
      ...tests,
    ],
    { cwd: copy, stdio: "ignore", timeout: RUN_LIMIT_MILLIS },
  )
  try {
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report
    // A file that does not load fails without a test of its own.
    const unloaded = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0)
    return [
      ...testResults.flatMap((file) => file.assertionResults),
      ...unloaded.map(() => ({ fullName: "", status: "failed" })),
    ]
  } catch {
    return undefined
  }
}

const hasFailed = (assertions: ReadonlyArray<Assertion> | undefined): boolean =>
  assertions === undefined || assertions.some(({ status }) => status === "failed")

const attempt = (mutant: Mutant): string | undefined => {
  const originals = new Map<string, string>()
  try {
    for (const edit of mutant.edits) {
      const path = join(copy, edit.file)
      const text = readFileSync(path, "utf8")
      if (!originals.has(path)) originals.set(path, text)
      writeFileSync(path, applyEdit(text, edit))
    }
    return hasFailed(run(mutant.tests, mutant.title)) ? undefined : "survived"
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  } finally {
    for (const [path, text] of originals) writeFileSync(path, text)
  }
}

// The tests must be there and pass unbroken, or no kill would prove anything.
const unbroken = run([...new Set(mutants.flatMap((mutant) => mutant.tests))]) ?? []
const faults = mutants.flatMap(({ offends, title }) => {
  const own = unbroken.filter(({ fullName }) => fullName.includes(title))
  if (own.length === 0) return [`${offends}: no test has the title ${title}`]
  return hasFailed(own) ? [`${offends}: its tests fail without the mutant`] : []
})

for (const mutant of faults.length === 0 ? mutants : []) {
  const fault = attempt(mutant)
  console.log(`${fault === undefined ? "killed  " : "ALIVE   "} ${mutant.offends.padEnd(24)} ${mutant.name}`)
  if (fault !== undefined) faults.push(`${mutant.offends}: ${mutant.name}: ${fault}`)
}
rmSync(copy, { recursive: true, force: true })

console.log(`${mutants.length} mutants, ${Math.max(0, mutants.length - faults.length)} killed`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
