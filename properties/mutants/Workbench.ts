/**
 * A copy of the tree that can be broken: files are changed, tests are run over it, and everything is put back.
 *
 * The tree itself is never touched. What is broken, and which tests have to notice, is for whoever uses it.
 */
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const COPIED = ["src", "spec", "properties", "test", "package.json", "tsconfig.json", "README.md"]
const RUN_LIMIT_MILLIS = 120_000

/** Environments of other languages, which lie in folders with a dot, are no part of what is broken. */
const isOurs = (path: string): boolean => !basename(path).startsWith(".")

export interface Assertion {
  /** The test file, as a path from the root of the tree. */
  readonly file: string
  readonly fullName: string
  /** Its own title, and before it those of the groups that it stands in. */
  readonly title: string
  readonly ancestorTitles: ReadonlyArray<string>
  readonly status: string
  readonly failureMessages: ReadonlyArray<string>
}

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly assertionResults: ReadonlyArray<Omit<Assertion, "file">>
  }>
}

export interface RunOptions {
  /** Parts of titles that pick the tests. */
  readonly titles?: ReadonlyArray<string>
  /** Whether the first failure ends the run. */
  readonly isBrief?: boolean
  /** After how long the run counts as one that told nothing. */
  readonly limitMillis?: number
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

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")

const runIn = (copy: string, tests: ReadonlyArray<string>, options: RunOptions) => {
  const { titles, isBrief = false, limitMillis = RUN_LIMIT_MILLIS } = options
  const report = join(copy, "report.json")
  rmSync(report, { force: true })
  spawnSync(
    process.execPath,
    [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      ...["run", "--config", "test/config/vitest.config.ts", "--project", "unit"],
      ...["--reporter", "json", "--outputFile", report],
      ...(isBrief ? ["--bail", "1"] : []),
      ...(titles === undefined ? [] : ["-t", titles.map(literally).join("|")]),
      ...tests,
    ],
    { cwd: copy, stdio: "ignore", timeout: limitMillis },
  )
  try {
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report
    return testResults.flatMap(({ name, status, assertionResults }): ReadonlyArray<Assertion> => {
      const file = relative(copy, name)
      // A file that does not load fails without a test of its own.
      return status === "failed" && assertionResults.length === 0
        ? [{ file, fullName: "", title: "", ancestorTitles: [], status, failureMessages: [] }]
        : assertionResults.map((assertion) => ({ ...assertion, file }))
    })
  } catch {
    return undefined
  }
}

/** Whether a test failed, or the run did. */
export const hasFailed = (assertions: ReadonlyArray<Assertion> | undefined): boolean =>
  assertions === undefined || assertions.some(({ status }) => status === "failed")
