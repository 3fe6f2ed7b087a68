/** What is taken out of a log for an archive: a whole stream that is dead, once, and a row stays of it. */
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  archivedFrom,
  archivedRow,
  archivedTable,
  archiveTable,
  openNodeSqlite,
  readArchived,
  sqliteArchivist,
  type ArchivedStream,
  type Leaving,
} from "../../src/log/index.ts"
import { beginWithin, noteArchived, stillThere } from "../../src/log/Archivist.ts"
import { memoryRows } from "../../src/log/MemoryRows.ts"
import { issuedTable, prunedTable } from "../../src/log/Tables.ts"
import { openOn, temporaryFile } from "./Connections.ts"
import { rowsByHand } from "./RowsByHand.ts"
import { append, appendOne, appending, at, disabled, fill, signedOut, tally } from "./Samples.ts"

const run = Effect.runPromise
const stream: ArchivedStream = {
  stream: "grant-a",
  version: 3,
  archive: 2,
  diedAt: 50,
  clientId: "app",
  keyIds: ["key-1", "key-2"],
}

describe("the row of an archived stream", () => {
  it("says what the stream left behind, also where that is nothing", () => {
    for (const one of [stream, { ...stream, clientId: null, keyIds: [] }]) {
      expect(archivedFrom(archivedRow(one))).toEqual(one)
    }
  })

  it("leads to the file of its archive", () => {
    const rows = memoryRows(new Map())
    expect(readArchived(rows, stream.stream)).toBeUndefined()
    rows.put(archiveTable, { number: 2, statement: "signed", file: "old.archive", is_whole: 0 })
    rows.put(archivedTable, archivedRow(stream))
    expect(readArchived(rows, stream.stream)).toEqual({ ...stream, file: "old.archive" })
  })
})

describe("an archive that is noted", () => {
  it("has the next number, and keeps it for whoever begins with the same statement again", () => {
    const rows = memoryRows(new Map())
    expect(beginWithin(rows, "first", "1.archive")).toBe(1)
    expect(beginWithin(rows, "second", "2.archive")).toBe(2)
    expect(beginWithin(rows, "first", "moved.archive")).toBe(1)
    expect(rows.list(archiveTable, {})).toEqual([
      { number: 1, statement: "first", file: "1.archive", is_whole: 0 },
      { number: 2, statement: "second", file: "2.archive", is_whole: 0 },
    ])
  })
})

describe("a stream that leaves", () => {
  const leaving: Leaving = { ...stream, indexedDigests: ["one", "two"] }
  const bounded = (diedAt: number, id = "") => {
    const rows = memoryRows(new Map())
    rows.put(prunedTable, { name: "rows", died_at: diedAt, id })
    return rows
  }

  it("is there while its version is the one that was archived, and its row is gone", () => {
    expect(stillThere(bounded(50, "a"), () => 3, 2, [leaving])).toEqual([leaving])
    expect(stillThere(bounded(51), () => 3, 2, [leaving])).toEqual([leaving])
  })

  it("is passed over where it is in that archive already", () => {
    const rows = bounded(50, "a")
    rows.put(archivedTable, archivedRow(stream))
    expect(stillThere(rows, () => 0, 2, [leaving])).toEqual([])
  })

  const message = "the stream `grant-a` is not as it was archived, or not dead: nothing of it was taken out"
  it.each([
    ["has another entry", bounded(50, "a"), 4],
    ["may have a row still", bounded(50), 3],
    ["died later than what was removed", bounded(49, "z"), 3],
  ])("is refused where it %s", (_, rows, version) => {
    expect(() => stillThere(rows, () => version, 2, [leaving])).toThrow(
      expect.objectContaining({ _tag: "StoreFault", reason: "other", message }),
    )
  })

  it("is refused where it is in another archive", () => {
    const rows = bounded(50, "a")
    rows.put(archivedTable, archivedRow({ ...stream, archive: 1 }))
    expect(() => stillThere(rows, () => 3, 2, [leaving])).toThrow(message)
  })

  it("leaves its row, and takes what the digest index has of it along", () => {
    const rows = memoryRows(new Map())
    for (const digest of ["one", "two", "three"]) rows.put(issuedTable, { digest, position: 0 })
    noteArchived(rows, 2, leaving)
    expect(rows.list(archivedTable, {})).toEqual([archivedRow(stream)])
    expect(rows.list(issuedTable, {})).toEqual([{ digest: "three", position: 0 }])
  })
})

describe("in a file", () => {
  const opened = async () => {
    const file = temporaryFile()
    const { log } = openOn(file, openNodeSqlite)
    await fill(log, "x", 4, disabled)
    await append(log, appending(0, [signedOut("y"), signedOut("y")], { at: at(3) }))
    await run(log.prune(at(1)))
    const archivist = sqliteArchivist(file, tally, rowsByHand)
    onTestFinished(() => run(archivist.close))
    return { log, archivist }
  }
  const gone = (index: number): Leaving => ({
    stream: `subject-sub_x-${index}`,
    version: 1,
    diedAt: at(index),
    clientId: null,
    keyIds: [],
    indexedDigests: [],
  })

  it("candidates are streams of a name, behind another, without a new entry, so many at a time", async () => {
    const { archivist } = await opened()
    const named = (...asked: Parameters<typeof archivist.candidates>) => run(archivist.candidates(...asked))
    const x = (index: number) => ({ stream: `subject-sub_x-${index}`, version: 1 })
    const y = { stream: "subject-sub_y", version: 2 }
    expect(await named("subject-", "", at(9), 9)).toEqual([x(0), x(1), x(2), x(3), y])
    expect(await named("subject-sub_y", "", at(9), 9)).toEqual([y])
    expect(await named("subject-", x(1).stream, at(9), 1)).toEqual([x(2)])
    expect(await named("subject-", "", at(2), 9)).toEqual([x(0), x(1)])
    expect(await named("grant-", "", at(9), 9)).toEqual([])
    expect((await run(archivist.entriesOf(y.stream))).map(({ version }) => version)).toEqual([1, 2])
  })

  it("what is taken out is found in no stream, leaves the tree as it was, and is taken out once", async () => {
    const { log, archivist } = await opened()
    const leaves = () => run(log.readTree(({ size, hashOf }) => Array.from({ length: size }, (_, at) => hashOf(0, at))))
    const before = await leaves()
    const number = await run(archivist.begin("signed", "old.archive"))
    expect(await run(archivist.begin("signed", "other.archive"))).toBe(number)
    expect(await run(archivist.remove(number, [gone(0), gone(1)]))).toBe(2)
    expect(await run(archivist.remove(number, [gone(0), gone(1)]))).toBe(0)
    await run(archivist.finish(number))
    await run(archivist.shrink)
    expect(await leaves()).toEqual(before)
    expect(await run(log.archivedStream(gone(0).stream))).toMatchObject({ archive: number, file: "old.archive" })
    expect(await run(log.archivedStream(gone(2).stream))).toBeUndefined()
    expect((await run(log.readAll(0))).map(({ position }) => position)).toEqual([2, 3, 4, 5])
    expect(await run(log.dump(archiveTable))).toMatchObject([{ number, is_whole: 1 }])
    expect(await appendOne(log, appending(0, [signedOut("x-0")], { at: at(9) }))).toMatchObject({
      _tag: "WrongExpectedVersion",
    })
  })

  it("nothing is taken out where one of several streams may not leave", async () => {
    const { log, archivist } = await opened()
    const number = await run(archivist.begin("signed", "old.archive"))
    await expect(run(archivist.remove(number, [gone(0), gone(3)]))).rejects.toThrow("`subject-sub_x-3` is not")
    expect(await run(log.archivedStream(gone(0).stream))).toBeUndefined()
    expect(await run(log.readAll(0))).toHaveLength(6)
  })
})
