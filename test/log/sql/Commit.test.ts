/** A commit that fails answers nobody with success; one whose outcome is not known is looked up, or called unknown. */
import { Effect } from "effect"
import { beforeEach, describe, expect, it } from "vitest"
import { StoreFault, openBetterSqlite3, openNodeSqlite, toStored, type OpenSqlite } from "../../../src/log/index.ts"
import { transactionOver } from "../../../src/log/sql/Commit.ts"
import { hooked, onFile, openOn, temporaryFile, type Hook, type Opened } from "../Connections.ts"
import {
  append,
  appendOne,
  appending,
  at,
  fill,
  poison,
  proposed,
  signedOut,
  tallyTable,
  type TestStore,
} from "../Samples.ts"

const run = Effect.runPromise

const drivers: ReadonlyArray<readonly [string, OpenSqlite]> = [
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
]

const claims = [{ key: "jti-1", until: at(1000) }]

const contents = async (log: TestStore) => [await run(log.readAll(0, 1000)), await run(log.dump(tallyTable))]

describe.each(drivers)("a COMMIT over %s", (_, open) => {
  let hook: Hook
  let opened: Opened
  let file: string
  let commitCounts: Array<number>

  beforeEach(() => {
    hook = (__, go) => go()
    commitCounts = []
    const onCommit = (count: number) => commitCounts.push(count)
    file = temporaryFile()
    opened = openOn(
      file,
      hooked(open, (sql, go) => hook(sql, go)),
      { onCommit },
    )
  })

  /** The next COMMIT does this instead. */
  const nextCommit = (instead: (commit: () => void) => void) => {
    const before = hook
    hook = (sql, go) => {
      if (sql !== "COMMIT") return go()
      hook = before
      return instead(go)
    }
  }
  const fail = () => {
    throw new StoreFault({ reason: "disk", message: "the disk failed" })
  }
  const batch = () => [
    appending(0, [signedOut("alice")], { claims }),
    appending(3, [signedOut("bob")]),
    appending(0, [signedOut("carol")]),
  ]

  it("that fails answers nobody with success, and leaves neither entry, row nor claim", async () => {
    const { log } = opened
    nextCommit(fail)
    const outcomes = await append(log, ...batch())
    expect(outcomes).toEqual(batch().map(() => ({ _tag: "Rejected", reason: "disk", message: "the disk failed" })))
    expect(commitCounts).toEqual([])
    expect(await contents(log)).toEqual([[], []])
    const again = await append(log, ...batch())
    expect(again.map((outcome) => outcome._tag)).toEqual(["Appended", "WrongExpectedVersion", "Appended"])
  })

  it("that fails but is still open is rolled back, also when it only held claims or accounts", async () => {
    const { log } = opened
    nextCommit(fail)
    expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "Rejected" })
    nextCommit(fail)
    await expect(run(log.side.write(() => 1))).rejects.toMatchObject({ reason: "disk" })
    expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "Appended" })
    expect(await run(log.side.write(() => 1))).toBe(1)
  })

  it("that took place although it threw is found by what stands where its event was to stand, and everybody gets the right answer", async () => {
    const { log } = opened
    nextCommit((commit) => {
      commit()
      fail()
    })
    const outcomes = await append(log, ...batch())
    expect(outcomes.map((outcome) => outcome._tag)).toEqual(["Appended", "WrongExpectedVersion", "Appended"])
    expect(await run(log.readAll(0))).toHaveLength(2)
    expect(commitCounts).toEqual([2])
  })

  it.each([
    ["was refused", () => appending(7, [signedOut("alice")]), "WrongExpectedVersion"],
    ["only took a claim", () => appending(0, [], { claims }), "Appended"],
    ["is to blame for itself", () => appending(0, [signedOut("poison")], poison), "Rejected"],
  ])("that took place although it threw is found also where the first caller %s", async (_, first, answer) => {
    const { log } = opened
    const those = () => [
      first(),
      appending(0, [signedOut("bob"), signedOut("bob")]),
      appending(0, [signedOut("carol")]),
    ]
    nextCommit((commit) => {
      commit()
      fail()
    })
    const outcomes = await append(log, ...those())
    expect(outcomes.map((outcome) => outcome._tag)).toEqual([answer, "Appended", "Appended"])
    expect(await run(log.readAll(0))).toHaveLength(3)
    nextCommit(() => {
      opened.connection.exec("ROLLBACK")
      fail()
    })
    const again = await append(log, appending(7, [signedOut("dave")]), appending(2, [signedOut("bob")]))
    expect(again.map((outcome) => outcome._tag)).toEqual(["Rejected", "Rejected"])
    expect(await run(log.readAll(0))).toHaveLength(3)
  })

  it("that was undone before it threw is found out too", async () => {
    const { log, connection } = opened
    nextCommit(() => {
      connection.exec("ROLLBACK")
      fail()
    })
    const outcomes = await append(log, ...batch())
    expect(outcomes.map((outcome) => outcome._tag)).toEqual(["Rejected", "Rejected", "Rejected"])
    expect(await contents(log)).toEqual([[], []])
  })

  it("that was undone, and in whose place somebody else's event stands by now, is found out too", async () => {
    const { log, connection } = opened
    nextCommit(() => {
      connection.exec("ROLLBACK")
      onFile(file, open, (theirs) => {
        const theirOwn = { ...proposed(signedOut("alice")), stream: "subject-sub_alice" }
        transactionOver(theirs).insert(toStored({ ...theirOwn, position: 0, version: 1, recordedAt: at(0) }))
      })
      fail()
    })
    expect(await appendOne(log, appending(0, [signedOut("alice")]))).toMatchObject({ _tag: "Rejected" })
    expect(await run(log.readAll(0))).toHaveLength(1)
  })

  it("that nobody can look up is unknown, for every caller, and is never tried again", async () => {
    const { log } = opened
    let attemptCount = 0
    nextCommit((commit) => {
      attemptCount++
      commit()
      hook = fail
      fail()
    })
    const outcomes = await append(log, ...batch())
    expect(outcomes.map((outcome) => outcome._tag)).toEqual(["Unknown", "Unknown", "Unknown"])
    expect(outcomes[0]).toMatchObject({
      message: expect.stringMatching(/^nobody knows whether this was written: look/),
    })
    hook = (__, go) => go()
    expect(await run(log.readAll(0))).toHaveLength(2)
    expect(attemptCount).toBe(1)
  })

  it("that held claims alone and was undone is unknown, for a claim may be anybody's", async () => {
    const { log, connection } = opened
    nextCommit(() => {
      connection.exec("ROLLBACK")
      fail()
    })
    expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "Unknown" })
  })

  it.each(["disk", "full", "read-only"] as const)(
    "is not come to after a fault that no caller is to blame for: %s fails all of them, whoever met it",
    async (reason) => {
      const { log } = opened
      let insertCount = 0
      hook = (sql, go) => {
        if (sql.startsWith("INSERT INTO entries") && ++insertCount === 2)
          throw new StoreFault({ reason, message: "no" })
        return go()
      }
      const outcomes = await append(log, ...batch())
      expect(outcomes).toEqual(batch().map(() => ({ _tag: "Rejected", reason, message: "no" })))
      expect([insertCount, commitCounts]).toEqual([2, []])
      expect(await contents(log)).toEqual([[], []])
      expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "Appended" })
    },
  )

  it("that somebody else prevents is tried again, not answered", async () => {
    const { log } = opened
    let attemptCount = 0
    hook = (sql, go) => {
      if (sql === "BEGIN IMMEDIATE" && ++attemptCount < 4) throw new StoreFault({ reason: "busy", message: "busy" })
      return go()
    }
    expect(await appendOne(log, appending(0, [signedOut("alice")]))).toMatchObject({ _tag: "Appended" })
    expect(attemptCount).toBe(4)
  })

  it("that somebody else prevents while a fault is looked for is waited for by who has no part in it", async () => {
    const { log } = opened
    let beginCount = 0
    hook = (sql, go) => {
      // The batch begins, then its first alone; whoever writes next in between holds the head for a while.
      if (sql === "BEGIN IMMEDIATE" && ++beginCount > 2 && beginCount < 6)
        throw new StoreFault({ reason: "busy", message: "busy" })
      return go()
    }
    const outcomes = await append(
      log,
      appending(0, [signedOut("poison")], poison),
      appending(0, [signedOut("alice")]),
      appending(0, [signedOut("bob")]),
    )
    expect(outcomes).toMatchObject([{ _tag: "Rejected", reason: "other" }, { _tag: "Appended" }, { _tag: "Appended" }])
    expect(await run(log.readAll(0))).toHaveLength(2)
  })

  it("nobody is answered before it returned", async () => {
    const { log } = opened
    const answered: Array<string> = []
    let answeredBefore = -1
    nextCommit((commit) => {
      answeredBefore = answered.length
      commit()
    })
    await Promise.all(batch().map(async (one) => answered.push((await appendOne(log, one))._tag)))
    expect([answeredBefore, answered.length]).toEqual([0, 3])
  })

  it("to a full disk fails the whole batch with a sentence, and the log goes on when there is room", async () => {
    const { log, connection } = opened
    await fill(log, "before", 50)
    const before = await contents(log)
    const pageCount = Number(connection.prepare("PRAGMA page_count").get()?.["page_count"])
    connection.exec(`PRAGMA max_page_count = ${pageCount}`)
    const outcomes = await fill(log, "more", 90)
    const full = { _tag: "Rejected", reason: "full", message: expect.stringMatching(/disk is full.*make room/) }
    expect(outcomes.slice(-1)).toMatchObject([full])
    expect(new Set(outcomes.map((outcome) => outcome._tag))).toEqual(new Set(["Rejected"]))
    expect(await contents(log)).toEqual(before)

    connection.exec("PRAGMA max_page_count = 100000")
    expect(await appendOne(log, appending(0, [signedOut("after")]))).toMatchObject({ position: 50 })
    expect(await run(log.rebuild())).toMatchObject({ entryCount: 51, differingRowCount: 0 })
  })
})
