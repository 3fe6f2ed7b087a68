/** Turning the pages of a history, and following it, over an index in memory. */
import { Effect, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import {
  followHistory,
  historyPage,
  openAuditIndex,
  type Audit,
  type HistoryPageQuery,
} from "../../../src/audit/index.ts"
import { fromStored, toStored, type EventLog, type Recorded } from "../../../src/log/index.ts"
import { eventsOf, placeIn, recordedOf, storedLog } from "../StoredLog.ts"
import { login, redeemed, refresh, toSubject, update } from "../../core/support/Facts.ts"

const run = Effect.runPromise

const REFRESHES = 8
const story = recordedOf(
  eventsOf(...redeemed, ...Array.from({ length: REFRESHES }, (_, index) => [refresh(index + 1), update()]).flat()),
)
/** Where access tokens are issued: never two of them side by side, but for the story's beginning. */
const issued = story.filter(({ event }) => event._tag === "AccessTokenIssued").map(({ position }) => position)

const indexed = async (entries: ReadonlyArray<Recorded> = story) => {
  const world = storedLog(entries)
  const reads: Array<readonly [number, number | undefined]> = []
  const { readAll } = world.log
  const log = {
    ...world.log,
    readAll: (...range: Parameters<typeof readAll>) => {
      reads.push([range[0], range[1]])
      return readAll(...range)
    },
  }
  const index = openAuditIndex(log, undefined)
  await run(index.catchUp())
  const audit = { log, index } as unknown as Audit
  const page = async (query: Partial<HistoryPageQuery>) => {
    const { entries: found, ...rest } = await run(
      historyPage(audit, { type: "AccessTokenIssued", from: 0, to: entries.length, limit: 3, ...query }),
    )
    return { positions: found.map(({ position }) => position), ...rest }
  }
  return { ...world, audit, page, reads }
}

describe("a page", () => {
  const [first, second, third, fourth] = issued as [number, number, number, number]
  const last = issued.at(-1)!

  it.each<readonly [string, Partial<HistoryPageQuery>, object]>([
    ["is the newest first", {}, { positions: issued.slice(-3).toReversed(), before: issued.at(-3), after: undefined }],
    [
      "is the oldest first",
      { isOldestFirst: true },
      { positions: [first, second, third], before: undefined, after: third },
    ],
    ["before an entry", { before: fourth }, { positions: [third, second, first], before: undefined, after: third }],
    [
      "before an entry, of a few",
      { before: fourth, limit: 2 },
      { positions: [third, second], before: second, after: third },
    ],
    [
      "before an entry, the oldest first",
      { before: fourth, limit: 2, isOldestFirst: true },
      { positions: [second, third], before: second, after: third },
    ],
    ["after an entry", { after: first, limit: 2 }, { positions: [third, second], before: second, after: third }],
    [
      "after an entry, the oldest first",
      { after: first, limit: 2, isOldestFirst: true },
      { positions: [second, third], before: second, after: third },
    ],
    [
      "between two entries, the newest first",
      { after: first, before: last, limit: 2 },
      { positions: [issued.at(-2), issued.at(-3)], before: issued.at(-3), after: issued.at(-2) },
    ],
    [
      "between two entries, the oldest first",
      { after: first, before: last, limit: 2, isOldestFirst: true },
      { positions: [second, third], before: second, after: third },
    ],
    ["within a part", { from: second, to: third }, { positions: [second], before: undefined, after: undefined }],
    [
      "within a part, whatever is asked beyond",
      { from: second, to: third, after: 0, before: 1000 },
      { positions: [second], before: undefined, after: undefined },
    ],
    ["behind the last", { after: last }, { positions: [], before: last + 1, after: undefined }],
    ["before the first", { before: first }, { positions: [], before: undefined, after: first - 1 }],
    ["of nothing", { type: "Nothing" }, { positions: [], before: undefined, after: undefined }],
  ])("%s, with where the pages beside it begin", async (_, query, told) => {
    const { page } = await indexed()
    expect(await page(query)).toEqual({ archivedCount: 0, ...told })
  })

  it("is read of the log as it lies there: neighbours together, and nothing else", async () => {
    const { page, reads } = await indexed()
    const all = story.map(({ position }) => position)
    expect((await page({ type: undefined, limit: 100, isOldestFirst: true })).positions).toEqual(all)
    expect(reads).toEqual([[0, story.length]])
    reads.length = 0
    await page({ limit: 3, isOldestFirst: true })
    expect(reads).toEqual([first, second, third].map((position) => [position, 1]))
    reads.length = 0
    await page({ type: undefined, actor: "app", from: 2, to: 6, limit: 9 })
    expect(reads).toEqual([
      [2, 1],
      [4, 1],
    ])
    reads.length = 0
    await page({ type: undefined, grantId: login, limit: 11, isOldestFirst: true })
    expect(reads).toEqual([
      [2, 7],
      [10, 2],
      [13, 2],
    ])
    reads.length = 0
    await page({ type: "Nothing" })
    expect(reads).toEqual([])
  })

  it("counts those of it that are in archives, and has the others", async () => {
    const { page, stored } = await indexed()
    stored[second] = placeIn(1, stored[second]!)
    expect(await page({ isOldestFirst: true })).toEqual({
      positions: [first, third],
      archivedCount: 1,
      before: undefined,
      after: third,
    })
  })
})

describe("a history that is followed", () => {
  /** What comes later comes as from another process, which the index has not taken in. */
  const followed = async (from: number, later: ReadonlyArray<Recorded>, count: number, type = "AccessTokenIssued") => {
    const { audit, stored } = await indexed()
    const log = {
      ...audit.log,
      subscribe: (start: number) =>
        Stream.unwrap(
          Effect.sync(() => {
            stored.push(...later.map(toStored))
            return Stream.fromIterable(stored.slice(start).map((one) => Result.getOrThrow(fromStored(one))))
          }),
        ),
    } as EventLog
    const found = await run(
      Stream.runCollect(Stream.take(followHistory({ ...audit, log } as unknown as Audit, { type, from }), count)),
    )
    return found.map(({ position }) => position)
  }
  const later = recordedOf(
    eventsOf(...redeemed, ...Array.from({ length: 20 }, (_, index) => [refresh(index + 1), update()]).flat()),
  ).slice(story.length)
  const laterIssued = later.filter(({ event }) => event._tag === "AccessTokenIssued").map(({ position }) => position)

  it("is what there is already, and then what is appended, each once, in order", async () => {
    const all = [...issued, ...laterIssued]
    expect(await followed(0, later, all.length)).toEqual(all)
    const since = issued[3]!
    expect(await followed(since, later, 4)).toEqual(all.filter((position) => position >= since).slice(0, 4))
  })

  it("from behind the end of the log is what comes from there on", async () => {
    const from = laterIssued[1]!
    expect(await followed(from, later, 3)).toEqual(laterIssued.slice(1, 4))
  })

  it("is told page by page, however much there is", async () => {
    const many = recordedOf(
      eventsOf(...redeemed, ...Array.from({ length: 600 }, () => toSubject("RevokeSubjectSessions"))),
    )
    const { audit } = await indexed(many)
    const asked: Array<readonly [from: number, limit: number]> = []
    const index = {
      ...audit.index,
      positions: (query: Parameters<typeof audit.index.positions>[0]) => {
        if (query.limit > 1) asked.push([query.from, query.limit])
        return audit.index.positions(query)
      },
    }
    const log = { ...audit.log, subscribe: () => Stream.never } as EventLog
    const history = followHistory({ log, index } as unknown as Audit, { from: 0 })
    const found = await run(Stream.runCollect(Stream.take(history, many.length)))
    expect(found.map(({ position }) => position)).toEqual(many.map(({ position }) => position))
    expect(asked).toEqual([
      [0, 256],
      [256, 256],
      [512, 256],
    ])
  })
})
