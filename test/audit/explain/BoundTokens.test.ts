/** What is said of tokens that are bound to a key, and that nothing is said of others. */
import { expect, it } from "vitest"
import { eventSentence } from "../../../src/audit/explain/EventLine.ts"
import { exampleOf } from "../../log/Examples.ts"

const JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

it.each(["AccessTokenIssued", "RefreshTokenIssued", "RefreshTokenRotated"] as const)(
  "the sentence of %s names the key, where there is one",
  (type) => {
    const event = { ...exampleOf(type), jkt: JKT } as Parameters<typeof eventSentence>[0]
    expect(eventSentence(event)).toMatch(/, bound to the key 0ZcOCORZ/)
    expect(eventSentence({ ...event, jkt: null } as typeof event)).not.toContain("bound")
  },
)
