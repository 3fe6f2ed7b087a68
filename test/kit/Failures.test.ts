/** What a check says of itself where it cannot be relied on: which call hung, beside the verdicts that it came to. */
import { setImmediate } from "node:timers/promises"
import { expect, it } from "vitest"
import { call } from "../../properties/kit/provider/Calls.ts"
import { checkProvider, isKept, renderStories } from "../../properties/index.ts"
import { correctSql } from "../examples/providers/correctSql.ts"
import { hangs } from "../examples/providers/unruly.ts"
import { UNHURRIED_MILLIS } from "./StillTime.ts"

it("a call that hangs is broken, and named as what the check failed by", async () => {
  const report = await checkProvider(hangs, { budgetMillis: UNHURRIED_MILLIS, only: ["EveryCallIsAnswered"] })
  expect(report.failure).toBe("`revokeToken` of the provider did not answer within 5 s")
  expect(report.results.map(({ verdict }) => verdict)).toEqual(["broken"])
  expect(renderStories(report).join()).toContain("revokeToken: no answer within ")
  expect(isKept(report)).toBe(false)
})

it("who can be checked without a hang has no failure", async () => {
  const options = { budgetMillis: UNHURRIED_MILLIS, only: ["CodeIsSingleUse"], path: "trial:code-twice" }
  const report = await checkProvider(correctSql, options)
  expect(report).not.toHaveProperty("failure")
  expect(isKept(report)).toBe(true)
})

it("a call is not blamed for how long the process around it stood still", async () => {
  const patienceMillis = 20
  const answered = call(
    "verifyToken",
    async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * patienceMillis)
      // Whoever would end it has its turn between the two.
      await setImmediate()
      return setImmediate("the answer")
    },
    patienceMillis,
  )
  expect(await answered).toBe("the answer")
})
