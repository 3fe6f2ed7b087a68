/** `grantlog verify-proof` of what a witness cosigned: it says which witness that was, and when, to people and to programs. */
import { expect, it } from "vitest"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { growingLog } from "../support/GrowingLog.ts"
import { openWitness } from "../support/Witness.ts"

const MINUTE_MILLIS = 60_000

it("verify-proof says who cosigned the checkpoint, and when", async () => {
  using folder = temporaryFolder()
  const { store } = await growingLog(folder.at("grantlog.db"))
  const { verifierKey } = await grantlogJsonHere<{ readonly verifierKey: string }>(["checkpoint", ...store])
  await using witness = await openWitness("w.example")
  witness.trust(verifierKey)
  const key = ["--witness-key", witness.vkey]
  await grantlogJsonHere(["checkpoint", ...store, "--witness", witness.url, ...key])
  const path = folder.at("0.tlog-proof")
  expect((await grantlogHere(["prove", "0", "--out", path, ...store, ...key])).code).toBe(0)
  const verify = ["verify-proof", path, "--key", verifierKey, ...key]
  const { witnessedBy } = await grantlogJsonHere<{
    readonly witnessedBy: ReadonlyArray<{ readonly name: string; readonly at: number }>
  }>(verify)
  expect(witnessedBy).toEqual([{ name: "w.example", at: expect.any(Number) }])
  const { at } = witnessedBy[0]!
  expect(Math.abs(Date.now() - at)).toBeLessThan(MINUTE_MILLIS)
  const { code, stderr } = await grantlogHere(verify)
  expect([code, stderr]).toEqual([0, `the checkpoint was cosigned by w.example at ${new Date(at).toISOString()}\n`])
})
