/** Times as people write them: one meaning each, or a refusal. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
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
    ["90m", "2030-01-01T22:30:00.000Z"],
    ["1d", "2030-01-01T00:00:00.000Z"],
    ["0s", "2030-01-02T00:00:00.000Z"],
  ])("%s is %s: UTC unless it says otherwise, or that long ago", async (text, iso) => {
    expect(new Date(await parsed(text)).toISOString()).toBe(iso)
    expect(showTime(false)(Date.parse(iso))).toBe(iso)
  })

  it.each(["yesterday", "", "2030-13-01", "2030-01-01T25:00", "5 m", "-1h", "1w", "2030"])(
    "%j is refused with a sentence that shows one",
    async (text) => {
      await expect(parsed(text)).rejects.toThrow(/a time is like 2026-11-21T08:00:00Z, or 90m/)
    },
  )
})
