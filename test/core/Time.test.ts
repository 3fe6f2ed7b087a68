/** Time: what is live, and when things end. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import {
  EpochMillis,
  Lifetimes,
  Millis,
  defaultLifetimes,
  endOf,
  expiry,
  isLive,
  momentOf,
} from "../../src/core/index.ts"
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

it("the default lifetimes are the documented ones, in seconds", () => {
  const inSeconds = Object.entries(defaultLifetimes).map(([name, millis]) => [name, millis / 1000])
  expect(Object.fromEntries(inSeconds)).toEqual({
    request: 600,
    code: 60,
    accessToken: 3600,
    refreshIdle: 2_592_000,
    grant: 31_536_000,
    retryWindow: 30,
  })
})

it("every lifetime is stated, and a whole number of milliseconds from 0 on", () => {
  const isLifetimes = Schema.is(Lifetimes)
  expect(isLifetimes(defaultLifetimes)).toBe(true)
  for (const name of Object.keys(defaultLifetimes)) {
    expect(isLifetimes({ ...defaultLifetimes, [name]: 0 })).toBe(true)
    for (const wrong of [undefined, -1, 0.5, Infinity, 8_640_000_000_000_001]) {
      expect(isLifetimes({ ...defaultLifetimes, [name]: wrong })).toBe(false)
    }
  }
})

it("whatever a clock says is a moment, the nearest that a date can say", () => {
  const isMoment = Schema.is(EpochMillis)
  for (const said of [0, 1.5, -1, 1e300, -1e300, Infinity, -Infinity, Number.NaN]) {
    expect(isMoment(momentOf(said)), String(said)).toBe(true)
  }
  expect([momentOf(1.9), momentOf(-1), momentOf(Infinity)]).toEqual([1, 0, 8_640_000_000_000_000])
})
