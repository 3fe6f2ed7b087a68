/**
 * A breach as a story: who is registered, then each call with the model's answer beside the provider's.
 *
 * Things are numbered as they appear in the story. Where a provider may answer in its own way, the difference is not
 * made to look like a fault.
 */
import { registering } from "../../Asking.ts"
import { tellOperation, tellReply } from "../../linearize/Telling.ts"
import { expect, type Model } from "../../Model.ts"
import type { Operation, Ref, Reply, Step } from "../../Operation.ts"
import type { Counterexample, StoryStep } from "../Report.ts"
import type { Abilities } from "./Abilities.ts"
import { ownStep, stateAt, taken } from "./Explain.ts"
import type { Played } from "./Play.ts"
import type { Found } from "./Stage.ts"

/** The model's answer in the provider's own way of refusing and of naming subjects. */
const inItsWay = (expected: Reply, observed: Reply): Reply => {
  if (expected._tag === "Refused" && observed._tag === "Refused") return observed
  if (expected._tag === "Active" && observed._tag === "Active") return { ...expected, subject: observed.subject }
  return expected
}

const clientsIn = (operation: Operation): ReadonlyArray<Ref> => {
  if ("by" in operation) return [operation.by]
  return "client" in operation ? [operation.client] : []
}

const registrations = ({ clients }: Model, used: ReadonlySet<Ref>): ReadonlyArray<StoryStep> =>
  [...clients.entries()]
    .filter(([client]) => used.has(client))
    .map(([client, { profile }]) => {
      const operation = registering(client, profile)
      const reply: Reply = { _tag: "Stored", client }
      const told = tellReply(reply)
      return { text: tellOperation(operation), operation, burst: null, expected: told, observed: told, reply }
    })

/** The steps of `found`, registrations first. */
export const storyOf = (
  { habits }: Abilities,
  { opening, made }: Played,
  { order }: Found,
): ReadonlyArray<StoryStep> => {
  const sizes = Map.groupBy(made, ({ phase }) => phase)
  const steps: Array<StoryStep> = []
  const used = new Set<Ref>()
  let state = stateAt(opening)
  for (const index of order) {
    const { step, phase, isAfterRestart } = made[index]!
    const own: Step = ownStep(state, step)
    const expected = expect({ ...state.model, at: step.at }, own.operation).reply
    for (const client of clientsIn(own.operation)) used.add(client)
    steps.push({
      text: `${isAfterRestart ? "after a restart " : ""}${tellOperation(own.operation)}`,
      operation: own.operation,
      burst: sizes.get(phase)!.length > 1 ? phase : null,
      expected: tellReply(inItsWay(expected, own.reply)),
      observed: tellReply(own.reply),
      reply: own.reply,
    })
    state = taken(habits, state, step)
  }
  return [...registrations(opening, used), ...steps]
}

export const counterexampleOf = (
  abilities: Abilities,
  played: Played,
  found: Found,
  seed: number,
  path: string,
): Counterexample => ({ objection: found.objection, steps: storyOf(abilities, played, found), seed, path })
