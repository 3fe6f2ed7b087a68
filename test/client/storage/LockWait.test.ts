/** How long and how often a lock is asked for that somebody else holds. No test here waits: pauses are only counted. */
import timers from "node:timers/promises"
import { expect, it } from "vitest"
import { waitForLock } from "../../../src/client/storage/LockWait.ts"
import { standIn } from "../support/StandIn.ts"

/** Every pause that is asked for, and none that is made. */
const pausesOf = () => {
  const pauses: Array<number> = []
  const count = async (millis?: number) => {
    pauses.push(millis!)
    if (pauses.length > 10_000) throw new Error("this would go on for ever")
  }
  standIn(timers, "setTimeout", () => count as typeof timers.setTimeout)
  return pauses
}

it("what is there at once is not waited for", async () => {
  const pauses = pausesOf()
  expect(await waitForLock("a", async () => "found")).toBe("found")
  expect(pauses).toEqual([])
})

it("asks again less and less often, until it is given something", async () => {
  const pauses = pausesOf()
  expect(await waitForLock("a", async () => (pauses.length < 7 ? undefined : pauses.length))).toBe(7)
  expect(pauses).toEqual([5, 10, 20, 40, 80, 80, 80])
})

it("is over after a minute and a half, and says whose lock it was and what can be done", async () => {
  const pauses = pausesOf()
  await expect(waitForLock("the-name", async () => undefined)).rejects.toMatchObject({
    _tag: "StorageError",
    code: "lock_timeout",
    message: "somebody else has held the lock of `the-name` for more than 90 seconds: end that process, or wait",
  })
  const waitedMillis = pauses.reduce((sum, pause) => sum + pause, 0)
  expect(Math.round(waitedMillis / 1000)).toBe(90)
})
