/** All scopes, one after the other: what `npm run explore` and the test do. */
import type { Invariant } from "../invariants/Invariant.ts"
import { missing, together, type Coverage } from "./Coverage.ts"
import { explore, type Exploration, type Progress } from "./Explore.ts"
import { deviation, type Reach } from "./Golden.ts"
import { scopes } from "./Scopes.ts"
import { tellFailure } from "./Story.ts"

export interface SearchResult {
  readonly explorations: ReadonlyArray<Exploration>
  readonly coverage: Coverage
  /** The shortest way to something broken, of all scopes. */
  readonly story?: string
  /** What was never met, and counts that are not as they were. */
  readonly complaints: ReadonlyArray<string>
}

export interface SearchOptions {
  readonly reach: Reach
  /** Names of scopes; without them, all. */
  readonly only?: ReadonlyArray<string>
  readonly onProgress?: (progress: Progress) => void
  readonly onExplored?: (exploration: Exploration) => void
}

export const search = (promises: ReadonlyArray<Invariant>, options: SearchOptions): SearchResult => {
  const { reach, only, onProgress, onExplored } = options
  const explorations: Array<Exploration> = []
  let shortest: { readonly length: number; readonly story: string } | undefined
  for (const scope of scopes.filter(({ name }) => only === undefined || only.includes(name))) {
    const { depth, uniqueStates } = scope[reach]
    // Once something is broken, another scope is only asked for a shorter way to it.
    const limit = { depth: Math.min(depth, (shortest?.length ?? Infinity) - 1), uniqueStates }
    const exploration = explore(scope, promises, { limit, ...(onProgress === undefined ? {} : { onProgress }) })
    explorations.push(exploration)
    onExplored?.(exploration)
    if (exploration.failure === undefined) continue
    const length = exploration.failure.operations.length - scope.opening.length
    if (shortest === undefined || length < shortest.length) {
      shortest = { length, story: tellFailure(scope, exploration).join("\n") }
    }
  }
  const coverage = together(explorations.map((exploration) => exploration.coverage))
  if (shortest !== undefined) return { explorations, coverage, story: shortest.story, complaints: [] }
  const deviations = explorations.map((exploration) => deviation(reach, exploration)).filter((one) => one !== undefined)
  const unmet = only === undefined ? missing(coverage).map((what) => `never met: ${what}`) : []
  return { explorations, coverage, complaints: [...deviations, ...unmet] }
}
