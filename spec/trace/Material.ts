/** What the trace of this repository is made of: its source, its tests, its exceptions, and the promises that are handed in. */
import { filesOf, sourceTexts } from "./Sources.ts"
import type { Material, PromiseNamed } from "./Trace.ts"

export const materialWith = (promises: ReadonlyArray<PromiseNamed>): Material => ({
  sources: sourceTexts("src"),
  tests: sourceTexts("test", "properties"),
  exceptions: filesOf(".md", "spec/exceptions"),
  promises,
})
