/** `grantlog verify` of a log of which an entry is missing: what is wrong comes first, and nothing is said to be covered. */
import { DatabaseSync } from "node:sqlite"
import { expect, it } from "vitest"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { growingLog } from "../support/GrowingLog.ts"

it("verify says what is wrong in place of how far checkpoints reach", async () => {
  using folder = temporaryFolder()
  const { file, store, grow } = await growingLog(folder.at("grantlog.db"))
  await grow(2)
  const { size } = await grantlogJsonHere<{ readonly size: number }>(["checkpoint", ...store])
  using database = new DatabaseSync(file)
  database.exec("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)")
  const { code, stdout, stderr } = await grantlogHere(["verify", ...store])
  const missing = `the log has ${size - 1} entries, a checkpoint ${size}: entry ${size - 1} and what came after it is missing`
  const lines = stdout.trimEnd().split("\n")
  const wrong = lines.filter((line) => line.startsWith("WRONG  "))
  expect([code, wrong[0], stderr]).toEqual([1, `WRONG  ${missing}`, `grantlog: ${missing}\n`])
  expect(lines.slice(wrong.length)).toEqual([
    expect.stringMatching(/^\d+ entries in \d+ streams, \d+ rows, \d+ checkpoints$/),
    expect.stringMatching(/^root [\w-]{43}$/),
    expect.stringMatching(/^not covered, for it is beside the log: /),
  ])
})
