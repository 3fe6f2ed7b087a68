/** All scopes, one after the other: what `npm run explore` and the test do. */
import type { Invariant } from "../invariants/Invariant.ts"
import { missing, together, type Coverage } from "./Coverage.ts"
import { explore, type Exploration, type Progress } from "./Explore.ts"
import { deviation, type Reach } from "./Golden.ts"
import type { Scope } from "./Scope.ts"
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
  let shortest: { readonly scope: Scope; readonly exploration: Exploration } | undefined
  for (const scope of scopes.filter(({ name }) => only === undefined || only.includes(name))) {
    const { depth, uniqueStates } = scope[reach]
    // Once something is broken, another scope is only asked for a way to it that is no longer, opening and all.
    const left = (shortest?.exploration.failure?.operations.length ?? Infinity) - scope.opening.length
    if (left <= 0) continue
    const limit = { depth: Math.min(depth, left), uniqueStates }
    const exploration = explore(scope, promises, { limit, ...(onProgress === undefined ? {} : { onProgress }) })
    explorations.push(exploration)
    onExplored?.(exploration)
    if (isShorter(scope, exploration, shortest)) shortest = { scope, exploration }
  }
  const coverage = together(explorations.map((exploration) => exploration.coverage))
  if (shortest !== undefined) {
    const story = tellFailure(shortest.scope, shortest.exploration).join("\n")
    return { explorations, coverage, story, complaints: [] }
  }
  const deviations = explorations.map((exploration) => deviation(reach, exploration)).filter((one) => one !== undefined)
  const unmet = only === undefined ? missing(coverage).map((what) => `never met: ${what}`) : []
  return { explorations, coverage, complaints: [...deviations, ...unmet] }
}

/** Fewer operations in all; of as many, more of them before the search began. */
const isShorter = (
  scope: Scope,
  { failure }: Exploration,
  than: { readonly scope: Scope; readonly exploration: Exploration } | undefined,
): boolean => {
  if (failure === undefined || than === undefined) return failure !== undefined
  const difference = failure.operations.length - than.exploration.failure!.operations.length
  return difference === 0 ? scope.opening.length > than.scope.opening.length : difference < 0
}
