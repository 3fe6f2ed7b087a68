/**
 * A bag of things that could happen next; the dice say which does. It stands in for Effect's scheduler, and for whatever
 * else would wait for a timer, a disk or a network, so a run has one order of events, and the seed names it.
 */
import { Effect, type Scheduler } from "effect"
import type { Dice } from "./Dice.ts"

export interface Bag {
  readonly scheduler: Scheduler.Scheduler
  readonly add: (task: () => void) => void
  /** Takes things out until nothing is left to happen. */
  readonly empty: () => void
}

/** More than any run needs: what goes on after that will not come to an end. */
const MAX_TASKS = 100_000

export const makeBag = (dice: Dice): Bag => {
  const tasks: Array<() => void> = []
  const add = (task: () => void) => void tasks.push(task)
  const empty = () => {
    for (let taken = 0; tasks.length > 0; taken++) {
      if (taken === MAX_TASKS) throw new Error(`the run did not come to an end within ${MAX_TASKS} steps`)
      const index = dice.below(tasks.length)
      const task = tasks[index]!
      const last = tasks.pop()!
      if (index < tasks.length) tasks[index] = last
      task()
    }
  }
  const dispatcher: Scheduler.SchedulerDispatcher = { scheduleTask: add, flush: empty }
  return {
    scheduler: { executionMode: "async", shouldYield: () => false, makeDispatcher: () => dispatcher },
    add,
    empty,
  }
}

/** Steps aside `times` times: others may do something first. No schedule, for a schedule asks a clock. */
export const stepAside = (times: number): Effect.Effect<void> =>
  times <= 0 ? Effect.void : Effect.flatMap(Effect.yieldNow, () => stepAside(times - 1))
