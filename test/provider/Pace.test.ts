/** The rules of a pace: so many a minute under each key, a minute's worth at once, and nothing kept that is paid for. */
import { expect, test } from "vitest"
import { makePace } from "../../src/provider/Pace.ts"

test.each([1, 7, 60, 600, 997])("%i a minute go on at once, and then one for each part of a minute", (perMinute) => {
  const pace = makePace(perMinute)
  const taken = Array.from({ length: perMinute }, () => pace.take("a", 1000))
  expect(taken.every((wait) => wait === 0)).toBe(true)
  const wait = pace.take("a", 1000)
  expect(wait).toBeCloseTo(60_000 / perMinute)
  expect(pace.take("a", 1000 + wait / 2)).toBeGreaterThan(0)
  expect(pace.take("a", 1000 + wait)).toBe(0)
  expect(pace.take("a", 1000 + wait)).toBeGreaterThan(0)
})

test("the window is the one that is said", () => {
  const pace = makePace(2, 3_600_000)
  expect([pace.take("a", 0), pace.take("a", 0), pace.take("a", 0)]).toEqual([0, 0, 1_800_000])
  expect(pace.take("a", 1_800_000)).toBe(0)
})

test("what is refused is not counted", () => {
  const pace = makePace(1)
  expect(pace.take("a", 0)).toBe(0)
  for (let tries = 0; tries < 100; tries++) expect(pace.take("a", 59_999)).toBeCloseTo(1)
  expect(pace.take("a", 60_000)).toBe(0)
})

test("what did not happen is given back", () => {
  const pace = makePace(1)
  expect(pace.take("a", 0)).toBe(0)
  pace.giveBack("a")
  expect([pace.take("a", 0), pace.take("a", 0)]).toEqual([0, 60_000])
  pace.giveBack("nobody")
  expect(pace.take("nobody", 0)).toBe(0)
})

test("one key never waits for another", () => {
  const pace = makePace(1)
  for (let key = 0; key < 100_000; key++) expect(pace.take(`grant ${key}`, 0)).toBe(0)
})

test("a key is forgotten once it is paid for, and not before", () => {
  const pace = makePace(60)
  for (let key = 0; key < 1000; key++) pace.take(`grant ${key}`, 0)
  for (let count = 0; count < 60; count++) pace.take("busy", 500)
  expect(pace.keyCount()).toBe(1001)
  pace.take("last", 1000)
  expect(pace.keyCount()).toBe(2)
  expect(pace.take("busy", 1000)).toBeGreaterThan(0)
  pace.take("last", 60_500)
  expect(pace.keyCount()).toBe(1)
})

test("without a pace everything goes on", () => {
  const pace = makePace("off")
  for (let count = 0; count < 10_000; count++) expect(pace.take("a", 0)).toBe(0)
  expect(pace.keyCount()).toBe(0)
})
