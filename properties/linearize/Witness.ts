/**
 * Checking an order that is said to explain a history: by log position, for a server of ours.
 *
 * Linear in the history, where searching is not. An order that fails proves nothing about other orders; but a log whose
 * own order does not explain what was answered is not the truth that it claims to be.
 */
import { distinct, isPending, type History, type SequentialSpec, type Verdict } from "./History.ts"

/** `order` names calls by index; pending ones that took no effect are left out. */
export const checkWitness = <State, Call, Answer>(
  spec: SequentialSpec<State, Call, Answer>,
  history: History<Call, Answer>,
  order: ReadonlyArray<number>,
): Verdict<State> => {
  const named = new Set(order)
  const missing = history.findIndex((called, index) => !isPending(called) && !named.has(index))
  if (missing >= 0) return { _tag: "Incomplete", call: missing }

  let states: ReadonlyArray<State> = [spec.initial]
  let lastInvoked: number | undefined
  for (const [place, index] of order.entries()) {
    const { call, answer, invokedAt, returnedAt } = history[index]!
    if (!named.delete(index)) return { _tag: "Incomplete", call: index }
    if (lastInvoked !== undefined && returnedAt < history[lastInvoked]!.invokedAt) {
      return { _tag: "OutOfTime", earlier: lastInvoked, later: index }
    }
    if (lastInvoked === undefined || history[lastInvoked]!.invokedAt < invokedAt) lastInvoked = index
    const next = distinct(
      states.flatMap((state) => spec.apply(state, call, answer)),
      spec.key,
    )
    if (next.length === 0) {
      return { _tag: "Unexplained", prefix: order.slice(0, place), state: states[0]!, stuck: [index] }
    }
    states = next
  }
  return { _tag: "Explained", orders: [order] }
}
