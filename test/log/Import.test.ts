/** Taking over another log: what comes next as it is stored, and nothing else; in part it is served by nobody. */
import { Effect, Result } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  fromStored,
  makeMemoryLog,
  toStored,
  postgresImporter,
  sqliteImporter,
  type Importer,
  type StoredEntry,
} from "../../src/log/index.ts"
import { claimTable } from "../../src/log/Tables.ts"
import { openNodeSqlite } from "../../src/log/sql/NodeSqlite.ts"
import { openOn, temporaryFile } from "./Connections.ts"
import { newSchema, openIn, postgres } from "./postgres/Schemas.ts"
import { rowsByHand } from "./RowsByHand.ts"
import { appendOne, appending, fill, signedOut, tally, type TestStore } from "./Samples.ts"

const run = Effect.runPromise

interface Target {
  readonly importer: Importer
  readonly open: () => TestStore
}

const source = async (count: number): Promise<ReadonlyArray<StoredEntry>> => {
  const log = makeMemoryLog({ projection: tally, side: rowsByHand })
  await fill(log, "alice", count)
  await fill(log, "bob", count)
  return run(log.readStored(0, 4 * count))
}

const closing = (importer: Importer): Importer => {
  onTestFinished(() => run(importer.close))
  return importer
}

const inFile = async (): Promise<Target> => {
  const file = temporaryFile()
  const open = () => {
    const { log } = openOn(file, openNodeSqlite)
    onTestFinished(() => run(log.close))
    return log
  }
  return { importer: closing(sqliteImporter(file, tally, rowsByHand)), open }
}

const inDatabase = async (): Promise<Target> => {
  const schema = newSchema()
  const open = () => openIn(schema)
  await run(open().head)
  return { importer: closing(postgresImporter(postgres!, tally, schema)), open }
}

const rules = (makeTarget: () => Promise<Target>): void => {
  it("leaves every entry as it was stored, and its rows are folded by who opens it", async () => {
    const entries = await source(40)
    const { importer, open } = await makeTarget()
    await run(importer.entries(entries.slice(0, 50)))
    await run(importer.entries(entries.slice(50)))
    const log = open()
    expect(await run(log.readStored(0, entries.length))).toEqual(entries)
    expect(await run(log.compareRows())).toMatchObject({ entryCount: entries.length, differingRowCount: 0, faults: [] })
    const [{ stream, version } = expect.fail("nothing is there")] = entries.slice(-1)
    const event = signedOut(stream.slice("subject-sub_".length))
    expect(await appendOne(log, appending(version, [event]))).toMatchObject({ _tag: "Appended", version: version + 1 })
  })

  it("refuses what is not the next entry of the log and of its stream, or not whole, and takes nothing of it", async () => {
    const entries = await source(3)
    const { importer, open } = await makeTarget()
    const other = await source(3)
    await run(importer.entries(entries.slice(0, 2)))
    const refused = async (...wrong: ReadonlyArray<StoredEntry>) =>
      (await run(Effect.flip(importer.entries(wrong)))).message
    expect(await refused(entries[3]!)).toBe("entry 3 is not the one that comes next, which is 2")
    expect(await refused(entries[1]!)).toBe("entry 1 is not the one that comes next, which is 2")
    expect(await refused({ ...entries[2]!, bytes: other[3]!.bytes })).toMatch(/^entry 2 .*: it is not taken over$/)
    expect(await refused(entries[2]!, entries[2]!)).toMatch(/^entry 2 is not the one that comes next, which is 3$/)
    const whole = Result.getOrThrow(fromStored(entries[2]!))
    expect(await refused(toStored({ ...whole, version: 5 }))).toMatch(
      /^entry 2 does not follow on what is in its stream/,
    )
    expect(await refused(toStored({ ...whole, recordedAt: 1 }))).toMatch(/was recorded before the one in front of it$/)
    const log = open()
    expect((await run(log.head)).size).toBe(2)
  })

  it("in part is appended to by nobody who had it open, and a side table is replaced as a whole", async () => {
    const { importer, open } = await makeTarget()
    const log = open()
    await run(log.head)
    const [first] = await source(1)
    await run(importer.entries([first!]))
    expect(await appendOne(log, appending(0, [signedOut("carol")]))).toMatchObject({
      _tag: "Rejected",
      reason: "newer",
    })
    await run(importer.side(claimTable, [{ key: "a", until: 1 }]))
    await run(importer.side(claimTable, [{ key: "b", until: 2 }]))
    expect(await run(log.dump(claimTable))).toEqual([{ key: "b", until: 2 }])
  })
}

describe("a log that is taken over into a file", () => rules(inFile))
describe.runIf(postgres !== undefined)("a log that is taken over into a database", () => rules(inDatabase))
