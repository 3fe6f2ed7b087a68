/**
 * A check as tests of one's own suite: one for each promise, under vitest, node:test or whatever has their `describe`
 * and `it`.
 *
 * The check is run once, by the first test that runs. What is broken fails with its story; what was not tried, and what
 * is kept but for a limit, is skipped with its reason. What there was no time for fails, and where the check cannot be relied on,
 * nothing passes.
 */
import * as nodeTest from "node:test"
import { judged } from "../judging/Judge.ts"
import { renderStory } from "../render/Story.ts"
import type { KitReport } from "../Report.ts"
import { BUDGET_MILLIS, checkProvider, type ProviderOptions } from "./checkProvider.ts"
import type { Checkable } from "./Factory.ts"

interface TestContext {
  readonly skip: (reason?: string) => unknown
}

/** What both vitest and node:test give. */
export interface TestRunner {
  /** Names a group of tests. */
  readonly describe: (name: string, body: () => void) => unknown
  /** Registers one test. */
  readonly it: (
    name: string,
    options: { readonly timeout: number },
    body: (context: TestContext) => Promise<void>,
  ) => unknown
}

/** How a provider is checked, and the test runner; default the `describe` and `it` of the program. */
export interface DescribeOptions extends ProviderOptions, Partial<TestRunner> {}

/** What a test may take beyond the budget of the check. */
const GRACE_MILLIS = 60_000

const runnerOf = ({ describe, it }: Partial<TestRunner>): TestRunner => {
  if (describe !== undefined && it !== undefined) return { describe, it }
  const known = globalThis as Partial<TestRunner>
  if (known.describe !== undefined && known.it !== undefined) return { describe: known.describe, it: known.it }
  if (process.env["VITEST"] !== undefined) {
    throw new Error("vitest's globals are off: pass `describe` and `it` from `vitest` to describeProvider")
  }
  return nodeTest
}

/**
 * Registers a test for each promise.
 *
 * @example
 * import { describe, it } from "node:test"
 * import { inMemoryProvider } from "grantlog"
 * import { describeProvider } from "grantlog/properties"
 *
 * const only = ["CodeIsSingleUse", "RotationIsLinear"] // all promises by default
 * describeProvider("my provider", () => inMemoryProvider(), { describe, it, only })
 */
export const describeProvider = (name: string, provider: Checkable, options: DescribeOptions = {}): void => {
  const { describe, it, ...checking } = options
  const runner = runnerOf(options)
  const timeout = (checking.budgetMillis ?? BUDGET_MILLIS) + GRACE_MILLIS
  let report: Promise<KitReport> | undefined
  const shown = judged.filter((promise) => checking.only === undefined || checking.only.includes(promise.name))
  runner.describe(name, () => {
    for (const promise of shown) {
      runner.it(`${promise.name}: ${promise.sentence}`, { timeout }, async (context) => {
        report ??= checkProvider(provider, checking)
        const { results, failure } = await report
        const result = results.find((one) => one.promise === promise.name)!
        if (result.verdict === "broken") throw new Error(renderStory({}, result))
        if (failure !== undefined) throw new Error(failure)
        if (result.isCutShort === true) throw new Error(result.reason)
        if (result.verdict === "not tried" || result.verdict === "limited") context.skip(result.reason)
      })
    }
  })
}
