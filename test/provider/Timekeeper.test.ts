/** The rules of time: what a process may say now is, and when it may write it down. */
import { expect, test } from "vitest"
import { makeTimekeeper } from "../../src/provider/Timekeeper.ts"
import { START_MILLIS, manualClock } from "../support/ManualClock.ts"

const HOUR = 3600

const start = (notBefore = 0) => {
  const clock = manualClock()
  return {
    ...clock,
    ...makeTimekeeper(clock.clock, notBefore, clock.randomness.upMillis),
    since: () => clock.now() - START_MILLIS,
  }
}

test("time goes by with the wall clock", () => {
  const { now, fault, pass } = start()
  pass(10 * HOUR)
  expect(now()).toBe(START_MILLIS + 10 * HOUR * 1000)
  expect(fault()).toBeUndefined()
})

test("a wall clock that is corrected by up to five seconds is believed, and time does not run backwards", () => {
  const { now, fault, step, pass } = start()
  pass(100)
  step(-5)
  expect(fault()).toBeUndefined()
  expect(now()).toBeGreaterThanOrEqual(START_MILLIS + 95_000)
  const before = now()
  step(10)
  expect(fault()).toBeUndefined()
  expect(now()).toBeGreaterThanOrEqual(before)
})

test.each([-2 * HOUR, -6, 6, 2 * HOUR])(
  "a wall clock that jumps by %d seconds is not believed, and nothing is appended",
  (seconds) => {
    const { now, fault, step, pass } = start()
    pass(100)
    step(seconds)
    expect(now()).toBe(START_MILLIS + 100_000)
    expect(fault()).toBe(`this machine's clock jumped by ${seconds * 1000} ms: set it right, then restart the server`)
    pass(50)
    expect(now()).toBe(START_MILLIS + 150_000)
  },
)

test("a clock that is set right again is trusted again", () => {
  const { fault, step } = start()
  step(-2 * HOUR)
  expect(fault()).toBeDefined()
  step(2 * HOUR)
  expect(fault()).toBeUndefined()
})

test("a machine that slept has not jumped", () => {
  const { now, fault, suspend, pass } = start()
  suspend(8 * HOUR)
  pass(1)
  expect(fault()).toBeUndefined()
  expect(now()).toBe(START_MILLIS + (8 * HOUR + 1) * 1000)
})

test("a clock that steps back while the machine sleeps has jumped", () => {
  const { fault, suspend, step } = start()
  suspend(8 * HOUR)
  step(-2 * HOUR)
  expect(fault()).toMatch("clock jumped")
})

test("now is never said twice in the wrong order, whatever the clocks do", () => {
  const { now, step, pass, suspend } = start()
  let latest = now()
  for (const move of [
    () => step(-HOUR),
    () => pass(1),
    () => step(3 * HOUR),
    () => suspend(5),
    () => step(-3 * HOUR),
    () => pass(9),
  ]) {
    move()
    expect(now()).toBeGreaterThanOrEqual(latest)
    latest = now()
  }
})

test("a process that starts with a clock behind the log reads at the log's time and appends nothing", () => {
  const { now, fault, pass } = start(START_MILLIS + 60_000)
  expect(now()).toBe(START_MILLIS + 60_000)
  expect(fault()).toMatch(/clock is \d+ ms behind the newest entry/)
  pass(10)
  expect(now()).toBe(START_MILLIS + 70_000)
})

test("five seconds behind the log are forgiven", () => {
  expect(start(START_MILLIS + 5000).fault()).toBeUndefined()
})

test("after a sleep, a clock that then jumps is told how far, and time goes on from where it was", () => {
  const { now, fault, suspend, step, pass } = start()
  suspend(8 * HOUR)
  step(10)
  expect(fault()).toMatch(/jumped by 10000 ms/)
  expect(now()).toBe(START_MILLIS + 8 * HOUR * 1000)
  pass(HOUR)
  expect(now()).toBe(START_MILLIS + 9 * HOUR * 1000)
})
