/** The forget ledger: nothing that was noted is lost, whatever a crash left of the last line. */
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { EpochMillis, SubjectId } from "../../src/core/index.ts"
import { forgetLedger } from "../../src/provider/index.ts"
import { temporaryFolder } from "../support/TestServer.ts"

const alice = "sub_alice" as SubjectId
const bob = "sub_bob" as SubjectId
const at = 1_893_456_000_000 as EpochMillis

const places = () => {
  const folder = temporaryFolder()
  return [join(folder, "grantlog.db.forgotten"), join(folder, "elsewhere.forgotten")] as const
}

describe("a forget ledger", () => {
  it("knows nobody before anybody was noted", () => {
    expect(forgetLedger(places()).read()).toEqual([])
  })

  it("says of everybody who was noted whether all of it is done", () => {
    const [path] = places()
    const ledger = forgetLedger([path])
    ledger.intend(alice, at)
    ledger.intend(bob, at)
    ledger.finish(bob, at)
    ledger.intend(bob, at)
    expect(forgetLedger([path]).read()).toEqual([
      { subjectId: alice, isFinished: false },
      { subjectId: bob, isFinished: true },
    ])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, "utf8").split("\n")[0]).toBe(`{"subjectId":"sub_alice","forgottenAt":${at}}`)
  })

  it("is in every place, and any one of them is enough", () => {
    const [path, copy] = places()
    forgetLedger([path, copy]).intend(alice, at)
    expect(readFileSync(copy, "utf8")).toBe(readFileSync(path, "utf8"))
    rmSync(path)
    expect(forgetLedger([path, copy]).read()).toEqual([{ subjectId: alice, isFinished: false }])
  })

  it("takes a line that was cut off for none, and goes on behind it", () => {
    const [path] = places()
    const ledger = forgetLedger([path])
    ledger.intend(alice, at)
    appendFileSync(path, '{"subjectId":"sub_b')
    expect(ledger.read()).toEqual([{ subjectId: alice, isFinished: false }])
    ledger.intend(bob, at)
    expect(ledger.read().map(({ subjectId }) => subjectId)).toEqual([alice, bob])
  })

  it("is refused when a line was changed", () => {
    const [path] = places()
    writeFileSync(path, '{"subjectId":"alice","forgottenAt":1}\n')
    expect(() => forgetLedger([path]).read()).toThrow(/^line 1 of the forget ledger .* is damaged/)
    writeFileSync(path, "nonsense\n")
    expect(() => forgetLedger([path]).read()).toThrow(/is damaged/)
  })

  it("that cannot be written says so", () => {
    const path = join(temporaryFolder(), "no", "ledger")
    expect(() => forgetLedger([path]).intend(alice, at)).toThrow(/cannot be written \(ENOENT\)/)
  })
})
