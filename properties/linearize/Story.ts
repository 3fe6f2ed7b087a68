/**
 * A verdict as a story: which calls can be ordered, which answer cannot be explained, what should have been answered.
 */
import { distinct, isPending, type Called, type History, type SequentialSpec, type Verdict } from "./History.ts"

/** Lines for a person; none when everything is explained. */
export const tellVerdict = <State, Call, Answer>(
  spec: SequentialSpec<State, Call, Answer>,
  history: History<Call, Answer>,
  verdict: Verdict<State>,
): ReadonlyArray<string> => {
  const { telling } = spec
  const width = Math.max(0, ...history.map(({ process }) => process.length))
  const line = (called: Called<Call, Answer>) =>
    `${called.process.padEnd(width)}  ${telling.call(called.call)} → ${isPending(called) ? "no answer seen" : telling.answer(called.answer!, called.call)}`
  switch (verdict._tag) {
    case "Explained":
      return []
    case "Unexplained": {
      const { prefix, state, stuck } = verdict
      const told = changing(spec, history, prefix)
      const omitted = prefix.length - told.length
      return [
        told.length === 0 ? "from the start," : "these calls can be ordered, and explain one another:",
        ...told.map((index, place) => `${String(place + 1).padStart(4)}  ${line(history[index]!)}`),
        ...(omitted === 0 ? [] : [`      (and ${omitted} more, which changed nothing)`]),
        stuck.length === 1 ? "then this answer cannot be explained:" : "then none of these answers can be explained:",
        ...stuck.flatMap((index) => [
          `   !  ${line(history[index]!)}`,
          `      should be answered: ${telling.expected(state, history[index]!.call)}`,
        ]),
      ]
    }
    case "OutOfTime":
      return [
        "the order does not keep to real time: this call had returned",
        `      ${line(history[verdict.later]!)}`,
        "before this one was made, yet is said to have taken effect after it:",
        `      ${line(history[verdict.earlier]!)}`,
      ]
    case "Incomplete":
      return ["the order leaves out, or has twice, a call:", `      ${line(history[verdict.call]!)}`]
    case "GivenUp":
      return [`no order was found, nor ruled out, after looking at ${verdict.stateCount} states`]
  }
}

/** The calls of `prefix` after which the state was another. */
const changing = <State, Call, Answer>(
  { initial, apply, key }: SequentialSpec<State, Call, Answer>,
  history: History<Call, Answer>,
  prefix: ReadonlyArray<number>,
): ReadonlyArray<number> => {
  let states: ReadonlyArray<State> = [initial]
  return prefix.filter((index) => {
    const { call, answer } = history[index]!
    const before = new Set(states.map(key))
    states = distinct(
      states.flatMap((state) => apply(state, call, answer)),
      key,
    )
    return states.some((state) => !before.has(key(state)))
  })
}
