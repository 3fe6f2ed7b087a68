/** What one append may claim, and what it is told when it comes from a clock that is behind. */
import { expect, it } from "vitest"
import { makeMemoryLog } from "../../src/log/index.ts"
import { rowsByHand } from "./RowsByHand.ts"
import { appendOne, appending, at, signedOut, tally } from "./Samples.ts"

it("an append may claim several values, and whoever asks for one of them later gets none", async () => {
  const log = makeMemoryLog({ projection: tally, side: rowsByHand })
  const claims = ["one", "two", "three"].map((key) => ({ key, until: at(9) }))
  expect(await appendOne(log, appending(0, [signedOut("alice")], { claims }))).toMatchObject({ _tag: "Appended" })
  const late = [{ key: "four", until: at(9) }, ...claims.slice(2)]
  expect(await appendOne(log, appending(0, [signedOut("bob")], { claims: late }))).toEqual({
    _tag: "ClaimTaken",
    key: "three",
  })
})

it("who is told that a clock is behind is told by how much", async () => {
  const log = makeMemoryLog({ projection: tally, side: rowsByHand })
  await appendOne(log, appending(0, [signedOut("alice")], { at: at(5002) }))
  expect(await appendOne(log, appending(1, [signedOut("alice")], { at: at(1) }))).toEqual({
    _tag: "Rejected",
    reason: "clock",
    message: "this machine's clock is 5001 ms behind the newest entry of the log: set the clock",
  })
})
