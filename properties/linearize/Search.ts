/**
 * Searching for an order that explains a history: the algorithm of Wing and Gong, with Lowe's memory of what was tried.
 *
 * Any call that was invoked before the first unexplained return may come next. What led nowhere is remembered as the set
 * of calls already placed and the state they led to, so no such pair is looked at twice. Calls that touch different
 * things commute, so a history may be taken apart and each part explained by itself; a call that touches everything
 * belongs to every part. Then a part without explanation is a fault of the whole; but that all parts have one does not
 * prove that one order of the calls they share serves them all.
 */
import { isPending, type History, type SequentialSpec, type Verdict } from "./History.ts"

export interface SearchOptions<Call, Answer> {
  /** The part that each call of the history belongs to, `undefined` for every part. Default one part. */
  readonly partition?: (history: History<Call, Answer>) => ReadonlyArray<string | undefined>
  /** How many pairs of placed calls and state are looked at before giving up. */
  readonly maxStates?: number
}

const MAX_STATES = 1_000_000

export const linearize = <State, Call, Answer>(
  spec: SequentialSpec<State, Call, Answer>,
  history: History<Call, Answer>,
  { partition, maxStates = MAX_STATES }: SearchOptions<Call, Answer> = {},
): Verdict<State> => {
  const parts = partition?.(history) ?? history.map(() => "all")
  const names = [...new Set(parts.filter((part) => part !== undefined))]
  const orders: Array<ReadonlyArray<number>> = []
  for (const name of names.length === 0 ? [undefined] : names) {
    const indices = [...history.keys()].filter((index) => parts[index] === undefined || parts[index] === name)
    const verdict = explain(spec, history, indices, maxStates)
    if (verdict._tag !== "Explained") return verdict
    orders.push(...verdict.orders)
  }
  return { _tag: "Explained", orders }
}

/** A place in the search: the calls placed so far, where they led, and what may come next. */
interface Frame<State> {
  readonly placed: bigint
  readonly state: State
  /** The call that led here; none at the start. */
  readonly call: number | undefined
  readonly candidates: ReadonlyArray<number>
  /** Places after this one, each worked out when it is its turn. */
  readonly next: Iterator<readonly [call: number, state: State]>
}

const explain = <State, Call, Answer>(
  spec: SequentialSpec<State, Call, Answer>,
  history: History<Call, Answer>,
  indices: ReadonlyArray<number>,
  maxStates: number,
): Verdict<State> => {
  const calls = indices.toSorted((left, right) => history[left]!.invokedAt - history[right]!.invokedAt)
  const bits = calls.map((_, place) => 1n << BigInt(place))
  const answered = calls.reduce((set, index, place) => (isPending(history[index]!) ? set : set | bits[place]!), 0n)
  /** The states that led nowhere, by the calls placed. */
  const dead = new Map<bigint, Set<string>>()
  let stateCount = 0

  /** Calls that may be the next one: invoked before any of those that are left has returned; answered ones first. */
  const candidatesAt = (placed: bigint): ReadonlyArray<number> => {
    const possible: Array<number> = []
    let firstReturn = Infinity
    for (const [place, index] of calls.entries()) {
      if ((placed & bits[place]!) !== 0n) continue
      const { invokedAt, returnedAt } = history[index]!
      if (invokedAt > firstReturn) break
      possible.push(place)
      firstReturn = Math.min(firstReturn, returnedAt)
    }
    const isUnknown = (place: number) => Number(isPending(history[calls[place]!]!))
    return possible.toSorted((left, right) => isUnknown(left) - isUnknown(right))
  }

  function* after(state: State, candidates: ReadonlyArray<number>) {
    for (const place of candidates) {
      const { call, answer } = history[calls[place]!]!
      for (const led of spec.apply(state, call, answer)) yield [place, led] as const
    }
  }
  const frameOf = (placed: bigint, state: State, call: number | undefined): Frame<State> => {
    const candidates = candidatesAt(placed)
    return { placed, state, call, candidates, next: after(state, candidates) }
  }

  const path = [frameOf(0n, spec.initial, undefined)]
  let deepest = path.slice()
  while (path.length > 0) {
    const frame = path.at(-1)!
    if ((frame.placed & answered) === answered) return { _tag: "Explained", orders: [orderOf(path, calls)] }
    const step = frame.next.next()
    if (step.done === true) {
      const states = dead.get(frame.placed) ?? new Set()
      dead.set(frame.placed, states.add(spec.key(frame.state)))
      path.pop()
      continue
    }
    const [place, state] = step.value
    const placed = frame.placed | bits[place]!
    if (dead.get(placed)?.has(spec.key(state)) === true) continue
    stateCount += 1
    if (stateCount > maxStates) return { _tag: "GivenUp", stateCount }
    path.push(frameOf(placed, state, place))
    if (path.length > deepest.length) deepest = path.slice()
  }
  const { state, candidates } = deepest.at(-1)!
  const stuck = candidates.map((place) => calls[place]!).filter((index) => !isPending(history[index]!))
  return { _tag: "Unexplained", prefix: orderOf(deepest, calls), state, stuck }
}

const orderOf = <State>(path: ReadonlyArray<Frame<State>>, calls: ReadonlyArray<number>): ReadonlyArray<number> =>
  path.flatMap(({ call }) => (call === undefined ? [] : [calls[call]!]))
