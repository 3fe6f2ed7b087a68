/** What SQLite says by a number is a fault with a reason and a sentence, extended codes as those they extend. */
import { expect, it } from "vitest"
import type { StoreFault } from "../../../src/log/index.ts"
import { sqliteFault } from "../../../src/log/sql/Driver.ts"

const reasons: ReadonlyArray<readonly [code: number, reason: StoreFault["reason"]]> = [
  [5, "busy"],
  [6, "busy"],
  [8, "read-only"],
  [10, "disk"],
  [11, "corrupt"],
  [13, "full"],
  [14, "read-only"],
  [26, "not-a-log"],
  [1, "other"],
]

it.each(reasons)("code %i is %s, whatever extends it", (code, reason) => {
  const cause = new Error("as SQLite said it")
  for (const extension of [0, 1, 2, 17]) {
    const fault = sqliteFault(code | (extension << 8), cause)
    expect(fault).toMatchObject({ reason, cause })
    expect(fault.message).toMatch(/^[a-z].*[^.]$/)
  }
})

it("what has no code is nobody's reason, and keeps its cause", () => {
  expect(sqliteFault(undefined, "a defect")).toMatchObject({ reason: "other", cause: "a defect" })
})
