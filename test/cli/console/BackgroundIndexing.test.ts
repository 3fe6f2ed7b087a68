/** The index behind the console's pages: taken in by one at a time, and by nobody while a page is made. */
import { Effect, Fiber, Latch } from "effect"
import { TestClock } from "effect/testing"
import { expect, it, onTestFinished } from "vitest"
import { backgroundIndexing } from "../../../src/cli/console/BackgroundIndexing.ts"
import { standingClock } from "../../support/StandingClock.ts"

const run = Effect.runPromise
const STEPS = 1e9

/** An index that is not done before the test is; says how far it is. */
const endless = () => {
  let size = 0
  let isOver = false
  onTestFinished(() => void (isOver = true))
  let catchUpCount = 0
  const catchUp = (_onProgress: unknown, between: Effect.Effect<void> = Effect.void) =>
    Effect.gen(function* () {
      catchUpCount++
      for (; size < STEPS && !isOver; size++) yield* between
      return size
    })
  return { index: { catchUp, size: Effect.sync(() => size) }, size: () => size, catchUpCount: () => catchUpCount }
}

const turns = (count: number) =>
  Effect.promise(async () => {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
  })

it("a page waits a moment for an index that has far to go, and is told how far it is", async () => {
  const { index, catchUpCount } = endless()
  const patient = backgroundIndexing(index)
  const both = Effect.gen(function* () {
    const asked = yield* Effect.forkChild(Effect.all([patient.size, patient.size], { concurrency: "unbounded" }))
    yield* turns(10)
    yield* TestClock.adjust("250 millis")
    return yield* Fiber.join(asked)
  })
  const [first, second] = await run(Effect.provide(both, standingClock))
  for (const size of [first, second]) {
    expect(size).toBeGreaterThan(0)
    expect(size).toBeLessThan(STEPS)
  }
  expect(catchUpCount()).toBe(1)
})

it("taking in rests while pages are made, and goes on behind the last of them", async () => {
  const { index, size } = endless()
  const patient = backgroundIndexing(index)
  await run(patient.size)
  const page = patient.whilePaused(
    Effect.gen(function* () {
      yield* turns(3)
      const before = size()
      yield* turns(50)
      return size() - before
    }),
  )
  expect(await run(Effect.all([page, page], { concurrency: "unbounded" }))).toEqual([0, 0])
  expect(await run(Effect.flip(patient.whilePaused(Effect.fail("a fault"))))).toBe("a fault")
  const before = size()
  await run(turns(10))
  expect(size()).toBeGreaterThan(before)
})

it("a single page stops it as well", async () => {
  const { index, size } = endless()
  const patient = backgroundIndexing(index)
  await run(patient.size)
  const page = Effect.gen(function* () {
    yield* turns(3)
    const before = size()
    yield* turns(50)
    return size() - before
  })
  expect(await run(patient.whilePaused(page))).toBe(0)
})

it("each page has what the log had when it came, with one reading for those that came together", async () => {
  let readCount = 0
  const gate = Latch.makeUnsafe(false)
  const catchUp = () =>
    Effect.as(
      Effect.andThen(
        Effect.sync(() => ++readCount),
        gate.await,
      ),
      undefined,
    )
  const patient = backgroundIndexing({
    catchUp: () => Effect.map(catchUp(), () => readCount),
    size: Effect.succeed(0),
  })
  const asked = Effect.gen(function* () {
    const first = yield* Effect.forkChild(patient.size)
    yield* turns(3)
    const others = yield* Effect.forkChild(Effect.all([patient.size, patient.size], { concurrency: "unbounded" }))
    yield* turns(3)
    yield* gate.open
    return [yield* Fiber.join(first), ...(yield* Fiber.join(others))]
  })
  expect(await run(Effect.provide(asked, standingClock))).toEqual([1, 2, 2])
  expect([await run(patient.size), await run(patient.size)]).toEqual([3, 4])
})

it("an index that is soon done is waited for, and its fault is the page's", async () => {
  const done = backgroundIndexing({ catchUp: () => Effect.succeed(7), size: Effect.succeed(0) })
  expect(await run(done.size)).toBe(7)
  const fault = { _tag: "StoreFault" } as never
  const broken = backgroundIndexing({ catchUp: () => Effect.fail(fault), size: Effect.succeed(0) })
  expect(await run(Effect.flip(broken.size))).toBe(fault)
  expect(await run(Effect.flip(broken.size))).toBe(fault)
})
