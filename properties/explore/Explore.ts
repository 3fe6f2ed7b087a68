/**
 * Breadth-first through everything that can be tried in a scope: the engine that leaves nothing out.
 *
 * Each operation of the alphabet is tried on machine and model in each state that was reached; their answers must be
 * the same, each access token must look the same to both afterwards, and every promise must hold. States that are the
 * same but for names are gone on from once (`Key.ts`). The first fault found has no shorter way to it. States are kept
 * as they are only while they wait; of all others a key, a parent and the number of an operation remain.
 */
import { looking } from "../Asking.ts"
import type { Invariant } from "../invariants/Invariant.ts"
import type { Operation } from "../Operation.ts"
import { operationsOf } from "./Alphabet.ts"
import { newCoverage, type Coverage } from "./Coverage.ts"
import { judgeBy, type Fault } from "./Judge.ts"
import { keyOf } from "./Key.ts"
import { everything, presentable } from "./Presented.ts"
import { afterwards, ask, isIdle, newProduct, type Edge, type Product } from "./Product.ts"
import { exchangesOf, type Limit, type Scope } from "./Scope.ts"

export interface Progress {
  readonly scope: string
  readonly triedCount: number
  readonly uniqueStates: number
  readonly depth: number
  readonly seconds: number
}

export interface Exploration {
  readonly scope: string
  /** Operations tried, looking at tokens included. */
  readonly triedCount: number
  readonly uniqueStates: number
  /** The most operations that lead to a state. */
  readonly depth: number
  /** What kept the search from trying everything that the scope has; `null`: nothing did. */
  readonly stoppedBy: keyof Limit | null
  readonly coverage: Coverage
  readonly seconds: number
  readonly failure?: {
    readonly operations: ReadonlyArray<Operation>
    readonly fault: Fault
  }
}

export interface ExploreOptions {
  readonly limit: Limit
  readonly onProgress?: (progress: Progress) => void
  readonly onEdge?: (edge: Edge) => void
  /** `false`: no two states are taken for the same, but those that are; to try the key itself. */
  readonly isReduced?: boolean
}

/** Where time starts; which time that is matters to no rule. */
export const START_MILLIS = 1_700_000_000_000
const PROGRESS_STATES = 20_000

export const explore = (
  scope: Scope,
  promises: ReadonlyArray<Invariant>,
  { limit, onProgress, onEdge, isReduced = true }: ExploreOptions,
): Exploration => {
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1000
  const coverage = newCoverage()
  const judge = judgeBy(promises, coverage)
  const nameOf = isReduced ? keyOf(exchangesOf(scope)) : (product: Product) => JSON.stringify(product)
  const presentableIn = isReduced ? presentable : everything
  const operationsIn = (product: Product) => operationsOf(scope.alphabet, product, presentableIn(product))

  const visited = new Set<string>()
  // The way to a unique state: the number of the state before, and which of its operations led on.
  const parents: Array<number> = []
  const choices: Array<number> = []
  let frontier: Array<readonly [number, Product]> = []
  let next: typeof frontier = []
  let depth = 0

  const wayTo = (number: number): ReadonlyArray<number> => {
    const way: Array<number> = []
    for (let at = number; at > 0; at = parents[at]!) way.push(choices[at]!)
    return way.reverse()
  }
  const retrace = (number: number): ReadonlyArray<Operation> => {
    let product = opened
    return wayTo(number).map((choice) => {
      const operation = operationsIn(product)[choice]!
      product = afterwards(ask(product, operation))
      return operation
    })
  }
  const end = (
    stoppedBy: Exploration["stoppedBy"],
    failed?: { readonly operations: ReadonlyArray<Operation>; readonly fault: Fault },
  ): Exploration => ({
    scope: scope.name,
    triedCount: coverage.triedCount,
    uniqueStates: visited.size,
    depth,
    stoppedBy,
    coverage,
    seconds: seconds(),
    ...(failed === undefined ? {} : { failure: failed }),
  })
  /** Looks at every access token in a state that was not met before. */
  const lookAround = (product: Product) => {
    for (const token of product.model.accessTokens.keys()) {
      const operation = looking(token)
      const fault = judge(ask(product, operation))
      if (fault !== undefined) return { operation, fault }
    }
    return undefined
  }

  let opened = newProduct(scope.policy, START_MILLIS)
  for (const [index, operation] of scope.opening.entries()) {
    const edge = ask(opened, operation)
    const fault = judge(edge)
    if (fault !== undefined) return end(null, { operations: scope.opening.slice(0, index + 1), fault })
    opened = afterwards(edge)
  }
  visited.add(nameOf(opened))
  parents.push(0)
  choices.push(0)
  const seen = lookAround(opened)
  if (seen !== undefined) return end(null, { operations: [...scope.opening, seen.operation], fault: seen.fault })
  frontier.push([0, opened])

  while (frontier.length > 0) {
    if (depth >= limit.depth) return end("depth")
    for (const [number, product] of frontier) {
      for (const [choice, operation] of operationsIn(product).entries()) {
        const edge = ask(product, operation)
        onEdge?.(edge)
        const fault = judge(edge)
        if (fault !== undefined) {
          depth++
          return end(null, { operations: [...scope.opening, ...retrace(number), operation], fault })
        }
        if (isIdle(edge)) continue
        const reached = afterwards(edge)
        const name = nameOf(reached)
        if (visited.has(name)) continue
        if (visited.size >= limit.uniqueStates) return end("uniqueStates")
        visited.add(name)
        parents.push(number)
        choices.push(choice)
        const looked = lookAround(reached)
        if (looked !== undefined) {
          depth++
          const operations = [...scope.opening, ...retrace(number), operation, looked.operation]
          return end(null, { operations, fault: looked.fault })
        }
        next.push([visited.size - 1, reached])
        if (visited.size % PROGRESS_STATES === 0) {
          onProgress?.({
            scope: scope.name,
            triedCount: coverage.triedCount,
            uniqueStates: visited.size,
            depth: depth + 1,
            seconds: seconds(),
          })
        }
      }
    }
    if (next.length > 0) depth++
    ;[frontier, next] = [next, []]
  }
  return end(null)
}
