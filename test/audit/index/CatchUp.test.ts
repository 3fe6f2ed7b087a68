/** Keeping up: page by page from where the index had come to, anew where the log is another one, and never past a gap. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { openAuditIndex } from "../../../src/audit/index.ts"
import { openNodeSqlite, toStored, type Recorded, type SqliteDriver, type StoredEntry } from "../../../src/log/index.ts"
import { eventsOf, placeIn, recordedOf, storedLog } from "../StoredLog.ts"
import { initialize, redeemed, refresh, register, toSubject } from "../../core/support/Facts.ts"

const run = Effect.runPromise

/** As many entries as are asked for, four of them of issuer and client. */
const entriesOf = (count: number): ReadonlyArray<Recorded> =>
  recordedOf(eventsOf(...redeemed, ...Array.from({ length: count }, () => toSubject("RevokeSubjectSessions")))).slice(
    0,
    count,
  )

const indexOver = (entries: ReadonlyArray<Recorded>) => {
  const world = storedLog(entries)
  let driver: SqliteDriver | undefined
  const index = openAuditIndex(world.log, undefined, (file) => (driver = openNodeSqlite(file)))
  const all = (sql: string) => driver!.prepare(sql).all()
  return {
    ...world,
    index,
    edit: (sql: string) => driver!.exec(sql),
    positions: () => all("SELECT position FROM audited_entries ORDER BY position").map(({ position }) => position),
    bookmarks: () => all("SELECT * FROM bookmark ORDER BY name").map((row) => Object.values(row)),
    indexCount: () => all("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").length,
  }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
const fault = (message: string) => ({ _tag: "StoreFault", reason: "corrupt", message })

describe("an index that is begun", () => {
  it("takes in a few entries at a time, says how far it came, and lets others in between", async () => {
    const { index, read, positions, bookmarks, indexCount, stored } = indexOver(entriesOf(150))
    const told: Array<unknown> = []
    const between = Effect.sync(() => void told.push(["between", indexCount()]))
    expect(await run(index.catchUp((count, size) => told.push([count, size]), between))).toBe(150)
    expect(told).toEqual([
      [64, 150],
      ["between", 10],
      [128, 150],
      ["between", 10],
      [150, 150],
      ["between", 10],
    ])
    // Behind the first page, the last entry that was taken in is read again: it has to be the same.
    expect(read).toEqual([
      [0, 64],
      [63, 65],
      [127, 65],
      [149, 65],
    ])
    expect(positions()).toEqual(numbers(0, 150))
    expect(bookmarks()).toEqual([["log", 150, stored[149]!.leaf]])
  })

  it("takes in thousands together where it is told to, and makes its indexes when all is in", async () => {
    const { index, positions, indexCount } = indexOver(entriesOf(150))
    const counts: Array<number> = []
    const between = Effect.sync(() => void counts.push(indexCount()))
    expect(await run(index.catchUp(undefined, between, 100))).toBe(150)
    expect([counts, indexCount()]).toEqual([[0, 0], 10])
    expect(positions()).toEqual(numbers(0, 150))
  })

  it("has nothing to do in an empty log", async () => {
    const { index, bookmarks, read } = indexOver([])
    const told: Array<unknown> = []
    expect(await run(index.catchUp((...progress) => told.push(progress)))).toBe(0)
    expect([told, bookmarks(), read]).toEqual([[], [], [[0, 64]]])
    expect(await run(index.size)).toBe(0)
  })
})

describe("an index that had come somewhere", () => {
  it("goes on from there, with its indexes, however many entries are taken in together", async () => {
    const { index, stored, read, indexCount } = indexOver(entriesOf(10))
    await run(index.catchUp())
    stored.push(...entriesOf(200).slice(10).map(toStored))
    read.length = 0
    const counts: Array<number> = []
    expect(
      await run(
        index.catchUp(
          undefined,
          Effect.sync(() => void counts.push(indexCount())),
          150,
        ),
      ),
    ).toBe(200)
    expect(read.slice(0, 2)).toEqual([
      [9, 151],
      [159, 151],
    ])
    expect(counts).toEqual([10, 10])
  })

  it.each<readonly [string, (stored: Array<StoredEntry>) => void]>([
    ["is shorter", (stored) => stored.splice(5)],
    ["is empty", (stored) => stored.splice(0)],
    ["has another entry in the last place", (stored) => stored.splice(9, 1, { ...stored[9]!, leaf: stored[8]!.leaf })],
    ["has its last entry elsewhere", (stored) => stored.splice(9, 1, { ...stored[9]!, position: 12 })],
  ])("begins anew where the log %s", async (_, change) => {
    const { index, stored, edit, positions } = indexOver(entriesOf(10))
    await run(index.catchUp())
    edit("UPDATE audited_entries SET position = position + 1000")
    change(stored)
    const caughtUp = run(index.catchUp())
    // An entry that is not what it was does not come in again.
    if (stored.length === 10) await expect(caughtUp).rejects.toMatchObject({ reason: "corrupt" })
    else expect(await caughtUp).toBe(stored.length)
    expect(positions()).toEqual(stored.length === 10 ? [] : numbers(0, stored.length))
  })

  describe("and that another process has brought up to date, or begun anew, between reading and writing", () => {
    const entries = entriesOf(20)
    const leafAt = (position: number) => toStored(entries[position]!).leaf
    /** What is there in the end, where the bookmark is this one meanwhile, and five entries are gone. */
    const overtaken = async (size: number, leaf: string, isAnother: boolean) => {
      const { log, stored, index, edit, positions } = indexOver(entries.slice(0, 10))
      await run(index.catchUp())
      if (isAnother) stored[9] = { ...stored[9]!, leaf: stored[8]!.leaf }
      else stored.push(...entries.slice(10).map(toStored))
      const { readStored } = log
      let isFirst = true
      Object.assign(log, {
        readStored: (...range: Parameters<typeof readStored>) =>
          Effect.tap(readStored(...range), () =>
            Effect.sync(() => {
              if (!isFirst) return
              isFirst = false
              stored.splice(0, 20, ...entries.map(toStored))
              edit(`DELETE FROM audited_entries WHERE position < 5`)
              edit(`UPDATE bookmark SET size = ${size}, leaf = '${leaf}'`)
            }),
          ),
      })
      expect(await run(index.catchUp())).toBe(20)
      return positions()
    }

    it("takes in no page twice, and empties nothing that is right", async () => {
      for (const isAnother of [false, true]) {
        expect(await overtaken(20, leafAt(19), isAnother)).toEqual([5, 6, 7, 8, 9])
      }
    })

    it("begins anew where that one came from another log, be it as long or end alike", async () => {
      expect(await overtaken(10, leafAt(8), false)).toEqual(numbers(0, 20))
      expect(await overtaken(20, leafAt(9), false)).toEqual(numbers(0, 20))
    })
  })
})

describe("a log that is not right", () => {
  it("is taken in up to the page in which an entry is missing, or is not what was recorded", async () => {
    const entries = entriesOf(10)
    for (const [change, message] of [
      [(stored: Array<StoredEntry>) => stored.splice(4, 1), "entry 4 is missing"],
      [
        (stored: Array<StoredEntry>) => stored.splice(4, 1, { ...stored[4]!, bytes: "{}" }),
        "entry 4 is not what was recorded: its bytes and its hash disagree",
      ],
    ] as const) {
      const { index, stored, positions, bookmarks } = indexOver(entries)
      change(stored)
      const found = await run(Effect.flip(index.catchUp(undefined, undefined, 3)))
      expect(found).toMatchObject(fault(`${message}; run grantlog verify, and restore from a backup`))
      expect(positions()).toEqual([0, 1, 2])
      expect(bookmarks()).toEqual([["log", 3, toStored(entries[2]!).leaf]])
    }
  })
})

describe("entries that are in an archive", () => {
  const entries = recordedOf(eventsOf(...redeemed, ...Array.from({ length: 6 }, (_, index) => refresh(index + 1))))
  const size = entries.length
  const isOfGrant = ({ stream }: Recorded) => stream.startsWith("grant-")
  /** What is not archived: issuer and client. */
  const kept = [0, 1]
  const archived = () => {
    const world = indexOver(entries)
    const whole = [...world.stored]
    const take = (isTaken: (entry: Recorded) => boolean, archive: number) => {
      for (const entry of entries.filter(isTaken))
        world.stored[entry.position] = placeIn(archive, whole[entry.position]!)
    }
    const bring = (from: number, to: number) => {
      for (const position of numbers(from, to)) world.stored[position] = whole[position]!
    }
    return { ...world, take, bring }
  }

  it("are not in the index, which has noted the first of each archive and come to its end", async () => {
    const { index, take, positions, bookmarks, stored } = archived()
    take(isOfGrant, 1)
    take(({ position }) => position > 6, 2)
    expect(await run(index.catchUp())).toBe(size)
    expect(positions()).toEqual(kept)
    expect(bookmarks()).toEqual([
      ["lacking archive-1", 2, ""],
      ["lacking archive-2", 7, ""],
      ["log", size, stored[size - 1]!.leaf],
    ])
    expect(await run(index.size)).toBe(size)
  })

  it("are taken in once the archive is there, page by page, from its first one on, and once", async () => {
    const { index, take, bring, positions, bookmarks, read, stored } = archived()
    take(isOfGrant, 1)
    await run(index.catchUp())
    read.length = 0
    await run(index.catchUp())
    // It is looked for at its first place, and nothing is read for nothing.
    expect(read).toEqual([
      [size - 1, 65],
      [2, 1],
    ])
    bring(2, size)
    read.length = 0
    let turnCount = 0
    expect(
      await run(
        index.catchUp(
          undefined,
          Effect.sync(() => void turnCount++),
          4,
        ),
      ),
    ).toBe(size)
    expect(positions()).toEqual(numbers(0, size))
    expect(bookmarks()).toEqual([["log", size, stored[size - 1]!.leaf]])
    const pages = Array.from({ length: Math.ceil((size - 2) / 4) }, (_, page) => 2 + 4 * page)
    expect(read).toEqual([[size - 1, 5], [2, 1], ...pages.map((from) => [from, Math.min(4, size - from)])])
    expect(turnCount).toBe(pages.length)
    read.length = 0
    await run(index.catchUp())
    expect(read).toEqual([[size - 1, 65]])
  })

  it("are taken in of the archive that is there, and no further than the index had come", async () => {
    const { index, take, bring, positions, bookmarks, stored } = archived()
    take(isOfGrant, 1)
    take(({ position }) => position > 6 && position !== 9, 2)
    await run(index.catchUp())
    bring(7, 9)
    bring(10, size)
    const later = recordedOf(
      eventsOf(initialize(), register(), ...Array.from({ length: size }, () => toSubject("RevokeSubjectSessions"))),
    )
    stored.push(...later.slice(size, size + 1).map(toStored))
    await run(index.catchUp())
    expect(positions()).toEqual([...kept, 7, 8, ...numbers(10, size + 1)])
    expect(bookmarks().map(([name]) => name)).toEqual(["lacking archive-1", "log"])
  })

  it("are taken in as they are found: what is there already stays as it is, and what is wrong is refused", async () => {
    const { index, take, bring, edit, positions, bookmarks, stored } = archived()
    take(isOfGrant, 1)
    await run(index.catchUp())
    bring(2, size)
    edit("INSERT INTO audited_entries (position, type) VALUES (5, 'Known')")
    stored[8] = { ...stored[8]!, bytes: "{}" }
    expect(await run(Effect.flip(index.catchUp()))).toMatchObject(
      fault(
        "entry 8 is not what was recorded: its bytes and its hash disagree; run grantlog verify, and restore from a backup",
      ),
    )
    expect(positions()).toEqual([0, 1, 5])
    expect(bookmarks().map(([name]) => name)).toEqual(["lacking archive-1", "log"])
    bring(8, 9)
    await run(index.catchUp())
    const query = { from: 0, to: size, limit: size }
    expect(await run(index.positions({ ...query, type: "Known" }))).toEqual([5])
    expect(await run(index.positions(query))).toEqual(numbers(0, size))
  })

  it("are left to the process that has taken them in meanwhile, or some of them, or has begun anew", async () => {
    for (const gone of ["%", "lacking archive-2"]) {
      const { log, index, take, bring, edit, positions } = archived()
      take(isOfGrant, 1)
      take(({ position }) => position > 6, 2)
      await run(index.catchUp())
      bring(2, size)
      const { readStored } = log
      let readCount = 0
      Object.assign(log, {
        readStored: (...range: Parameters<typeof readStored>) =>
          Effect.tap(readStored(...range), () =>
            Effect.sync(() => {
              if (++readCount === 4) edit(`DELETE FROM bookmark WHERE name LIKE '${gone}' AND name <> 'log'`)
            }),
          ),
      })
      await run(index.catchUp())
      expect([gone, readCount, positions()]).toEqual([gone, 4, kept])
    }
  })
})
