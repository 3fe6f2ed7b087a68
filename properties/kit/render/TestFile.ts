/**
 * Counterexamples as a test file: one test for each broken promise, which fails until the promise is kept.
 *
 * The file is JavaScript and TypeScript alike, runs under `node --test` and under vitest, and replays by seed and path; the story stands in it as comments.
 */
import type { KitReport, PromiseResult } from "../Report.ts"
import { plain } from "./Plain.ts"
import { renderStory } from "./Story.ts"

/** What the tests check, as the file can name it. */
export type TestTarget =
  /** `specifier` as the test file imports it; `exportName` is `default` or a named export. */
  | { readonly _tag: "Provider"; readonly specifier: string; readonly exportName: string }
  | { readonly _tag: "Issuer"; readonly url: string }

const TIMEOUT_MILLIS = 120_000

/**
 * `undefined` when nothing is broken: there is nothing to replay. `options` are those of the check besides seed, path and
 * promise; they must not hold secrets.
 */
export const renderTestFile = (
  report: KitReport,
  target: TestTarget,
  options: Readonly<Record<string, unknown>> = {},
): string | undefined => {
  const broken = report.results.filter(({ counterexample }) => counterexample !== undefined)
  if (broken.length === 0) return undefined
  const check = target._tag === "Provider" ? "checkProvider" : "checkIssuer"
  return [
    "/**",
    ` * What \`grantlog check\` found broken in ${commented(report.subject)}: each test fails until its promise is kept.`,
    " * Runs under `node --test` and under vitest.",
    " */",
    `import assert from "node:assert/strict"`,
    `import { ${check}, isKept, renderStories } from "grantlog/properties"`,
    ...(target._tag === "Provider" ? [importOf(target)] : []),
    "",
    `const { test } = await import(process.env["VITEST"] ? "vitest" : "node:test")`,
    ...broken.flatMap((result) => ["", ...testOf(report, result, target, options)]),
    "",
  ].join("\n")
}

const importOf = ({ specifier, exportName }: Extract<TestTarget, { readonly _tag: "Provider" }>): string =>
  exportName === "default"
    ? `import provider from ${literal(specifier)}`
    : `import { ${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(exportName) ? exportName : literal(exportName)} as provider } from ${literal(specifier)}`

const testOf = (
  report: KitReport,
  result: PromiseResult,
  target: TestTarget,
  options: Readonly<Record<string, unknown>>,
): ReadonlyArray<string> => {
  const { seed, path } = result.counterexample!
  const replay = { ...options, seed, path, only: [result.promise] }
  const call =
    target._tag === "Provider"
      ? `checkProvider(provider, ${literal(replay)})`
      : `checkIssuer(${literal(target.url)}, ${literal(replay)})`
  return [
    `test(${literal(`${result.promise}: ${result.sentence}`)}, { timeout: ${TIMEOUT_MILLIS} }, async () => {`,
    ...renderStory(report, result)!
      .split("\n")
      .map((line) => `  // ${line}`.trimEnd()),
    `  const report = await ${call}`,
    `  assert.ok(isKept(report), renderStories(report).join("\\n\\n"))`,
    "})",
  ]
}

/** A value as TypeScript writes it. */
const literal = (value: unknown): string => JSON.stringify(value)

/** Inside a block comment nothing may end it. */
const commented = (text: string): string => plain(text).replaceAll("*/", "* /")
