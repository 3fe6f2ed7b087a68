/**
 * The promises held against what happens, one step at a time; how often each was at stake, and the first that is broken.
 *
 * It knows no rule itself. A tally counts for a whole run, over as many traces as there are.
 */
import type { Machine, Move } from "../Machine.ts"
import type { Model } from "../Model.ts"
import type { Operation, Step } from "../Operation.ts"
import { promises } from "./index.ts"
import type { Invariant, StoreContents } from "./Invariant.ts"

/** How often each promise could have been broken, by its name. */
export type Tally = Map<string, number>

export interface Breach {
  readonly promise: Invariant
  readonly objection: string
}

export const newTally = (): Tally => new Map(promises.map(({ name }) => [name, 0]))

const add = (tally: Tally, { name }: Invariant): void => {
  tally.set(name, (tally.get(name) ?? 0) + 1)
}

/** Judges what a caller sees. `before` has followed the same trace; its time is the step's. */
export const judgeStep = (before: Model, step: Step, tally: Tally): Breach | undefined => {
  const then = before.at === step.at ? before : { ...before, at: step.at }
  let breach: Breach | undefined
  for (const promise of promises) {
    if (promise.isAtStake(then, step)) add(tally, promise)
    const objection = breach === undefined ? promise.onStep?.(then, step) : undefined
    if (objection !== undefined) breach = { promise, objection }
  }
  return breach
}

const first = (objection: (promise: Invariant) => string | undefined): Breach | undefined => {
  for (const promise of promises) {
    const found = objection(promise)
    if (found !== undefined) return { promise, objection: found }
  }
  return undefined
}

/** Judges what the machine did inside. */
export const judgeMove = (before: Machine, operation: Operation, move: Move): Breach | undefined =>
  first((promise) => promise.onMove?.(before, operation, move))

/** Judges everything that a store holds. */
export const judgeStore = (contents: StoreContents): Breach | undefined =>
  first((promise) => promise.onStore?.(contents))
