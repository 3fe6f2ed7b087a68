/**
 * Histories of concurrent calls, and the sequential specification that is to explain them.
 *
 * A history is explained (linearizable) when its calls can be put in an order that keeps to real time, such that one
 * after the other they give every answer that was given: each call took effect at once, at some moment between its
 * invocation and its return. It knows nothing of what the calls do.
 */

export interface SequentialSpec<State, Call, Answer> {
  readonly initial: State
  /**
   * The states after `call` when it was answered like that: none when no state explains it, several when more than one
   * does. Without an answer (nobody saw it) every state that the call may lead to.
   */
  readonly apply: (state: State, call: Call, answer: Answer | undefined) => ReadonlyArray<State>
  /** The same for states from which everything goes on alike, and for no others. */
  readonly key: (state: State) => string
  readonly telling: Telling<State, Call, Answer>
}

/** How a history is told to a person. */
export interface Telling<State, Call, Answer> {
  readonly call: (call: Call) => string
  readonly answer: (answer: Answer, call: Call) => string
  /** What the specification would have answered. */
  readonly expected: (state: State, call: Call) => string
}

export interface Called<Call, Answer> {
  /** Who called: a thread, a client, a request. */
  readonly process: string
  readonly call: Call
  /** `undefined` while nobody knows the outcome: it may have taken effect, may yet, or may never. */
  readonly answer: Answer | undefined
  /** Where invocation and return stand among all invocations and returns; `Infinity` for what never returned. */
  readonly invokedAt: number
  readonly returnedAt: number
}

export type History<Call, Answer> = ReadonlyArray<Called<Call, Answer>>

/** What became of an attempt to explain; calls are named by their index in the history. */
export type Verdict<State> =
  /** One order for each part that was explained by itself. */
  | { readonly _tag: "Explained"; readonly orders: ReadonlyArray<ReadonlyArray<number>> }
  /** The longest prefix that can be ordered, the state after it, and the calls of which none can come next. */
  | {
      readonly _tag: "Unexplained"
      readonly prefix: ReadonlyArray<number>
      readonly state: State
      readonly stuck: ReadonlyArray<number>
    }
  /** The order says that `later` took effect after `earlier`, which was not called until `later` had returned. */
  | { readonly _tag: "OutOfTime"; readonly earlier: number; readonly later: number }
  /** The order leaves out a call that was answered, or has one twice. */
  | { readonly _tag: "Incomplete"; readonly call: number }
  /** The search was too long; nothing is known. */
  | { readonly _tag: "GivenUp"; readonly stateCount: number }

export const isPending = <Call, Answer>(called: Called<Call, Answer>): boolean => called.answer === undefined

/** One state for each key; the same state twice costs no key. */
export const distinct = <State>(states: ReadonlyArray<State>, key: (state: State) => string): ReadonlyArray<State> => {
  const different = [...new Set(states)]
  return different.length < 2 ? different : [...new Map(different.map((state) => [key(state), state])).values()]
}
