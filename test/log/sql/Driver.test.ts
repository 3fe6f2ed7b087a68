/** What SQLite says by a number is a fault with a reason and a sentence, extended codes as those they extend. */
import { expect, it, vi } from "vitest"
import { openNodeSqlite, type StoreFault } from "../../../src/log/index.ts"
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

it.each<readonly [string, unknown]>([
  ["no SQLite", undefined],
  ["one that cannot give a row as values", { StatementSync: class {} }],
])("a Node that has %s is told when a file is opened, and which one is needed", (_, sqlite) => {
  using builtin = vi.spyOn(process, "getBuiltinModule").mockReturnValue(sqlite as never)
  const sentence = /^a file is opened by the SQLite of Node 22\.16 or newer, and this is \d+\.\d+\.\d+: .*[^.]$/
  expect(() => openNodeSqlite(":memory:")).toThrow(
    expect.objectContaining({ _tag: "StoreFault", reason: "other", message: expect.stringMatching(sentence) }),
  )
  expect(builtin).toHaveBeenCalledWith("node:sqlite")
})
