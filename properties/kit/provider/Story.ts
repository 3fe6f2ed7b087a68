/**
 * A breach as a story: who is registered, then each call with the model's answer beside the provider's.
 *
 * Things are numbered as they appear in the story.
 */
import { expect } from "../../Model.ts"
import type { Step } from "../../Operation.ts"
import { stepOf, withRegistrations } from "../judging/Steps.ts"
import type { Counterexample, StoryStep } from "../Report.ts"
import type { Abilities } from "./Abilities.ts"
import { ownStep, stateAt, taken } from "./Explain.ts"
import { tellManner } from "./Manner.ts"
import type { Played } from "./Play.ts"
import type { Found } from "./Stage.ts"

/** The steps of `found`, registrations first. */
export const storyOf = (
  { habits }: Abilities,
  { opening, made }: Played,
  { order }: Found,
): ReadonlyArray<StoryStep> => {
  const sizes = Map.groupBy(made, ({ phase }) => phase)
  const steps: Array<StoryStep> = []
  let state = stateAt(opening)
  for (const index of order) {
    const { step, phase, isAfterRestart, call } = made[index]!
    const own: Step = ownStep(state, step)
    const expected = expect({ ...state.model, at: step.at }, own.operation).reply
    const plain = stepOf(own, expected, sizes.get(phase)!.length > 1 ? phase : null)
    const told = { ...plain, text: tellManner(plain.text, call.manner) }
    steps.push(isAfterRestart ? { ...told, text: `after a restart ${told.text}` } : told)
    state = taken(habits, state, step)
  }
  return withRegistrations(opening, steps)
}

export const counterexampleOf = (
  abilities: Abilities,
  played: Played,
  found: Found,
  seed: number,
  path: string,
): Counterexample => ({
  objection: found.objection,
  steps: storyOf(abilities, played, found),
  seed,
  path,
  ...(found.beside === undefined ? {} : { beside: found.beside }),
})
