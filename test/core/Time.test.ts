/** Time: what is live, and when things end. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { EpochMillis, Millis, defaultLifetimes, endOf, expiry, isLive } from "../../src/core/index.ts"
import { at, minutes } from "./support/Facts.ts"

it("a thing is live until it expires, and not at that instant", () => {
  expect(isLive(at(1, -1), at(1))).toBe(true)
  expect(isLive(at(1), at(1))).toBe(false)
  expect(isLive(at(1, 1), at(1))).toBe(false)
})

it("a lifetime of 0 is no life, not an endless one", () => {
  expect(isLive(at(0), expiry(at(0), minutes(0), at(60)))).toBe(false)
})

it("a thing ends with its lifetime or with what is above it, whichever is first", () => {
  expect(expiry(at(0), minutes(10), at(60))).toBe(at(10))
  expect(expiry(at(55), minutes(10), at(60))).toBe(at(60))
  expect(expiry(at(50), minutes(10), at(60))).toBe(at(60))
  expect(endOf(at(0), minutes(10))).toBe(at(10))
})

it("no end lies beyond what a date can say", () => {
  const last = EpochMillis.make(8_640_000_000_000_000)
  expect(endOf(last, Millis.make(8_640_000_000_000_000))).toBe(last)
  expect(new Date(last).getTime()).toBe(last)
  expect(Schema.is(EpochMillis)(last + 1)).toBe(false)
})

it("a time is an integer of milliseconds from 1970 on", () => {
  expect([-1, 0.5, Number.NaN, Infinity].some((time) => Schema.is(EpochMillis)(time))).toBe(false)
  expect(Schema.is(EpochMillis)(0)).toBe(true)
})

it("every default lifetime is finite, and a lost reply can be asked for while its access token lives", () => {
  expect(Object.values(defaultLifetimes).every((lifetime) => lifetime > 0 && Number.isFinite(lifetime))).toBe(true)
  expect(defaultLifetimes.retryWindow).toBeLessThan(defaultLifetimes.accessToken)
  expect(defaultLifetimes.code).toBeLessThanOrEqual(600_000)
})
