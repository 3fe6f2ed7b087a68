/** What others wrote, as it stands in a sentence of ours. */
import { expect, test } from "vitest"
import { brief } from "../../src/client/ForeignText.ts"

test("what a server says is cut to what a person reads", () => {
  expect(brief("a".repeat(500))).toBe("a".repeat(500))
  expect(brief("a".repeat(501))).toBe(`${"a".repeat(499)}…`)
  expect(brief(" a\n b\t")).toBe("a b")
})
