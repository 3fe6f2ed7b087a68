/**
 * The clock that a provider is tried under: what it is given as `now`, and what `Date` says meanwhile, which is the same.
 *
 * Only `Date` without arguments and `Date.now` are faked, and only until it is disposed of. Timers are real, so that
 * waiting still works; whatever reads another clock shows by not following this one.
 */

export interface KitClock extends Disposable {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Whether time can be turned; else it passes by itself. */
  readonly isTurned: boolean
  readonly pass: (millis: number) => void
  /** Runs `body`, which may turn the clock as it likes, and puts the hands back to where they were. */
  readonly aside: <A>(body: () => Promise<A>) => Promise<A>
}

/** Where the next turned clock starts: time goes on for whoever keeps something from one to the other. */
let startMillis = Date.UTC(2033, 0, 1)

/** Fakes the global `Date` until it is disposed of. */
export const turnedClock = (): KitClock => {
  const RealDate = globalThis.Date
  let millis = startMillis
  const now = () => millis
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, input, newTarget): object =>
      Reflect.construct(target, input.length === 0 ? [millis] : input, newTarget) as object,
    apply: () => new RealDate(millis).toString(),
    get: (target, name, receiver) => (name === "now" ? now : (Reflect.get(target, name, receiver) as unknown)),
  })
  return {
    now,
    isTurned: true,
    pass: (passed) => {
      millis += passed
    },
    aside: async (body) => {
      const before = millis
      try {
        return await body()
      } finally {
        millis = before
      }
    },
    [Symbol.dispose]: () => {
      startMillis = millis
      globalThis.Date = RealDate
    },
  }
}

/** The time that it is, for who does not believe any other. */
export const realClock = (): KitClock => ({
  now: () => Date.now(),
  isTurned: false,
  pass: () => {},
  aside: (body) => body(),
  [Symbol.dispose]: () => {},
})

let last: Promise<unknown> = Promise.resolve()

/** Runs `body` when nobody else turns the global clock: one after the other, however many are started at once. */
export const alone = <A>(body: () => Promise<A>): Promise<A> => {
  const mine = last.then(body)
  last = mine.catch(() => {})
  return mine
}
