/**
 * A verdict as a story: which calls can be ordered, which answer cannot be explained, what should have been answered.
 */
import { tellCalls, type ToldCall } from "../Story.ts"
import { distinct, type History, type SequentialSpec, type Verdict } from "./History.ts"

const sides = { expected: "should be", observed: "answered" }

/** Lines for a person; none when everything is explained. */
export const tellVerdict = <State, Call, Answer>(
  spec: SequentialSpec<State, Call, Answer>,
  history: History<Call, Answer>,
  verdict: Verdict<State>,
): ReadonlyArray<string> => {
  const { telling } = spec
  const width = Math.max(0, ...history.map(({ process }) => process.length))
  const callOf = (index: number): ToldCall => {
    const { process, call, answer } = history[index]!
    const observed = answer === undefined ? "no answer seen" : telling.answer(answer, call)
    return { text: `${process.padEnd(width)}  ${telling.call(call)}`, observed }
  }
  const tell = (index: number) => tellCalls([callOf(index)], sides, "!")
  switch (verdict._tag) {
    case "Explained":
      return []
    case "Unexplained": {
      const { prefix, state, stuck } = verdict
      const told = changing(spec, history, prefix)
      const omitted = prefix.length - told.length
      const unexplained = stuck.map((index) => {
        return { ...callOf(index), expected: telling.expected(state, history[index]!.call) }
      })
      return [
        told.length === 0 ? "from the start," : "these calls can be ordered, and explain one another:",
        ...tellCalls(told.map(callOf), sides),
        ...(omitted === 0 ? [] : [`      (and ${omitted} more, which changed nothing)`]),
        stuck.length === 1 ? "then this answer cannot be explained:" : "then none of these answers can be explained:",
        ...tellCalls(unexplained, sides, "!"),
      ]
    }
    case "OutOfTime":
      return [
        "the order does not keep to real time: this call had returned",
        ...tell(verdict.later),
        "before this one was made, yet is said to have taken effect after it:",
        ...tell(verdict.earlier),
      ]
    case "Incomplete":
      return ["the order leaves out, or has twice, a call:", ...tell(verdict.call)]
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
