/** Several logs on one database, as several instances have: one order, one judgement, and nothing that one sees late. */
import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { append, appendOne, appending, fill, signedOut, tallyTable } from "../Samples.ts"
import type { AppendOutcome } from "../../../src/log/index.ts"
import { askRows } from "../RowsByHand.ts"
import { ask, hooked, newSchema, openIn, postgres } from "./Schemas.ts"

const run = Effect.runPromise

describe.runIf(postgres !== undefined)("a database in PostgreSQL", () => {
  it("is made by whoever is first, when several instances start at a time", async () => {
    const schema = newSchema()
    const logs = [openIn(schema), openIn(schema), openIn(schema)]
    const heads = await Promise.all(logs.map((log) => run(log.head)))
    expect(heads).toEqual(Array.from({ length: 3 }, () => ({ size: 0, recordedAt: 0 })))
  })

  it("gets positions without gap from logs that append at the same time", async () => {
    const schema = newSchema()
    const logs = [openIn(schema), openIn(schema)]
    await Promise.all(logs.map((log, index) => fill(log, `log-${index}`, 300)))
    const entries = await run(logs[0]!.readAll(0, 1000))
    expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: 600 }, (_, index) => index))
    expect(await run(logs[1]!.compareRows())).toMatchObject({ entryCount: 600, differingRowCount: 0, faults: [] })
  })

  it("lets one of several who append to one stream at a time win", async () => {
    const schema = newSchema()
    const logs = [openIn(schema), openIn(schema), openIn(schema)]
    for (let version = 0; version < 20; version++) {
      const race = logs.flatMap((log) => [1, 2].map(() => appendOne(log, appending(version, [signedOut("alice")]))))
      const tags = (await Promise.all(race)).map(({ _tag }) => _tag)
      expect(tags.toSorted()).toEqual(["Appended", ...Array.from({ length: 5 }, () => "WrongExpectedVersion")])
    }
  })

  it("holds an append to a stream that another changed while it waited for the head", async () => {
    const schema = newSchema()
    const ours = openIn(schema)
    await appendOne(ours, appending(0, [signedOut("alice")]))
    const waiting = `SELECT 1; SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}.head FOR UPDATE%'`
    const checks = [{ stream: "subject-sub_alice", version: 1 }]
    let outcome: Promise<AppendOutcome> | undefined
    const open = hooked(async (sql, go) => {
      if (!sql.endsWith("COMMIT")) return go()
      // Theirs has the head and has written; it commits when ours waits for it.
      let isAnswered = false
      outcome = appendOne(ours, appending(0, [signedOut("bob")], { checks })).finally(() => (isAnswered = true))
      while (!isAnswered && (await ask(waiting)).length === 0);
      return go()
    })
    const theirs = await appendOne(openIn(schema, { open }), appending(1, [signedOut("alice")]))
    expect(theirs).toMatchObject({ _tag: "Appended", version: 2 })
    expect(await outcome).toEqual({ _tag: "CheckFailed", stream: "subject-sub_alice" })
  })

  it("shows to each what another has acknowledged, with the very next question", async () => {
    const schema = newSchema()
    const [ours, theirs] = [openIn(schema), openIn(schema)]
    for (let version = 0; version < 50; version++) {
      await appendOne(ours, appending(version, [signedOut("alice")]))
      const counted = await askRows(theirs, (rows) => rows.get(tallyTable, ["subject-sub_alice"])?.["entry_count"])
      expect(counted).toBe(version + 1)
    }
  })

  it("is followed by each, also what another appends", async () => {
    const schema = newSchema()
    const [ours, theirs] = [openIn(schema), openIn(schema)]
    const followed = run(Stream.runCollect(Stream.take(ours.subscribe(0), 4)))
    await append(theirs, appending(0, [signedOut("alice")]), appending(0, [signedOut("bob")]))
    await append(ours, appending(1, [signedOut("alice")]))
    await append(theirs, appending(2, [signedOut("alice")]))
    expect((await followed).map(({ position }) => position)).toEqual([0, 1, 2, 3])
  })

  it("is written without a setting or a lock that outlasts the transaction, and without prepared statements where asked", async () => {
    const sent = new Set<string>()
    const open = hooked((sql, go) => {
      sent.add(sql)
      return go()
    })
    const log = openIn(newSchema(), { open }, `${postgres!}?prepare=false`)
    await fill(log, "x", 20)
    await run(log.prune(1))
    await run(log.rebuild())
    expect(await run(log.compareRows())).toMatchObject({ entryCount: 20, differingRowCount: 0 })
    const all = [...sent].join("\n")
    expect(all).toContain("SET LOCAL statement_timeout")
    expect(all).not.toMatch(/(^|;)\s*(SET (?!LOCAL)|LISTEN|PREPARE)|pg_advisory_lock/m)
  })
})
