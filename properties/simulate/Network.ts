/**
 * Between callers and instances: requests that arrive twice, replies that get lost, callers who do not wait.
 *
 * It writes down every call that reached an instance and what that instance answered, whether anybody saw it or not.
 */
import { Effect } from "effect"
import { tellOperation, tellReply } from "../linearize/Telling.ts"
import type { Called } from "../linearize/History.ts"
import type { ModelCall } from "../linearize/ModelCall.ts"
import type { Operation, Reply } from "../Operation.ts"
import { perform } from "../Perform.ts"
import type { Cluster, Instance } from "./Cluster.ts"
import { CurrentTrace, newTrace, type Trace } from "./FaultyLog.ts"
import type { World } from "./World.ts"

/** A call as it was made, and what became of it. */
export interface Sent extends Called<ModelCall, Reply> {
  readonly trace: Trace
  /** What the instance answered, "come again" included; `undefined` when it crashed before. */
  readonly reply: Reply | undefined
  /** When it was over for the instance, by answering or by crashing; `Infinity` while it goes on. */
  readonly endedAt: number
  /** Whether an append was still under way when it was answered. */
  readonly isAnsweredEarly: boolean
}

export interface Network {
  /** What the caller gets to see; `undefined` when no answer came. */
  readonly send: (process: string, operation: Operation) => Effect.Effect<Reply | undefined>
  readonly sent: () => ReadonlyArray<Sent>
}

type Draft = { -readonly [Name in keyof Sent]: Sent[Name] }

export const makeNetwork = (world: World, cluster: Cluster): Network => {
  const { bag, dice, faults, holder, nextIndex, note, store } = world
  const drafts: Array<Draft> = []

  /**
   * What the instance's clock showed meanwhile; and the time of the log, where that is ahead. What had expired by then is
   * removed with the next entry of its grant, and so is dead for an instance, too, whose clock is behind.
   */
  const timesOf = ({ shown }: Instance, shownCount: number): ReadonlyArray<number> => {
    const { recordedAt } = store.head()
    return [...shown.slice(shownCount - 1), ...(recordedAt > shown.at(-1)! ? [recordedAt] : [])]
  }

  const deliver = (process: string, operation: Operation, to: Instance, onReply: (reply?: Reply) => void): void => {
    const trace = newTrace(store.head().size)
    const shownCount = to.shown.length
    const draft: Draft = {
      process,
      call: { operation, times: [], answeredAt: 0 },
      answer: undefined,
      invokedAt: nextIndex(),
      returnedAt: Infinity,
      trace,
      reply: undefined,
      endedAt: Infinity,
      isAnsweredEarly: false,
    }
    drafts.push(draft)
    note(`${process} to ${to.name}: ${tellOperation(operation)}`)

    const end = (reply?: Reply) => {
      if (draft.endedAt !== Infinity) return
      to.onDeath.delete(end)
      draft.reply = reply
      draft.endedAt = nextIndex()
      draft.call = { operation, times: timesOf(to, shownCount), answeredAt: to.shown.at(-1)! }
      // "Come again" may mean that nobody knows: the call may yet take effect.
      if (reply !== undefined && reply._tag !== "Unavailable") {
        draft.answer = reply
        draft.returnedAt = draft.endedAt
        draft.isAnsweredEarly = trace.openAppendCount > 0
      }
      if (reply !== undefined) note(`${to.name} to ${process}: ${tellReply(reply)}`)
      onReply(reply)
    }
    to.onDeath.add(() => end())
    const work = Effect.andThen(Effect.yieldNow, perform(to.server, holder, operation))
    Effect.runFork(Effect.provideService(work, CurrentTrace, trace), { scheduler: bag.scheduler }).addObserver(
      (exit) => {
        if (!to.isDead() && exit._tag === "Success") end(exit.value)
      },
    )
  }

  const send = (process: string, operation: Operation) =>
    Effect.callback<Reply | undefined>((resume) => {
      let isOver = false
      const answer = (reply: Reply | undefined) => {
        if (isOver) return
        isOver = true
        resume(Effect.succeed(reply))
      }
      const live = cluster.live()
      if (live.length === 0) return bag.add(() => answer(undefined))
      const travel = (reply?: Reply) => {
        const isLost = reply !== undefined && faults.happens("lost reply")
        if (isLost) note(`the reply to ${process} is lost`)
        bag.add(() => answer(isLost ? undefined : reply))
      }
      deliver(process, operation, dice.pick(live), travel)
      if (faults.happens("duplicate delivery")) deliver(`${process} (twice)`, operation, dice.pick(live), travel)
      if (faults.happens("impatient client")) bag.add(() => answer(undefined))
    })

  return { send, sent: () => drafts }
}
