/**
 * What every log promises, whatever it is kept in: run once for each store.
 *
 * A store is opened anew for each rule. Nothing here knows which one it is.
 */
import { describe } from "vitest"
import type { InlineProjection } from "../../src/log/index.ts"
import { appendRules } from "./AppendRules.ts"
import { readRules } from "./ReadRules.ts"
import { retrySecretRules } from "./RetrySecretRules.ts"
import { rowCheckRules } from "./RowCheckRules.ts"
import type { TestStore, tally } from "./Samples.ts"

export interface OpenOptions {
  readonly projection?: InlineProjection<typeof tally.queries>
  readonly onCommit?: (appendCount: number) => void
}

/** Makes an empty store and opens a log on it; what it is kept in goes away after the test. */
export type OpenEmpty = (options?: OpenOptions) => TestStore

export const logSuite = (name: string, openEmpty: OpenEmpty): void => {
  describe(name, () => {
    appendRules(openEmpty)
    rowCheckRules(openEmpty)
    readRules(openEmpty)
    retrySecretRules(openEmpty)
  })
}
