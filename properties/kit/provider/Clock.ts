/**
 * The clock that a provider is tried under: what it is given as `now`, and what `Date` says meanwhile, which is the same.
 *
 * Only `Date` without arguments and `Date.now` are faked, and only until it is disposed of. Timers are real, so that
 * waiting still works; whatever reads another clock shows by not following this one.
 */
import { AsyncLocalStorage } from "node:async_hooks"

export interface KitClock extends Disposable {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Whether time can be turned; else it passes by itself. */
  readonly isTurned: boolean
  readonly pass: (millis: number) => void
  /** Runs `body`, which may turn the clock as it likes, and puts the hands back to where they were. */
  readonly aside: <A>(body: () => Promise<A>) => Promise<A>
  /** Runs `body` and whatever it calls under a clock of its own, which starts where this one is. */
  readonly apart: <A>(body: (own: KitClock) => Promise<A>) => Promise<A>
}

const SECOND_MILLIS = 1000

/** Where the next turned clock starts: time goes on for whoever keeps something from one to the other. */
let startMillis = Date.UTC(2033, 0, 1)
/** At a whole second: what is said of the next provider must not hang on where one before it left the clock. */
const goOnFrom = (millis: number): void => {
  startMillis = Math.max(startMillis, Math.ceil(millis / SECOND_MILLIS) * SECOND_MILLIS)
}

interface Hands {
  millis: number
}

/** The hands that somebody goes by, where they are not everybody's. */
const own = new AsyncLocalStorage<Hands>()

const clockOf = (hands: Hands): KitClock => ({
  now: () => hands.millis,
  isTurned: true,
  pass: (passed) => {
    hands.millis += passed
  },
  aside: async (body) => {
    const before = hands.millis
    try {
      return await body()
    } finally {
      hands.millis = before
    }
  },
  apart: (body) => {
    const theirs = { millis: hands.millis }
    return own.run(theirs, () => body(clockOf(theirs))).finally(() => goOnFrom(theirs.millis))
  },
  [Symbol.dispose]: () => {},
})

/** Fakes the global `Date` until it is disposed of. */
export const turnedClock = (): KitClock => {
  const RealDate = globalThis.Date
  const hands = { millis: startMillis }
  const now = () => (own.getStore() ?? hands).millis
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, input, newTarget): object =>
      Reflect.construct(target, input.length === 0 ? [now()] : input, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === "now" ? now : (Reflect.get(target, name, receiver) as unknown)),
  })
  return {
    ...clockOf(hands),
    [Symbol.dispose]: () => {
      goOnFrom(hands.millis)
      globalThis.Date = RealDate
    },
  }
}

/** The time that it is, for who does not believe any other. */
export const realClock = (): KitClock => {
  const clock: KitClock = {
    now: () => Date.now(),
    isTurned: false,
    pass: () => {},
    aside: (body) => body(),
    apart: (body) => body(clock),
    [Symbol.dispose]: () => {},
  }
  return clock
}

let last: Promise<unknown> = Promise.resolve()

/** Runs `body` when nobody else turns the global clock: one after the other, however many are started at once. */
export const alone = <A>(body: () => Promise<A>): Promise<A> => {
  const mine = last.then(body)
  last = mine.catch(() => {})
  return mine
}
