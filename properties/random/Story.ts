/**
 * What the random engine found, as a story.
 *
 * Tokens that were only looked at in passing are left out, but for the look that showed it or may have done it.
 */
import { ReadsChangeNothing } from "../invariants/ReadsChangeNothing.ts"
import { tellOperation, tellStep } from "../linearize/Telling.ts"
import { tellBefore, tellBreach, tellCalls, type ToldCall } from "../Story.ts"
import type { Finding } from "./Random.ts"
import type { Divergence, Tried } from "./Trial.ts"

/** The calls of a story: without the opening, and of what was looked at in passing only what matters. */
export const toldSteps = ({ opening, steps, breach }: Divergence): ReadonlyArray<Tried> => {
  const last = steps.length - 1
  const lastCall = steps.findLastIndex(({ isLook }, index) => !isLook && index < last)
  // If looking did it, it was one of the latest looks.
  const firstLook = breach?.promise.name === ReadsChangeNothing.name ? lastCall : last
  return steps.filter(({ isLook }, index) => (isLook ? index >= firstLook : index >= opening.length || index === last))
}

const callOf = ({ operation, expected, observed, isAgreed, at }: Tried): ToldCall =>
  tellStep({ operation, reply: observed, at }, isAgreed ? undefined : expected)

/** Lines for a person. */
export const tellFinding = (name: string, { seed, path, divergence }: Finding): ReadonlyArray<string> => {
  const { opening, steps, breach } = divergence
  const before = steps.length > opening.length ? opening : []
  return [
    ...(breach === undefined ? [] : tellBreach(breach.promise, breach.objection)),
    ...(steps.every(({ isAgreed }) => isAgreed)
      ? []
      : [`${name} does not answer as the second specification, the model, says it must`]),
    ...tellBefore(before.map(tellOperation)),
    ...tellCalls(toldSteps(divergence).map(callOf), { expected: "the model", observed: name }),
    `again: seed ${seed}, path ${path}`,
  ]
}
