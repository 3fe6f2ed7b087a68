/**
 * One step judged: machine and model agree, and no promise is broken by it.
 *
 * It never decides what is right itself; that is the model's, and the promises'.
 */
import type { Invariant, Objection } from "../invariants/Invariant.ts"
import type { Step } from "../Operation.ts"
import { counterOf, cover, type Coverage } from "./Coverage.ts"
import type { Edge } from "./Product.ts"

/** What is wrong with a step: the model expected another answer, promises are broken, or both. */
export interface Fault {
  readonly isAgreed: boolean
  readonly broken: ReadonlyArray<{ readonly promise: Invariant; readonly objection: string }>
}

export type Judge = (edge: Edge) => Fault | undefined

/** Holds `promises` against one step after the other, and counts in `coverage` what was met. */
export const judgeBy = (promises: ReadonlyArray<Invariant>, coverage: Coverage): Judge => {
  // A promise about what a store holds is none of a search's business.
  const judged = promises
    .filter(({ onStep, onMove }) => onStep !== undefined || onMove !== undefined)
    .map((promise) => ({ promise, stake: counterOf(coverage.atStake, promise.name) }))
  return (edge) => {
    const { before, operation, move } = edge
    const step: Step = { operation, reply: move.reply, at: before.machine.at }
    cover(coverage, edge)
    let broken: Fault["broken"] = []
    for (const { promise, stake } of judged) {
      if (promise.isAtStake(before.model, step)) stake.count++
      const objection: Objection =
        promise.onStep?.(before.model, step) ?? promise.onMove?.(before.machine, operation, move)
      if (objection !== undefined) broken = [...broken, { promise, objection }]
    }
    return edge.isAgreed && broken.length === 0 ? undefined : { isAgreed: edge.isAgreed, broken }
  }
}
