/** What a check of a row promises: it holds while the row says what was read in it, and fails from then on. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Row, RowCheck } from "../../src/log/index.ts"
import type { OpenEmpty } from "./LogSuite.ts"
import { append, appendOne, appending, disabled, fill, signedOut, tallyTable, type TestStore } from "./Samples.ts"

const rowOf = async (log: TestStore, stream: string): Promise<Row> =>
  (await Effect.runPromise(log.rows.tally(stream))) as Row

export const rowCheckRules = (openEmpty: OpenEmpty): void => {
  describe("a check of a row", () => {
    const key = ["subject-sub_x-0"]
    const checking = (has: Row): ReadonlyArray<RowCheck> => [{ table: tallyTable, key, has }]
    const failed = { _tag: "RowCheckFailed", table: "tally" }

    it("holds while each of its columns is what was read, be that some of them or all", async () => {
      const log = openEmpty()
      await fill(log, "x", 1)
      const row = await rowOf(log, key[0]!)
      for (const [version, has] of [row, { entry_count: 1 }, {}].entries()) {
        const one = appending(version, [signedOut("alice", version)], { rowChecks: checking(has) })
        expect(await appendOne(log, one)).toMatchObject({ _tag: "Appended", version: version + 1 })
      }
    })

    it("fails where one column is another, or the row is gone, and nothing is written", async () => {
      const log = openEmpty()
      await fill(log, "x", 1)
      const row = await rowOf(log, key[0]!)
      for (const has of [{ ...row, entry_count: 2 }, { entry_count: null }]) {
        expect(await appendOne(log, appending(0, [signedOut("alice")], { rowChecks: checking(has) }))).toEqual(failed)
      }
      const gone = [{ table: tallyTable, key: ["subject-sub_nobody"], has: {} }]
      expect(await appendOne(log, appending(0, [signedOut("alice")], { rowChecks: gone }))).toEqual(failed)
      const both = [...checking(row), ...gone]
      expect(await appendOne(log, appending(0, [signedOut("alice")], { rowChecks: both }))).toEqual(failed)
      expect(await Effect.runPromise(log.head)).toMatchObject({ size: 1 })
    })

    it("fails on what an append before it in the same batch did", async () => {
      const log = openEmpty()
      await fill(log, "x", 1)
      const rowChecks = checking(await rowOf(log, key[0]!))
      const outcomes = await append(
        log,
        appending(1, [disabled("x-0")]),
        appending(0, [signedOut("alice")], { rowChecks }),
        appending(0, [signedOut("bob")]),
      )
      expect(outcomes.map((outcome) => outcome._tag)).toEqual(["Appended", "RowCheckFailed", "Appended"])
    })
  })
}
