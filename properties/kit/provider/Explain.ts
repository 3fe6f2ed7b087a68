/**
 * Calls that ran at the same time: is there an order in which no promise objects to any answer?
 *
 * An answer is explained where no promise objects; the model then follows it, whatever the policy behind it. A promise
 * is broken when no order keeps it, even if all others are given up; or when no order keeps it beside some others, which
 * are then named.
 */
import type { Tally } from "../../invariants/Judge.ts"
import { byGrant } from "../../linearize/ByGrant.ts"
import type { History, SequentialSpec } from "../../linearize/History.ts"
import type { ModelCall, ModelState } from "../../linearize/ModelCall.ts"
import { boundBy, operationIn, replyIn, sameNumbers } from "../../linearize/Numbers.ts"
import { linearize } from "../../linearize/Search.ts"
import { modelTelling } from "../../linearize/Telling.ts"
import type { Model } from "../../Model.ts"
import type { Reply, Step } from "../../Operation.ts"
import { followedBy, judged, objectionsTo, type Habits, type Objected } from "../judging/Judge.ts"
import type { Found, Made, Stage } from "./Stage.ts"

/** The search is given up beyond that; then nothing is known. */
const MAX_STATES = 20_000

/** A step in the model's own numbers. */
export const ownStep = ({ model, numbers }: ModelState, { operation, reply, at }: Step): Step => ({
  operation: operationIn(model, numbers, operation),
  reply: replyIn(model, numbers, reply),
  at,
})

/** The state after a step, right or wrong. */
export const taken = (habits: Habits, state: ModelState, step: Step): ModelState => {
  const own = ownStep(state, step)
  return {
    model: followedBy(habits, state.model, own),
    numbers: boundBy(state.numbers, step.reply, own.reply) ?? state.numbers,
  }
}

export const stateAt = (opening: Model): ModelState => ({ model: opening, numbers: sameNumbers(opening) })

const keyOf = ({ model: { policy: _, past: __, ...things }, numbers }: ModelState): string =>
  JSON.stringify([things, numbers])

const specOf = (
  habits: Habits,
  opening: Model,
  isWanted: (name: string) => boolean,
): SequentialSpec<ModelState, ModelCall, Reply> => ({
  initial: stateAt(opening),
  apply: (state, { operation, answeredAt }, reply) => {
    if (reply === undefined) return []
    const step = { operation, reply, at: answeredAt }
    return objectionsTo(state.model, ownStep(state, step), isWanted).length > 0 ? [] : [taken(habits, state, step)]
  },
  key: keyOf,
  telling: modelTelling,
})

export const explain = (
  { abilities: { habits }, isWanted, tally }: Pick<Stage, "abilities" | "isWanted" | "tally">,
  opening: Model,
  made: ReadonlyArray<Made>,
): ReadonlyArray<Found> => {
  const history: History<ModelCall, Reply> = made.map(({ step: { operation, reply, at }, invokedAt, returnedAt }) => ({
    process: "",
    call: { operation, times: [at], answeredAt: at },
    answer: reply,
    invokedAt,
    returnedAt,
  }))
  const search = (isMeant: (name: string) => boolean) =>
    linearize(specOf(habits, opening, isMeant), history, { partition: byGrant, maxStates: MAX_STATES })

  const verdict = search(isWanted)
  if (verdict._tag === "Explained") {
    for (const order of verdict.orders)
      count(
        habits,
        tally,
        opening,
        order.map((index) => made[index]!.step),
      )
    return []
  }
  if (verdict._tag !== "Unexplained") return []

  const foundIn = (
    { prefix, state, stuck }: typeof verdict,
    isMeant: (name: string) => boolean,
  ): ReadonlyArray<Found> =>
    stuck.flatMap((index) =>
      objectionsTo(state.model, ownStep(state, made[index]!.step), isMeant).map((one: Objected) => ({
        ...one,
        order: [...prefix, index],
      })),
    )
  const wanted = judged.map(({ name }) => name).filter(isWanted)
  const alone = wanted.flatMap((name) => {
    const own = search((other) => other === name)
    return own._tag === "Unexplained" ? foundIn(own, (other) => other === name).slice(0, 1) : []
  })
  if (alone.length > 0) return alone
  // Each of them is kept by some order, and all by none: as few as cannot be kept together.
  const least = wanted.reduce<ReadonlyArray<string>>((names, name) => {
    const fewer = names.filter((other) => other !== name)
    return search((other) => fewer.includes(other))._tag === "Unexplained" ? fewer : names
  }, wanted)
  const isAmong = (name: string) => least.includes(name)
  const jointly = search(isAmong)
  const [found] = jointly._tag === "Unexplained" ? foundIn(jointly, isAmong) : []
  return found === undefined ? [] : [{ ...found, beside: least.filter((name) => name !== found.promise) }]
}

/** How often each promise was at stake, in an order that keeps them all. */
const count = (habits: Habits, tally: Tally, opening: Model, steps: ReadonlyArray<Step>): void => {
  let state = stateAt(opening)
  for (const step of steps) {
    const then = { ...state.model, at: step.at }
    const own = ownStep(state, step)
    for (const { name, isAtStake } of judged) if (isAtStake(then, own)) tally.set(name, (tally.get(name) ?? 0) + 1)
    state = taken(habits, state, step)
  }
}
