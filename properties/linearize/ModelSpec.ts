/**
 * The model as a sequential specification: an authorization server, one call after the other.
 *
 * A call took effect at one of the times that it is given, such as its server's clock showed meanwhile. An answer is explained when the model
 * gives the same, with the same things in it under whatever numbers. "Come again" may mean either that nothing was done
 * or that nobody knows, so after it the call may have been carried out or not.
 */
import { expect, type Model } from "../Model.ts"
import type { Operation, Reply } from "../Operation.ts"
import { distinct, type SequentialSpec } from "./History.ts"
import type { ModelCall, ModelState } from "./ModelCall.ts"
import { boundBy, boundByCall, operationIn, sameNumbers } from "./Numbers.ts"
import { modelTelling } from "./Telling.ts"

/** Whether `answer`, given at `answeredAt`, says the same as `expected`, given at `at`; numbers apart. */
export type IsSame = (answer: Reply, answeredAt: number, expected: Reply, at: number) => boolean

const isSameSet = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left.length === right.length && left.every((one) => right.includes(one))

/** Times are told to others in whole seconds. */
const seconds = (millis: number): number => Math.floor(millis / 1000)

/** Exactly what the model answers. How long a token lives is told from now on, so it is compared from now on. */
export const isSameReply: IsSame = (answer, answeredAt, expected, at) => {
  if (answer._tag === "Tokens" && expected._tag === "Tokens") {
    const isSameLife = seconds(answer.expiresAt - answeredAt) === seconds(expected.expiresAt - at)
    return isSameLife && isSameSet(answer.scopes, expected.scopes)
  }
  if (answer._tag === "Active" && expected._tag === "Active") {
    const isSameFor = answer.subject === expected.subject && isSameSet(answer.resources, expected.resources)
    const isSameLife = seconds(answer.expiresAt) === seconds(expected.expiresAt)
    return isSameFor && isSameLife && isSameSet(answer.scopes, expected.scopes)
  }
  if (answer._tag === "Refused" && expected._tag === "Refused") return answer.error === expected.error
  return answer._tag === expected._tag
}

/** One call at one moment: the model's own operation and reply, and the state after it. */
export interface Taken {
  readonly operation: Operation
  readonly reply: Reply
  readonly at: number
  readonly before: Model
  readonly after: ModelState
}

/** Every way in which `call` can have taken effect and been answered like that. */
export const takenAs = (
  state: ModelState,
  { operation, times, answeredAt }: ModelCall,
  answer: Reply | undefined,
  isSame: IsSame = isSameReply,
): ReadonlyArray<Taken> =>
  times.flatMap((at) => {
    const { model, numbers } = state
    const before = { ...model, at }
    const own = operationIn(model, numbers, operation)
    const expected = expect(before, own)
    if (answer !== undefined && !isSame(answer, answeredAt, expected.reply, at)) return []
    const called = boundByCall(numbers, model, expected.model, operation)
    const bound = called && (answer === undefined ? called : boundBy(called, answer, expected.reply))
    if (bound === undefined) return []
    const isUnchanged = expected.model === before && bound === numbers
    const after = isUnchanged ? state : { model: expected.model, numbers: bound }
    return [{ operation: own, reply: expected.reply, at, before, after }]
  })

const keyOf = ({ model: { policy, at, ...things }, numbers }: ModelState): string => JSON.stringify([things, numbers])

/** `initial`: what there is before the first call, under the numbers it has there. */
export const modelSpec = (initial: Model, isSame?: IsSame): SequentialSpec<ModelState, ModelCall, Reply> => ({
  initial: { model: initial, numbers: sameNumbers(initial) },
  apply: (state, call, answer) => {
    const isUnsure = answer === undefined || answer._tag === "Unavailable"
    const carriedOut = takenAs(state, call, isUnsure ? undefined : answer, isSame).map(({ after }) => after)
    return distinct(answer?._tag === "Unavailable" ? [state, ...carriedOut] : carriedOut, keyOf)
  },
  key: keyOf,
  telling: modelTelling,
})
