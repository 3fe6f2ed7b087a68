/**
 * One sequence tried: each operation is asked of the model and of a subject, and after each every token is looked at.
 *
 * Written as a generator that yields what to ask next, so that the machine, which answers at once, and systems, which
 * take their time, are tried by the same code. It ends with the first step in which they part, or a promise is broken.
 */
import { resolve, type Draft } from "../Drafts.ts"
import { looking, passing } from "../Asking.ts"
import type { Start } from "../Opening.ts"
import { judgeStep, type Breach, type Tally } from "../invariants/Judge.ts"
import { emptyModel, expect, remembering, type Model } from "../Model.ts"
import type { Operation, Reply } from "../Operation.ts"
import type { System } from "../System.ts"
import { isSameReply } from "../explore/Product.ts"

/** One call: what had to be answered, and what was. */
export interface Tried {
  readonly operation: Operation
  readonly expected: Reply
  readonly observed: Reply
  /** Whether that is the same, as far as can be seen of this system. */
  readonly isAgreed: boolean
  /** Milliseconds since the epoch. */
  readonly at: number
  /** A token that is looked at after each step, whatever the sequence says. */
  readonly isLook: boolean
}

/** What came of asking: the reply, and what the inside says about it where it can be seen. */
export interface Observation {
  readonly reply: Reply
  readonly breach?: Breach | undefined
  /** Time that went by before it was done, for somebody read what was to be answered. */
  readonly elapsedMillis?: number
  /** Nothing changed, seen from inside: looking at tokens again would show what it showed before. */
  readonly isIdle?: boolean
}

/** How a sequence ended badly; the last of the steps is where, and the first are what it started with. */
export interface Divergence {
  readonly opening: ReadonlyArray<Operation>
  readonly steps: ReadonlyArray<Tried>
  readonly breach: Breach | undefined
}

/** What was met on the way: operations by tag, replies by tag or error code. */
export interface Met {
  readonly tally: Tally
  readonly operations: Map<string, number>
  readonly replies: Map<string, number>
}

export interface Trial {
  readonly start: Start
  readonly at: number
  readonly drafts: ReadonlyArray<Draft>
  readonly system: Pick<System, "accepts" | "sees">
  readonly met: Met
}

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

const replyClass = (reply: Reply): string => (reply._tag === "Refused" ? reply.error : reply._tag)

/** Refused by both, for another reason: what matters more may show in what is alive now. */
const isQuibble = ({ isAgreed, expected, observed }: Tried): boolean =>
  !isAgreed && expected._tag === "Refused" && observed._tag === "Refused"

export function* tryOut({
  start: { policy, opening },
  at,
  drafts,
  system,
  met,
}: Trial): Generator<Operation, Divergence | undefined, Observation> {
  const steps: Array<Tried> = []
  let model: Model = emptyModel(policy, at)
  let hasChanged = true

  const passBy = (millis: number) => {
    const passed = passing(millis)
    const { reply, model: later } = expect(model, passed)
    const step = { operation: passed, reply, at: model.at }
    steps.push({ operation: passed, expected: reply, observed: reply, isAgreed: true, at: model.at, isLook: false })
    model = remembering(later, step)
  }

  function* ask(operation: Operation, isLook: boolean): Generator<Operation, Divergence | undefined, Observation> {
    const { reply, breach: inside, isIdle = false, elapsedMillis = 0 } = yield operation
    if (elapsedMillis > 0) passBy(elapsedMillis)
    const expected = expect(model, operation)
    const step = { operation, reply, at: model.at }
    const breach = judgeStep(model, step, met.tally) ?? inside
    const isAgreed = isSameReply(system.sees(operation, expected.reply), system.sees(operation, reply))
    const tried = { operation, expected: expected.reply, observed: reply, isAgreed, at: model.at, isLook }
    hasChanged = !isIdle
    add(met.operations, operation._tag)
    add(met.replies, replyClass(reply))
    steps.push(tried)
    if (breach !== undefined || (!isAgreed && !isQuibble(tried))) return { opening, steps, breach }
    model = remembering(expected.model, step)
    return undefined
  }

  for (const operation of opening) {
    const divergence = yield* ask(operation, false)
    if (divergence !== undefined) return divergence
  }
  for (const draft of drafts) {
    const operation = resolve(model, draft)
    if (!system.accepts(operation)) continue
    const divergence = yield* ask(operation, false)
    if (divergence !== undefined) return divergence
    const asked = steps.length
    for (const token of hasChanged ? model.accessTokens.keys() : []) {
      const seen = yield* ask(looking(token), true)
      if (seen !== undefined) return seen
    }
    if (isQuibble(steps[asked - 1]!)) return { opening, steps: steps.slice(0, asked), breach: undefined }
  }
  return undefined
}
