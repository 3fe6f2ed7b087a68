/** The log in a SQLite file keeps what every log promises, under both drivers, alone or beside others. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { setImmediate as turn } from "node:timers/promises"
import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import {
  bytesOfHash,
  makeSqliteLog,
  openBetterSqlite3,
  openNodeSqlite,
  toStored,
  type OpenSqlite,
} from "../../src/log/index.ts"
import { runnable } from "../live/support/Command.ts"
import { hooked, onFile, openOn, temporaryFile, type Hook } from "./Connections.ts"
import { logSuite } from "./LogSuite.ts"
import { append, appendOne, appending, at, disabled, fill, signedOut, tally, tallyTable } from "./Samples.ts"
import { rowsByHand } from "./RowsByHand.ts"
import { askRows } from "./RowsByHand.ts"

const run = Effect.runPromise

const drivers: ReadonlyArray<readonly [string, OpenSqlite]> = [
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
]

for (const [name, open] of drivers) {
  logSuite(`the log in SQLite over ${name}`, (options) => openOn(temporaryFile(), open, options).log)
  logSuite(`the log in SQLite over ${name}, in memory`, (options) => openOn(":memory:", open, options).log)
}

describe.each(drivers)("a SQLite file over %s", (_, open) => {
  it("is written with WAL and synchronous=FULL, and waits for nobody by blocking", () => {
    const { connection } = openOn(temporaryFile(), open)
    const pragma = (name: string) => Object.values(connection.prepare(`PRAGMA ${name}`).get()!)[0]
    expect(["journal_mode", "synchronous", "busy_timeout"].map(pragma)).toEqual(["wal", 2, 0])
  })

  it("holds after it is opened again what was acknowledged before", async () => {
    const file = temporaryFile()
    const first = openOn(file, open).log
    await fill(first, "x", 120, disabled)
    await run(first.prune(at(3)))
    const before = [await run(first.readAll(0)), JSON.stringify(await run(first.dump(tallyTable)))]
    await run(first.close)
    const second = openOn(file, open).log
    expect([await run(second.readAll(0)), JSON.stringify(await run(second.dump(tallyTable)))]).toEqual(before)
    expect(await run(second.rebuild())).toMatchObject({ differingRowCount: 0 })
  })

  it("is opened without reading more than its last 100 entries, and without taking the head", async () => {
    const file = temporaryFile()
    const first = openOn(file, open).log
    await fill(first, "x", 300)
    const executed: Array<string> = []
    let readCount = 0
    const hook: Hook = (sql, go) => {
      const result = go()
      executed.push(sql)
      if (sql.includes("bytes") && Array.isArray(result)) readCount += result.length
      return result
    }
    const second = openOn(file, hooked(open, hook)).log
    expect(readCount).toBe(100)
    expect(executed.filter((sql) => /BEGIN|INSERT|CREATE/.test(sql))).toEqual([])
    await run(second.close)
  })

  it("folds its rows anew when their description changed", async () => {
    const file = temporaryFile()
    const first = openOn(file, open).log
    await fill(first, "x", 3)
    await run(first.close)
    const wider = { ...tallyTable, indexes: [...tallyTable.indexes, ["entry_count"]] }
    const projection = { ...tally, tables: [wider] }
    const second = openOn(file, open, { projection }).log
    expect(await askRows(second, (rows) => rows.count(wider, { entry_count: 1 }))).toBe(3)
    expect(await run(second.rebuild())).toMatchObject({ differingRowCount: 0 })
  })

  it("is compared with its log as of one moment, while the event loop turns and others append", async () => {
    const { log } = openOn(temporaryFile(), open)
    await fill(log, "x", 600)
    const order: Array<string> = []
    const late = appending(0, [signedOut("late")])
    const onProgress = (count: number) => {
      if (count < 600) void append(log, late).then(([outcome]) => order.push(outcome!._tag))
    }
    const compared = await run(log.compareRows({ onProgress }))
    order.push("compared")
    expect(compared).toMatchObject({ entryCount: 600, differingRowCount: 0, faults: [] })
    expect(order[0]).toBe("Appended")
    expect(await run(log.compareRows())).toMatchObject({ entryCount: 601, differingRowCount: 0 })
  })

  it("in which a stream lacks an entry is neither compared nor folded: it says which, and stays as it was", async () => {
    const file = temporaryFile()
    const { log } = openOn(file, open)
    await fill(log, "x", 3)
    await append(log, appending(1, [signedOut("x-1"), signedOut("x-1")]))
    const before = JSON.stringify(await run(log.dump(tallyTable)))
    const [entry] = await run(log.readAll(4, 1))
    const { bytes, leaf } = toStored({ ...entry!, version: 4 })
    onFile(file, open, (driver) =>
      driver
        .prepare("UPDATE entries SET version = 4, bytes = ?, leaf = ? WHERE position = 4")
        .run(bytes, bytesOfHash(leaf)),
    )
    const missing = { reason: "corrupt", message: expect.stringMatching(/^an entry is missing before entry 4; stop/) }
    await expect(run(log.compareRows())).rejects.toMatchObject(missing)
    await expect(run(log.rebuild())).rejects.toMatchObject(missing)
    expect(JSON.stringify(await run(log.dump(tallyTable)))).toBe(before)
  })

  it("is shared: each of two logs sees, follows and is held to what the other appended", async () => {
    const file = temporaryFile()
    const [ours, theirs] = [openOn(file, open).log, openOn(file, open).log]
    const followed = run(Stream.runCollect(Stream.take(ours.subscribe(0), 4)))
    await append(theirs, appending(0, [signedOut("alice")]))
    const late = await appendOne(ours, appending(0, [signedOut("alice")]))
    expect(late).toEqual({ _tag: "WrongExpectedVersion", actual: 1 })
    await append(ours, appending(1, [signedOut("alice")]))
    await append(theirs, appending(2, [signedOut("alice")]), appending(0, [signedOut("bob")]))
    expect((await followed).map((entry) => entry.position)).toEqual([0, 1, 2, 3])
    expect(await askRows(ours, (rows) => rows.get(tallyTable, ["subject-sub_alice"])?.["entry_count"])).toBe(3)
  })

  it("gets positions without gap from two logs that append at the same time", async () => {
    const file = temporaryFile()
    const logs = [openOn(file, open).log, openOn(file, open).log]
    await Promise.all(logs.map((log, index) => fill(log, `log-${index}`, 200)))
    const entries = await run(logs[0]!.readAll(0, 1000))
    expect(entries.map((entry) => entry.position)).toEqual(Array.from({ length: 400 }, (__, index) => index))
    expect(await run(logs[1]!.rebuild())).toMatchObject({ rowCount: 400 + 26, differingRowCount: 0 })
  })

  it("that somebody else writes to is waited for without holding the event loop", async () => {
    const file = temporaryFile()
    const { log } = openOn(file, open)
    const other = open(file)
    other.exec("BEGIN IMMEDIATE")
    const answers: Array<string> = []
    const pending = append(log, appending(0, [signedOut("alice")])).then((done) => answers.push(done[0]!._tag))
    const writing = run(log.side.write(() => "written"))
    for (let turns = 0; turns < 100; turns++) await turn()
    expect(answers).toEqual([])
    expect(await run(log.head)).toMatchObject({ size: 0 })
    other.exec("COMMIT")
    await pending
    expect(answers).toEqual(["Appended"])
    expect(await writing).toBe("written")
    other.close()
  })

  it("reads of one moment are not mixed with what is appended meanwhile", async () => {
    const file = temporaryFile()
    const [ours, theirs] = [openOn(file, open).log, openOn(file, open)]
    await fill(ours, "x", 2)
    const counts = await askRows(ours, (rows) => {
      const before = rows.count(tallyTable, {})
      theirs.connection.exec("DELETE FROM tally")
      return [before, rows.count(tallyTable, {})]
    })
    expect(counts).toEqual([2, 2])
  })
})

it("processes that open a new file at the same time agree on it", async () => {
  const file = temporaryFile()
  const program = runnable(new URL("AppendingProcess.ts", import.meta.url))
  const children = ["a", "b", "c"].map((name) => fork(program, [file, name]))
  const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]))
  expect(codes).toEqual([0, 0, 0])
  const log = makeSqliteLog(file, { projection: tally, side: rowsByHand })
  expect(await run(log.head)).toMatchObject({ size: 60 })
  expect(await run(log.rebuild())).toMatchObject({ rowCount: 60 + 3, differingRowCount: 0 })
  onFile(file, openNodeSqlite, (driver) =>
    expect(driver.prepare("SELECT count(*) AS n FROM entries").get()?.["n"]).toBe(60),
  )
})
