/** When a device asks again: as the server says, and never for ever. */
import { expect, test } from "vitest"
import { afterAnswer, nextWait, startPolling, type Polling } from "../../../src/client/authorization/DevicePolling.ts"

const NOW = 1_000_000
const seconds = (polling: Polling, now = NOW) => {
  const millis = nextWait(polling, now)
  return millis === undefined ? undefined : millis / 1000
}
const tooFast = (polling: Polling) => afterAnswer(polling, { _tag: "TooFast" })
const lost = (polling: Polling, retryAfterSeconds?: number) =>
  afterAnswer(polling, { _tag: "Unreachable", retryAfterSeconds })

test.each([
  [undefined, 5],
  [5, 5],
  [30, 30],
  [0, 1],
  [-7, 1],
  [1.5, 1.5],
])("RFC8628-3.5-polling: at an interval of %s it waits %d seconds", (interval, expected) => {
  expect(seconds(startPolling(NOW, interval, 600))).toBe(expected)
})

test("RFC8628-3.5-polling: at each slow_down it waits five seconds more, for good", () => {
  const slower = tooFast(tooFast(startPolling(NOW, 5, 600)))
  expect(seconds(slower)).toBe(15)
  expect(seconds(afterAnswer(slower, { _tag: "Pending" }))).toBe(15)
})

test("a server that cannot be reached is left alone for twice as long each time, at most a minute, until it answers", () => {
  let polling = startPolling(NOW, 5, 600)
  const waits = Array.from({ length: 6 }, () => seconds((polling = lost(polling))))
  expect(waits).toEqual([10, 20, 40, 60, 60, 60])
  expect(seconds(afterAnswer(polling, { _tag: "Pending" }))).toBe(5)
  expect(seconds(tooFast(polling))).toBe(10)
  expect(seconds(lost(startPolling(NOW, 90, 600)))).toBe(90)
})

test("a server that says how long it is away is left alone for that long, once", () => {
  const away = lost(startPolling(NOW, 5, 600), 120)
  expect(seconds(away)).toBe(120)
  expect(seconds(lost(away))).toBe(20)
  expect(seconds(afterAnswer(away, { _tag: "Pending" }))).toBe(5)
})

test("the last question is at the end of the code, however long the interval is, and none comes after it", () => {
  const polling = startPolling(NOW, 1e12, 600)
  expect(seconds(polling)).toBe(600)
  expect(seconds(polling, NOW + 599_000)).toBe(1)
  expect(seconds(polling, NOW + 600_000)).toBeUndefined()
})

test.each([
  [undefined, 600],
  [0, 600],
  [-1, 600],
  [1800, 1800],
  [1e15, 86_400],
])("a code that lives %s seconds is waited for %d", (life, expected) => {
  expect(startPolling(NOW, 5, life).until).toBe(NOW + expected * 1000)
})
