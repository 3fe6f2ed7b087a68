/**
 * What came of a trial, held against the promises: how often each was at stake, and how it was broken first.
 *
 * Calls that ran at the same time are judged in an order that breaks none, where there is one: each took effect at some
 * moment between its request and its answer. The model follows whatever was answered; no policy is a fault by itself.
 */
import type { Invariant } from "../../invariants/Invariant.ts"
import { expect, remembering, type Model } from "../../Model.ts"
import type { Step } from "../../Operation.ts"
import { follow } from "../../Tolerance.ts"
import { judged, type Objected } from "../judging/Judge.ts"
import { stepOf, withRegistrations } from "../judging/Steps.ts"
import type { StoryStep } from "../Report.ts"
import type { Turn } from "./Actor.ts"
import type { Exchange } from "./Telling.ts"

export interface Found {
  readonly objection: string
  /** The story up to where it shows. */
  readonly steps: ReadonlyArray<StoryStep>
  /** The turn in which it shows; `undefined` for what no step by itself does. */
  readonly turn?: number
}

/** What is known of a step besides what it says. */
export interface Witness {
  readonly exchangeOf: (step: Step) => Exchange | undefined
  /** Whether what was looked at lives until it expires, whatever becomes of its grant. */
  readonly isSelfContained: (step: Step) => boolean
}

const noWitness: Witness = { exchangeOf: () => undefined, isSelfContained: () => false }

/** Promises about what ends with a grant: of a token that no revocation can reach they are not asked. */
const aboutEnds: ReadonlySet<string> = new Set(["ReplayKillsGrant", "ReuseKillsGrant", "RevocationIsFinal"])

export interface Account {
  readonly tries: ReadonlyMap<string, number>
  readonly found: ReadonlyMap<string, Found>
}

/** The promises that a step can be held against. */
const judgedBy = ({ isSelfContained }: Witness, step: Step): ReadonlyArray<Invariant> => {
  if (step.reply._tag === "Unavailable") return []
  const isUnreachable = step.operation._tag === "Verify" && isSelfContained(step)
  return isUnreachable ? judged.filter(({ name }) => !aboutEnds.has(name)) : judged
}

const objectionsTo = (before: Model, step: Step, witness: Witness): ReadonlyArray<readonly [Invariant, string]> =>
  judgedBy(witness, step).flatMap((promise) => {
    const objection = promise.onStep?.({ ...before, at: step.at }, step)
    return objection === undefined ? [] : [[promise, objection] as const]
  })

const after = (before: Model, step: Step): Model => remembering(follow(before, step), step)

/** New tokens are numbered as they came, and the model counts along: they keep their order. */
const isNext = ({ accessTokens }: Model, { reply }: Step): boolean =>
  reply._tag !== "Tokens" || reply.access <= accessTokens.length

/** The same call with the same answer: which of them comes first makes no difference. */
const isAlike = (left: Step, right: Step): boolean =>
  JSON.stringify([left.operation, left.reply]) === JSON.stringify([right.operation, right.reply])

/** An order of a burst's steps without objection; where there is none, the longest beginning of one, then the rest. */
export const ordered = (before: Model, turn: Turn, witness = noWitness): Turn => {
  let best: Turn = []
  const search = (model: Model, placed: Turn, left: Turn): Turn | undefined => {
    if (left.length === 0) return placed
    if (placed.length > best.length) best = placed
    // What agrees with the model comes first: the answer with the tokens may well have been the last to arrive.
    const isAgreed = ({ operation, reply }: Step) => expect(model, operation).reply._tag === reply._tag
    const sooner = [...left.filter(isAgreed), ...left.filter((step) => !isAgreed(step))]
    for (const [index, step] of sooner.entries()) {
      const isTried = sooner.slice(0, index).some((other) => isAlike(other, step))
      if (isTried || !isNext(model, step) || objectionsTo(model, step, witness).length > 0) continue
      const found = search(after(model, step), [...placed, step], sooner.toSpliced(index, 1))
      if (found !== undefined) return found
    }
    return undefined
  }
  return search(before, [], turn) ?? [...best, ...turn.filter((step) => !best.includes(step))]
}

const told = (exchange: Exchange | undefined): Partial<StoryStep> =>
  exchange === undefined ? {} : { exchange: `${exchange.request}: ${exchange.answer}` }

export const judge = (
  start: Model,
  turns: ReadonlyArray<Turn>,
  witness: Witness = noWitness,
  objected?: Objected,
): Account => {
  const tries = new Map<string, number>()
  const found = new Map<string, Found>()
  const steps: Array<StoryStep> = []
  let model = start
  for (const [number, turn] of turns.entries()) {
    const objections: Array<readonly [Invariant, string]> = []
    for (const step of turn.length === 1 ? turn : ordered(model, turn, witness)) {
      const then = { ...model, at: step.at }
      for (const promise of judgedBy(witness, step)) {
        if (promise.isAtStake(then, step)) tries.set(promise.name, (tries.get(promise.name) ?? 0) + 1)
      }
      objections.push(...objectionsTo(model, step, witness))
      const { reply } = expect(then, step.operation)
      steps.push({ ...stepOf(step, reply, turn.length === 1 ? null : number), ...told(witness.exchangeOf(step)) })
      model = after(model, step)
    }
    for (const [{ name }, objection] of objections) {
      if (!found.has(name)) found.set(name, { objection, steps: withRegistrations(start, steps), turn: number })
    }
  }
  if (objected !== undefined && !found.has(objected.promise)) {
    found.set(objected.promise, { objection: objected.objection, steps: withRegistrations(start, steps) })
  }
  return { tries, found }
}
