/**
 * Judging a run: what was answered, what is in the log, and what is served must fit together.
 *
 * The order in which the calls took effect is the log's own: a call that was committed stands at its position, a call
 * that changed nothing where it read. Nothing here knows which faults there were.
 */
import { Effect } from "effect"
import type { StoreContents } from "../invariants/Invariant.ts"
import { judgeStep, judgeStore, type Tally } from "../invariants/Judge.ts"
import type { InlineProjection } from "../../src/log/Rows.ts"
import { byGrant } from "../linearize/ByGrant.ts"
import type { ModelCall, ModelState } from "../linearize/ModelCall.ts"
import { modelSpec, takenAs } from "../linearize/ModelSpec.ts"
import { operationIn, replyIn } from "../linearize/Numbers.ts"
import { tellVerdict } from "../linearize/Story.ts"
import { checkWitness } from "../linearize/Witness.ts"
import type { Model } from "../Model.ts"
import type { Reply, Step } from "../Operation.ts"
import { tellBreach } from "../Story.ts"
import type { Sent } from "./Network.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

export interface Failure {
  /** What does not hold, in a sentence. */
  readonly what: string
  /** The promise that this breaks, where it is one. */
  readonly promise?: string
  readonly story: ReadonlyArray<string>
}

/** The calls that took effect, in the log's order. */
const witnessOf = (sent: ReadonlyArray<Sent>): ReadonlyArray<number> => {
  const placeOf = ({ trace: { committed, readSize, asideSize, sizeAtStart } }: Sent) =>
    committed === undefined ? (readSize ?? asideSize ?? sizeAtStart) - 0.5 : committed.position
  return [...sent.keys()]
    .filter((index) => sent[index]!.answer !== undefined || sent[index]!.trace.committed !== undefined)
    .toSorted((left, right) => {
      const [a, b] = [sent[left]!, sent[right]!]
      return placeOf(a) - placeOf(b) || a.invokedAt - b.invokedAt
    })
}

/** A call that was committed was decided at the time that stands in the log. */
const timed = (sent: Sent): Sent => {
  const { call, trace } = sent
  return trace.committed === undefined ? sent : { ...sent, call: { ...call, times: [trace.committed.at] } }
}

/** What is wrong with what was answered; `undefined` when the log's order explains all of it. */
export const judgeAnswers = (initial: Model, sent: ReadonlyArray<Sent>): Failure | undefined => {
  const early = sent.find(({ isAnsweredEarly }) => isAnsweredEarly)
  const spec = modelSpec(initial)
  const { telling } = spec
  const about = ({ process, call }: Sent) => [`${process}: ${telling.call(call)}`]
  if (early !== undefined) return { what: "a call was answered before its append was", story: about(early) }
  const revived = sent.find(
    ({ reply, trace }) => reply?._tag === "Unavailable" && trace.committed !== undefined && !trace.isOutcomeHidden,
  )
  if (revived !== undefined) {
    return { what: "a call that was carried out was told to come again", story: about(revived) }
  }

  const history = sent.map(timed)
  const order = witnessOf(history)
  const verdict = checkWitness(spec, history, order)
  if (verdict._tag === "Explained") return undefined
  return {
    what: "the order of the log does not explain what was answered",
    story: shortest(spec, history, order, verdict) ?? tellVerdict(spec, history, verdict),
  }
}

/** The same, told with the calls about one grant alone, if they suffice. */
const shortest = (
  spec: ReturnType<typeof modelSpec>,
  history: ReadonlyArray<Sent>,
  order: ReadonlyArray<number>,
  verdict: ReturnType<typeof checkWitness>,
): ReadonlyArray<string> | undefined => {
  if (verdict._tag !== "Unexplained") return undefined
  const parts = byGrant(history)
  const part = parts[verdict.stuck[0]!]
  const isAbout = (index: number) => parts[index] === part || parts[index] === undefined
  const kept = [...history.keys()].filter(isAbout)
  const about = kept.map((index) => history[index]!)
  const shorter = checkWitness(
    spec,
    about,
    order.filter(isAbout).map((index) => kept.indexOf(index)),
  )
  return shorter._tag === "Unexplained" ? tellVerdict(spec, about, shorter) : undefined
}

interface Moment {
  readonly before: Model
  readonly step: Step
}

/** The run as one caller after the other would have seen it, in the model's numbers; up to what it cannot explain. */
const momentsOf = (initial: Model, sent: ReadonlyArray<Sent>): ReadonlyArray<Moment> => {
  const history = sent.map(timed)
  const moments: Array<Moment> = []
  let state = modelSpec(initial).initial
  for (const index of witnessOf(history)) {
    const { call, answer } = history[index]!
    const [taken] = takenAs(state, call, answer)
    if (taken === undefined) return [...moments, unexplained(state, call, answer!)]
    const { operation, reply, at, before } = taken
    moments.push({ before, step: { operation, reply, at } })
    state = taken.after
  }
  return moments
}

const unexplained = (
  { model, numbers }: ModelState,
  { operation, answeredAt: at }: ModelCall,
  answer: Reply,
): Moment => {
  const step = { operation: operationIn(model, numbers, operation), reply: replyIn(model, numbers, answer), at }
  return { before: { ...model, at }, step }
}

/** The first promise that was broken; how often each was at stake is added to `tally`. */
export const judgePromises = (
  initial: Model,
  sent: ReadonlyArray<Sent>,
  contents: StoreContents,
  tally: Tally,
): Failure | undefined => {
  const breaches = momentsOf(initial, sent).map(({ before, step }) => judgeStep(before, step, tally))
  const breach = breaches.find((found) => found !== undefined) ?? judgeStore(contents)
  if (breach === undefined) return undefined
  const [what, sentence] = tellBreach(breach.promise, breach.objection)
  return { what, promise: breach.promise.name, story: [sentence] }
}

/** Everything that the store holds, before and after its rows are folded anew. */
export const contentsOf = (
  log: ServerStore,
  projection: InlineProjection,
  secrets: ReadonlyArray<string>,
): StoreContents => {
  const rows = () =>
    projection.tables.flatMap((table) =>
      Effect.runSync(log.dump(table)).map((row) => `${table.name} ${JSON.stringify(row)}`),
    )
  const recorded = Effect.runSync(log.readAll(0, Infinity))
  const served = rows()
  Effect.runSync(log.rebuild())
  return {
    entries: recorded.map((entry) => ({
      position: entry.position,
      stream: entry.stream,
      text: JSON.stringify(entry),
    })),
    rows: served,
    rebuiltRows: rows(),
    others: [],
    secrets,
  }
}
