/**
 * Counterexamples as a test file: one test for each broken promise, which fails until the promise is kept.
 *
 * The file is JavaScript and TypeScript alike, runs under `node --test` and under vitest, and replays by seed and path; the story stands in it as comments.
 */
import type { KitReport, PromiseResult } from "../Report.ts"
import { plain } from "./Plain.ts"
import { renderStory } from "./Story.ts"

export interface ProviderTarget {
  readonly _tag: "Provider"
  /** As the test file imports it. */
  readonly specifier: string
  /** `default` or a named export. */
  readonly exportName: string
  /** Options of the check that the module exports by their own names. */
  readonly companions?: ReadonlyArray<string>
  /** Whether Node alone cannot load it. */
  readonly needsLoader?: boolean
}

/** What the tests check, as the file can name it. */
export type TestTarget =
  | ProviderTarget
  | {
      readonly _tag: "Issuer"
      /** The issuer identifier, which the server is reached by. */
      readonly url: string
    }

/** What a check may take that says nothing of it. */
const BUDGET_MILLIS = 60_000

/** What a test may take beyond the budget of its check. */
const GRACE_MILLIS = 60_000

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
  const needsLoader = target._tag === "Provider" && target.needsLoader === true
  const check = target._tag === "Provider" ? "checkProvider" : "checkIssuer"
  return [
    "/**",
    ` * What \`grantlog check\` found broken in ${commented(report.subject)}: each test fails until its promise is kept.`,
    ` * Runs under vitest and under ${needsLoader ? "a loader of TypeScript, as in `node --import tsx --test`" : "`node --test`"}.`,
    " */",
    `import assert from "node:assert/strict"`,
    `import { ${check}, isKept, renderStories, renderTable } from "grantlog/properties"`,
    ...(target._tag === "Provider" ? [importOf(target)] : []),
    "",
    `const { test } = await import(process.env["VITEST"] ? "vitest" : "node:test")`,
    ...broken.flatMap((result) => ["", ...testOf(report, result, target, options)]),
    "",
  ].join("\n")
}

const isIdentifier = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)

const importOf = ({ specifier, exportName, companions = [] }: ProviderTarget): string => {
  const named =
    exportName === "default" ? [] : [`${isIdentifier(exportName) ? exportName : literal(exportName)} as provider`]
  const names = [...named, ...companions]
  const clauses = [
    ...(exportName === "default" ? ["provider"] : []),
    ...(names.length === 0 ? [] : [`{ ${names.join(", ")} }`]),
  ]
  return `import ${clauses.join(", ")} from ${literal(specifier)}`
}

/** `{ restart, ...{"seed":1} }`, or the latter alone. */
const optionsOf = ({ companions = [] }: ProviderTarget, replay: Readonly<Record<string, unknown>>): string =>
  companions.length === 0 ? literal(replay) : `{ ${companions.join(", ")}, ...${literal(replay)} }`

const testOf = (
  report: KitReport,
  result: PromiseResult,
  target: TestTarget,
  options: Readonly<Record<string, unknown>>,
): ReadonlyArray<string> => {
  const { seed, path, beside = [] } = result.counterexample!
  const replay = { ...options, seed, path, only: [result.promise, ...beside] }
  const call =
    target._tag === "Provider"
      ? `checkProvider(provider, ${optionsOf(target, replay)})`
      : `checkIssuer(${literal(target.url)}, ${literal(replay)})`
  const timeout = Number(options["budgetMillis"] ?? BUDGET_MILLIS) + GRACE_MILLIS
  return [
    `test(${literal(`${result.promise}: ${result.sentence}`)}, { timeout: ${timeout} }, async () => {`,
    ...renderStory(report, result)!
      .split("\n")
      .map((line) => `  // ${line}`.trimEnd()),
    `  const report = await ${call}`,
    `  assert.ok(isKept(report), [renderTable(report), ...renderStories(report)].join("\\n\\n"))`,
    "})",
  ]
}

/** A value as TypeScript writes it. */
const literal = (value: unknown): string => JSON.stringify(value)

/** Inside a block comment nothing may end it. */
const commented = (text: string): string => plain(text).replaceAll("*/", "* /")
