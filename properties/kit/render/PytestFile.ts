/**
 * Counterexamples of a provider in Python as a test file for pytest: one test for each broken promise, which fails until
 * the promise is kept.
 *
 * Each test runs the command that tells the story again, with the interpreter that runs the test; the story stands in it
 * as comments.
 */
import type { KitReport, PromiseResult } from "../Report.ts"
import { plain } from "./Plain.ts"
import { renderStory } from "./Story.ts"

/** What the tests check, and the folder that the command is started in, as seen from that of the test file. */
export interface PytestTarget {
  /** As behind `grantlog check`, with the flags that it needs but for the interpreter. */
  readonly call: ReadonlyArray<string>
  readonly folder: string
}

/** `undefined` when nothing is broken: there is nothing to replay. */
export const renderPytestFile = (report: KitReport, { call, folder }: PytestTarget): string | undefined => {
  const broken = report.results.filter(({ counterexample }) => counterexample !== undefined)
  if (broken.length === 0) return undefined
  return [
    `# What \`grantlog check\` found broken in ${plain(report.subject)}: each test fails until its promise is kept.`,
    "# Runs under pytest, and needs Node.js for the check.",
    "import shutil",
    "import subprocess",
    "import sys",
    "from pathlib import Path",
    "",
    "",
    "def check(*story):",
    `    command = ["--yes", "grantlog", "check", ${call.map(literal).join(", ")}, "--python", sys.executable, *story]`,
    `    folder = Path(__file__).parent / ${literal(folder)}`,
    `    ended = subprocess.run([shutil.which("npx"), *command], cwd=folder, capture_output=True, text=True)`,
    "    assert ended.returncode == 0, ended.stdout + ended.stderr",
    ...broken.flatMap((result) => ["", "", ...testOf(report, result)]),
    "",
  ].join("\n")
}

const testOf = (report: KitReport, result: PromiseResult): ReadonlyArray<string> => {
  const { seed, path } = result.counterexample!
  const story = ["--seed", String(seed), "--path", path, "--only", result.promise]
  return [
    `def test_${snake(result.promise)}():`,
    `    ${literal(result.sentence)}`,
    ...renderStory(report, result)!
      .split("\n")
      .map((line) => `    # ${line}`.trimEnd()),
    `    check(${story.map(literal).join(", ")})`,
  ]
}

/** A promise's name as that of a function. */
const snake = (name: string): string =>
  name
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/g, "_")
    .toLowerCase()
    .replace(/^_|_$/g, "")

/** A text as Python writes it: the escapes of JSON are among its own. */
const literal = (text: string): string => JSON.stringify(plain(text))
