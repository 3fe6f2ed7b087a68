/** What is missing from a log is held against what was signed about its archives, and against those that are given. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { inspectArchives, type GivenArchives } from "../../../src/audit/archive/InspectArchives.ts"
import {
  archivedRow,
  archivedTable,
  archiveTable,
  compareBy,
  leafHash,
  type ArchivedStream,
  type Row,
  type Store,
} from "../../../src/log/index.ts"
import { placeIn } from "../StoredLog.ts"
import { at, grantId } from "../../core/support/Facts.ts"
import { archived, denied, key, memoryArchive, revoked, signed, statementOf, storedOf, waiting } from "./InMemory.ts"

const [A, C] = ["a", "c"].map((name) => `grant-${grantId(name)}`) as [string, string]
const stored = storedOf(revoked("a"), denied(3, at(40)), waiting("b"), revoked("c"))

/** A log whose rows may be changed. */
const world = async (log = stored) => {
  const archive = await archived(log)
  const { content, statement } = archive
  const rows = [{ number: 1, statement: statement!, file: "old.archive", is_whole: 1 }] as Array<Row>
  const streams: Array<ArchivedStream> = content.streams.map((stream) => ({ ...stream, archive: 1 }))
  const missing = content.entries.toSorted((left, right) => left.position - right.position)
  const asked: Array<unknown> = []
  const dump: Store["dump"] = (table, page = {}) =>
    Effect.sync(() => {
      if (table === archiveTable) return rows
      expect(table).toBe(archivedTable)
      asked.push(page)
      const all = streams.map(archivedRow).toSorted(compareBy(["stream"]))
      const { after, limit } = page
      return all.filter((row) => after === undefined || String(row["stream"]) > String(after[0])).slice(0, limit)
    })
  const judged = (given?: GivenArchives) => {
    const inspector = inspectArchives({ dump }, given)
    for (const entry of missing)
      inspector.onArchived(placeIn(streams.find(({ stream }) => stream === entry.stream)!.archive, entry))
    return Effect.runPromise(inspector.judge)
  }
  return { ...archive, rows, streams, missing, judged, asked }
}

type World = Awaited<ReturnType<typeof world>>

const nothing = { entryCount: 0, readCount: 0, faults: [], notRead: [] }
const NAME = "archive 1 (old.archive)"

describe("a log with an archive that is whole", () => {
  it("says what is missing and not read, and without the key does not judge it", async () => {
    const { judged, rows } = await world()
    const unread = { ...nothing, entryCount: 18, notRead: [`18 entries of ${NAME}`] }
    expect(await judged()).toEqual(unread)
    expect(await judged({ key, files: [] })).toEqual(unread)
    rows[0] = { ...rows[0]!, statement: "anything" }
    expect(await judged()).toEqual(unread)
  })

  it("reads the archive where it is given, by what was signed and not by its name", async () => {
    const { judged, file } = await world()
    const foreign = { ...memoryArchive().file(), path: "old.archive" }
    expect(await judged({ key, files: [foreign, file()] })).toEqual({ ...nothing, entryCount: 18, readCount: 18 })
    expect(await judged({ key, files: [foreign] })).toMatchObject({ readCount: 0, notRead: [`18 entries of ${NAME}`] })
  })

  it("says what is wrong with the archive that is given", async () => {
    const { judged, file, content } = await world()
    content.hashes.clear()
    expect(await judged({ key, files: [{ ...file(), path: "given.archive" }] })).toEqual({
      ...nothing,
      entryCount: 18,
      faults: ["`given.archive`: the hash over entries 0 and what follows is missing"],
    })
  })

  it.each<readonly [string, (world: World) => void, string | RegExp]>([
    ["was signed by nobody", ({ rows }) => (rows[0] = { ...rows[0]!, statement: "anything" }), /note/],
    [
      "lacks an entry less",
      ({ missing }) => missing.pop(),
      "17 entries are missing from the log that are not the 18 that were signed",
    ],
    [
      "lacks another entry",
      ({ missing }) => missing.splice(2, 1, { ...missing[2]!, leaf: leafHash("x") }),
      "18 entries are missing from the log that are not the 18 that were signed",
    ],
    [
      "has kept another stream",
      ({ streams }) => (streams[0] = { ...streams[0]!, diedAt: 1 }),
      "what is said to stay of its streams is not what was signed",
    ],
    [
      "has kept a stream more",
      ({ streams }) => streams.push({ ...streams[0]!, stream: "grant-z" }),
      "what is said to stay of its streams is not what was signed",
    ],
  ])("that %s says so, with or without the archive", async (_, change, sentence) => {
    const changed = await world()
    const file = changed.file()
    change(changed)
    const fault = typeof sentence === "string" ? `${NAME}: ${sentence}` : expect.stringMatching(sentence)
    const count = changed.missing.length
    expect(await changed.judged({ key, files: [] })).toEqual({
      ...nothing,
      entryCount: count,
      faults: [fault],
      notRead: [`${count} entries of ${NAME}`],
    })
    if (changed.rows[0]!["statement"] !== file.statement) return
    expect(await changed.judged({ key, files: [file] })).toEqual({
      ...nothing,
      entryCount: count,
      readCount: count,
      faults: [fault],
    })
  })

  it("that says how many entries there were, and has others of the same root, says so", async () => {
    const { judged, rows, content } = await world()
    rows[0] = { ...rows[0]!, statement: signed({ ...statementOf(stored, content), entryCount: 19 }) }
    expect((await judged({ key, files: [] })).faults).toEqual([
      `${NAME}: 18 entries are missing from the log that are not the 19 that were signed`,
    ])
  })

  it("that says how many streams there were, and has others of the same number, says so", async () => {
    const { judged, rows, content } = await world()
    const statement = signed({ ...statementOf(stored, content), streamCount: 4 })
    rows[0] = { ...rows[0]!, statement }
    expect((await judged({ key, files: [] })).faults).toEqual([
      `${NAME}: what is said to stay of its streams is not what was signed`,
    ])
  })
})

describe("a log with several archives", () => {
  it("tells them apart, and says of which nothing is known", async () => {
    const { judged, rows, streams, missing, content } = await world()
    streams[2] = { ...streams[2]!, archive: 2 }
    expect(await judged()).toEqual({
      ...nothing,
      entryCount: 18,
      faults: ["8 entries are missing, and said to be in archive 2, of which nothing is known"],
      notRead: [`10 entries of ${NAME}`],
    })
    const ofStream = (isOther: boolean) => ({
      entries: missing.filter(({ stream }) => (stream === C) === isOther),
      streams: content.streams.filter(({ stream }) => (stream === C) === isOther),
    })
    rows[0] = { ...rows[0]!, statement: signed(statementOf(stored, ofStream(false))) }
    rows.push({ number: 2, statement: signed(statementOf(stored, ofStream(true))), file: "new.archive", is_whole: 1 })
    expect(await judged({ key, files: [] })).toEqual({
      ...nothing,
      entryCount: 18,
      notRead: [`10 entries of ${NAME}`, "8 entries of archive 2 (new.archive)"],
    })
  })

  it("and one that was noted, of which nothing was taken out yet, lacks nothing", async () => {
    const { judged, rows, streams, missing } = await world()
    streams.length = missing.length = 0
    expect(await judged({ key, files: [] })).toMatchObject({
      entryCount: 0,
      faults: [`${NAME}: 0 entries are missing from the log that are not the 18 that were signed`],
      notRead: [`0 entries of ${NAME}`],
    })
    rows.length = 0
    expect(await judged({ key, files: [] })).toEqual(nothing)
  })

  it("asks for the streams a page at a time, however many there are", async () => {
    const many = storedOf(denied(1030))
    const { judged, asked } = await world(many)
    expect(await judged({ key, files: [] })).toMatchObject({ entryCount: 1030, faults: [] })
    expect(asked).toEqual([{ limit: 1024 }, { after: [many[1025]!.stream], limit: 1024 }])
  })
})

describe("a log with an archive that was not finished", () => {
  const UNFINISHED = `${NAME}, which was not finished: run grantlog archive again with that file`
  /** Only A was taken out so far. */
  const half = async () => {
    const made = await world()
    made.rows[0] = { ...made.rows[0]!, is_whole: 0 }
    made.streams.splice(1)
    made.missing.splice(0, Infinity, ...made.missing.filter(({ stream }) => stream === A))
    return made
  }

  it("says so, and what is missing is judged by the archive alone", async () => {
    const { judged, file } = await half()
    const begun = { ...nothing, entryCount: 8, notRead: [UNFINISHED] }
    expect(await judged()).toEqual(begun)
    expect(await judged({ key, files: [] })).toEqual(begun)
    expect(await judged({ key, files: [file()] })).toEqual({ ...begun, readCount: 8 })
  })

  it.each<readonly [string, (world: World) => void, string]>([
    [
      "an entry less",
      ({ missing }) => missing.pop(),
      "7 entries are missing from the log that are not those of `old.archive`",
    ],
    [
      "another entry",
      ({ missing }) => missing.splice(2, 1, { ...missing[2]!, leaf: leafHash("x") }),
      "8 entries are missing from the log that are not those of `old.archive`",
    ],
    [
      "another stream",
      ({ streams }) => (streams[0] = { ...streams[0]!, diedAt: 1 }),
      "what is said to stay of its streams is not what `old.archive` says",
    ],
    [
      "a stream that is not in it",
      ({ streams }) => streams.push({ ...streams[0]!, stream: "grant-z" }),
      "what is said to stay of its streams is not what `old.archive` says",
    ],
  ])("is not believed where the log lacks %s", async (_, change, sentence) => {
    const changed = await half()
    change(changed)
    expect(await changed.judged({ key, files: [changed.file()] })).toMatchObject({
      faults: [`${NAME}: ${sentence}`],
      notRead: [UNFINISHED],
    })
    expect((await changed.judged({ key, files: [] })).faults).toEqual([])
  })

  it("is read a page at a time, and judged by what was taken out, in the order of the log", async () => {
    const many = storedOf(denied(600))
    const { judged, rows, streams, missing, file, reads } = await world(many)
    rows[0] = { ...rows[0]!, is_whole: 0 }
    streams.splice(300)
    missing.splice(300)
    reads.length = 0
    expect(await judged({ key, files: [file()] })).toMatchObject({ entryCount: 300, readCount: 300, faults: [] })
    const read = reads.filter(([name]) => name === "stored").slice(0, 4)
    expect(read).toEqual([0, 258, 514, 602].map((position) => ["stored", position, 256]))
  })

  it("of which nothing was taken out yet, is whole in the log", async () => {
    const { judged, file, streams, missing } = await half()
    streams.length = missing.length = 0
    expect(await judged({ key, files: [file()] })).toEqual({ ...nothing, notRead: [UNFINISHED] })
  })
})
