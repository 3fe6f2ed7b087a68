/** Times as people write them: one meaning each, or a refusal. */
import { Effect } from "effect"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { parseTime, showTime } from "../../../src/cli/audit/Times.ts"

const NOW = Date.UTC(2030, 0, 2)
const parsed = (text: string) => Effect.runPromise(parseTime(text, NOW))

describe("a time", () => {
  it.each([
    ["2030-01-01", "2030-01-01T00:00:00.000Z"],
    ["2030-01-01T10:30", "2030-01-01T10:30:00.000Z"],
    ["2030-01-01 10:30:15.5", "2030-01-01T10:30:15.500Z"],
    ["2030-01-01T10:30:00Z", "2030-01-01T10:30:00.000Z"],
    ["2030-01-01T10:30:00+02:00", "2030-01-01T08:30:00.000Z"],
    ["2030-01-01 10:30:15.123-01:30", "2030-01-01T12:00:15.123Z"],
    ["2030-01-01+02:00", "2029-12-31T22:00:00.000Z"],
    ["90m", "2030-01-01T22:30:00.000Z"],
    ["1d", "2030-01-01T00:00:00.000Z"],
    ["0s", "2030-01-02T00:00:00.000Z"],
  ])("%s is %s: UTC unless it says otherwise, or that long ago", async (text, iso) => {
    expect(new Date(await parsed(text)).toISOString()).toBe(iso)
    expect(showTime(false)(Date.parse(iso))).toBe(iso)
  })

  it.each([
    "yesterday",
    "",
    "2030-13-01",
    "2030-01-01T25:00",
    "5 m",
    "-1h",
    "1w",
    "2030",
    "in 90m",
    "90m ago",
    "on 2030-01-01",
    "2030-01-01!",
  ])("%j is refused with a sentence that shows one", async (text) => {
    await expect(parsed(text)).rejects.toThrow(/a time is like 2026-11-21T08:00:00Z, or 90m/)
  })

  it("without a zone is never one of this machine's", async () => {
    const parse = vi.spyOn(Date, "parse")
    onTestFinished(() => parse.mockRestore())
    await parsed("2030-01-01T10:30")
    expect(parse.mock.calls).toEqual([["2030-01-01T10:30Z"]])
  })

  it.each([
    [-330, "2030-01-02T05:30:00.000+05:30"],
    [210, "2030-01-01T20:30:00.000-03:30"],
    [0, "2030-01-02T00:00:00.000+00:00"],
  ])("is shown in this machine's zone, with how far that is from UTC: %i minutes", (offset, shown) => {
    const spy = vi.spyOn(Date.prototype, "getTimezoneOffset").mockReturnValue(offset)
    onTestFinished(() => spy.mockRestore())
    expect(showTime(true)(NOW)).toBe(shown)
  })
})
