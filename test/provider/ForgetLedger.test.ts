/** The forget ledger: nothing that was noted is lost, whatever a crash left of the last line. */
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { EpochMillis, SubjectId } from "../../src/core/index.ts"
import { memoryPlace } from "../../src/log/index.ts"
import { forgetLedger, forgottenTable } from "../../src/provider/index.ts"
import { latePlace } from "../support/LateStore.ts"
import { temporaryFolder } from "../support/TestServer.ts"

const run = Effect.runPromise
const alice = "sub_alice" as SubjectId
const bob = "sub_bob" as SubjectId
const at = 1_893_456_000_000 as EpochMillis

const places = () => {
  const folder = temporaryFolder()
  return [join(folder, "grantlog.db.forgotten"), join(folder, "elsewhere.forgotten")] as const
}

describe("a forget ledger", () => {
  it("knows nobody before anybody was noted", async () => {
    expect(await run(forgetLedger(places()).read)).toEqual([])
  })

  it("says of everybody who was noted whether all of it is done", async () => {
    const [path] = places()
    const ledger = forgetLedger([path])
    await run(ledger.intend(alice, at))
    await run(ledger.intend(bob, at))
    await run(ledger.finish(bob, at))
    await run(ledger.intend(bob, at))
    expect(await run(forgetLedger([path]).read)).toEqual([
      { subjectId: alice, isFinished: false },
      { subjectId: bob, isFinished: true },
    ])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, "utf8").split("\n")[0]).toBe(`{"subjectId":"sub_alice","forgottenAt":${at}}`)
  })

  it("is in every place, and any one of them is enough", async () => {
    const [path, copy] = places()
    await run(forgetLedger([path, copy]).intend(alice, at))
    expect(readFileSync(copy, "utf8")).toBe(readFileSync(path, "utf8"))
    rmSync(path)
    expect(await run(forgetLedger([path, copy]).read)).toEqual([{ subjectId: alice, isFinished: false }])
  })

  it("takes a line that was cut off for none, and goes on behind it", async () => {
    const [path] = places()
    const ledger = forgetLedger([path])
    await run(ledger.intend(alice, at))
    appendFileSync(path, '{"subjectId":"sub_b')
    expect(await run(ledger.read)).toEqual([{ subjectId: alice, isFinished: false }])
    await run(ledger.intend(bob, at))
    expect((await run(ledger.read)).map(({ subjectId }) => subjectId)).toEqual([alice, bob])
  })

  it("is refused when a line was changed", async () => {
    const [path] = places()
    writeFileSync(path, '{"subjectId":"alice","forgottenAt":1}\n')
    await expect(run(forgetLedger([path]).read)).rejects.toThrow(/^line 1 of the forget ledger .* is damaged/)
    writeFileSync(path, "nonsense\n")
    await expect(run(forgetLedger([path]).read)).rejects.toThrow(/is damaged/)
  })

  it("that cannot be written says so", async () => {
    const path = join(temporaryFolder(), "no", "ledger")
    await expect(run(forgetLedger([path]).intend(alice, at))).rejects.toThrow(/cannot be written \(ENOENT\)/)
  })
})

describe("a line of the ledger", () => {
  it("says when somebody was to be forgotten, and when all of it was done, each on a line of its own", async () => {
    const [path] = places()
    const ledger = forgetLedger([path])
    await run(ledger.intend(alice, at))
    await run(ledger.finish(alice, (at + 1) as EpochMillis))
    expect(readFileSync(path, "utf8")).toBe(
      `{"subjectId":"sub_alice","forgottenAt":${at}}\n{"subjectId":"sub_alice","finishedAt":${at + 1}}\n`,
    )
    expect(await run(ledger.read)).toEqual([{ subjectId: alice, isFinished: true }])
  })

  it("is begun anew behind one that was cut off, which stays unread", async () => {
    const [path] = places()
    const ledger = forgetLedger([path])
    writeFileSync(path, '{"subjectId":"sub_b')
    await run(ledger.intend(alice, at))
    expect(readFileSync(path, "utf8")).toBe(`{"subjectId":"sub_b\n{"subjectId":"sub_alice","forgottenAt":${at}}\n`)
    expect(await run(ledger.read)).toEqual([{ subjectId: alice, isFinished: false }])
  })

  it("is damaged when it is whole and says something else, whatever line it is", async () => {
    const [path, copy] = places()
    const ledger = forgetLedger([path, copy])
    await run(ledger.intend(alice, at))
    appendFileSync(copy, '{"subjectId":"sub_bob","forgottenAt":"now"}\n')
    await expect(run(ledger.read)).rejects.toThrow(
      `line 2 of the forget ledger \`${copy}\` is damaged: put back a copy of the file`,
    )
  })

  it("counts as done in every place when it is done in one", async () => {
    const [path, copy] = places()
    await run(forgetLedger([path]).intend(alice, at))
    await run(forgetLedger([copy]).intend(alice, at))
    await run(forgetLedger([copy]).finish(alice, at))
    expect(await run(forgetLedger([path, copy]).read)).toEqual([{ subjectId: alice, isFinished: true }])
    expect(await run(forgetLedger([copy, path]).read)).toEqual([{ subjectId: alice, isFinished: true }])
    expect(await run(forgetLedger([path]).read)).toEqual([{ subjectId: alice, isFinished: false }])
  })

  it("is written in every place or refused, and a ledger that cannot be read says so", async () => {
    const [path] = places()
    const folder = temporaryFolder()
    await expect(run(forgetLedger([path, join(folder, "no", "copy")]).intend(alice, at))).rejects.toThrow(
      /cannot be written/,
    )
    await expect(run(forgetLedger([folder]).read)).rejects.toThrow(
      `the forget ledger \`${folder}\` cannot be read (EISDIR): make it readable`,
    )
    await expect(run(forgetLedger([folder]).intend(alice, at))).rejects.toThrow(/cannot be read \(EISDIR\)/)
  })
})

describe("a ledger in rows, which several instances share", () => {
  it("says what a ledger in a file says, beside one as well", async () => {
    const [place, path] = [latePlace(memoryPlace(forgottenTable)), places()[0]]
    const [one, other] = [forgetLedger([place]), forgetLedger([place, path])]
    expect(await run(one.read)).toEqual([])
    await Promise.all([
      run(one.intend(bob, at)),
      run(other.intend(bob, at)),
      run(other.intend(alice, (at - 1) as EpochMillis)),
    ])
    await Promise.all([run(one.finish(bob, at)), run(other.intend(bob, (at + 1) as EpochMillis))])
    expect(await run(one.read)).toEqual([
      { subjectId: alice, isFinished: false },
      { subjectId: bob, isFinished: true },
    ])
    expect(await run(forgetLedger([path]).read)).toHaveLength(2)
    expect(await run(place.get([bob]))).toMatchObject({ forgotten_at: at, finished_at: at })
  })

  it("is refused when a row was changed", async () => {
    const place = memoryPlace(forgottenTable)
    await run(place.exchange([{ after: { subject_id: "alice", forgotten_at: 1, finished_at: null } }]))
    await expect(run(forgetLedger([place]).read)).rejects.toThrow("a row of the forget ledger is damaged")
  })
})
