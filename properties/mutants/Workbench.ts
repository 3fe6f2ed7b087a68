/**
 * A copy of the tree that can be broken: files are changed, tests are run over it, and everything is put back.
 *
 * The tree itself is never touched. What is broken, and which tests have to notice, is for whoever uses it.
 */
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const COPIED = ["src", "spec", "properties", "test", "package.json", "tsconfig.json", "README.md"]
const RUN_LIMIT_MILLIS = 120_000

/** Environments of other languages, which lie in folders with a dot, are no part of what is broken. */
const isOurs = (path: string): boolean => !basename(path).startsWith(".")

export interface Assertion {
  readonly fullName: string
  readonly status: string
}

interface Report {
  readonly testResults: ReadonlyArray<{ readonly status: string; readonly assertionResults: ReadonlyArray<Assertion> }>
}

export interface RunOptions {
  /** The part of a title that picks the tests. */
  readonly title?: string
  /** Whether the first failure ends the run. */
  readonly isBrief?: boolean
}

export interface Workbench extends Disposable {
  readonly read: (file: string) => string
  /** Runs `body` while the files have these texts; afterwards they are as they were, whatever happened. */
  readonly withTexts: <A>(texts: ReadonlyMap<string, string>, body: () => A) => A
  /** Runs unit tests; `undefined` when the run told nothing, as when the source does not even load. */
  readonly run: (tests: ReadonlyArray<string>, options?: RunOptions) => ReadonlyArray<Assertion> | undefined
}

/** Copies the tree into a temporary folder, which is gone when the workbench is disposed of. */
export const openWorkbench = (): Workbench => {
  const copy = mkdtempSync(join(tmpdir(), "grantlog-mutants-"))
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true, filter: isOurs })
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"))
  const read = (file: string): string => readFileSync(join(copy, file), "utf8")
  return {
    read,
    withTexts: (texts, body) => {
      const originals = [...texts.keys()].map((file) => [file, read(file)] as const)
      try {
        for (const [file, text] of texts) writeFileSync(join(copy, file), text)
        return body()
      } finally {
        for (const [file, text] of originals) writeFileSync(join(copy, file), text)
      }
    },
    run: (tests, options = {}) => runIn(copy, tests, options),
    [Symbol.dispose]: () => rmSync(copy, { recursive: true, force: true }),
  }
}

const runIn = (copy: string, tests: ReadonlyArray<string>, { title, isBrief = false }: RunOptions) => {
  const report = join(copy, "report.json")
  rmSync(report, { force: true })
  spawnSync(
    process.execPath,
    [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      ...["run", "--config", "test/config/vitest.config.ts", "--project", "unit"],
      ...["--reporter", "json", "--outputFile", report],
      ...(isBrief ? ["--bail", "1"] : []),
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

/** Whether a test failed, or the run did. */
export const hasFailed = (assertions: ReadonlyArray<Assertion> | undefined): boolean =>
  assertions === undefined || assertions.some(({ status }) => status === "failed")
