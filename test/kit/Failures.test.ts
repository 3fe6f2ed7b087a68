/** What a check says of itself where it cannot be relied on: which call hung, beside the verdicts that it came to. */
import { expect, it } from "vitest"
import { checkProvider, isKept, renderStories } from "../../properties/index.ts"
import { correctSql } from "../examples/providers/correctSql.ts"
import { hangs } from "../examples/providers/unruly.ts"

const TIMEOUT_MILLIS = 60_000

it("a call that hangs is broken, and named as what the check failed by", { timeout: TIMEOUT_MILLIS }, async () => {
  const report = await checkProvider(hangs, { budgetMillis: TIMEOUT_MILLIS, only: ["EveryCallIsAnswered"] })
  expect(report.failure).toBe("`revokeToken` of the provider did not answer within 5 s")
  expect(report.results.map(({ verdict }) => verdict)).toEqual(["broken"])
  expect(renderStories(report).join()).toContain("revokeToken: no answer within ")
  expect(isKept(report)).toBe(false)
})

it("who can be checked without a hang has no failure", { timeout: TIMEOUT_MILLIS }, async () => {
  const report = await checkProvider(correctSql, { only: ["CodeIsSingleUse"], path: "trial:code-twice" })
  expect(report).not.toHaveProperty("failure")
  expect(isKept(report)).toBe(true)
})
