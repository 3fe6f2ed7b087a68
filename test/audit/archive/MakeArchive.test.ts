/** What goes into an archive, what is signed about it, and what is taken out of the log afterwards. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { makeArchive, removeArchived, verifyArchive, type ArchiveOptions } from "../../../src/audit/index.ts"
import type { PrunedThrough, StoredEntry } from "../../../src/log/index.ts"
import { at, grantId, refresh } from "../../core/support/Facts.ts"
import {
  archived,
  archivistOver,
  denied,
  key,
  memoryArchive,
  prunedLog,
  revoked,
  signed,
  statementOf,
  storedOf,
  treeOf,
  waiting,
} from "./InMemory.ts"

const run = Effect.runPromise

const making = (stored: ReadonlyArray<StoredEntry>, options: ArchiveOptions, bounds?: ReadonlyArray<PrunedThrough>) => {
  const made = memoryArchive()
  const { log, asked } = prunedLog(stored, bounds)
  const { archivist, told } = archivistOver(stored)
  return { ...made, asked, told, archivist, make: makeArchive(log, archivist, made.writer, key, options) }
}
const names = ({ content }: ReturnType<typeof memoryArchive>) => content.streams.map(({ stream }) => stream)

describe("an archive", () => {
  it("has the whole streams of what had ended, what stays of each, and the hashes of all else", async () => {
    const stored = storedOf(waiting("b"), revoked("c"), revoked("a"), denied(1, at(40)))
    const { content, statement } = await archived(stored, at(3))
    const own = stored.filter(({ stream }) => /^grant-[abc]/.test(stream))
    expect(content.entries.toSorted((left, right) => left.position - right.position)).toEqual(own)
    const stays = { diedAt: at(2), clientId: "app" }
    expect(content.streams).toEqual([
      { stream: `grant-${grantId("a")}`, version: 8, ...stays, keyIds: ["key-1"] },
      { stream: `grant-${grantId("b")}`, version: 2, ...stays, diedAt: at(1), keyIds: [] },
      { stream: `grant-${grantId("c")}`, version: 8, ...stays, keyIds: ["key-1"] },
    ])
    expect(statement).toBe(signed(statementOf(stored, content, at(3))))
    expect(content.statement).toBe(statement)
    const { hashOf } = treeOf(stored)
    expect([...content.hashes]).toEqual([
      ["1/0", hashOf(1, 0)],
      ["0/20", hashOf(0, 20)],
    ])
  })

  it("has no hash but those that are needed between its entries, and is right", async () => {
    const living = denied(6, at(40))
    const stored = storedOf(living.slice(0, 3), revoked("a"), living.slice(3))
    const { content, file } = await archived(stored)
    const { hashOf } = treeOf(stored)
    expect(content.entries).toHaveLength(8)
    expect([...content.hashes]).toEqual(
      (
        [
          [2, 0],
          [0, 4],
          [0, 13],
          [1, 7],
        ] as const
      ).map(([level, index]) => [`${level}/${index}`, hashOf(level, index)]),
    )
    expect(await run(verifyArchive(file(), key))).toMatchObject({ _tag: "Success" })
  })

  it("has what died before the time, up to where the rows were removed, and nothing else", async () => {
    const stored = storedOf(revoked("a"), revoked("b"), revoked("c"), denied(1, at(2)))
    // What was revoked or denied is kept a minute longer, for clocks that differ.
    const grants = ["a", "b", "c"].map((name) => `grant-${grantId(name)}`)
    const taken = async (before: number, bound?: PrunedThrough) => {
      const made = making(stored, { before }, bound && [bound])
      const statement = await run(made.make)
      expect(statement === undefined).toBe(names(made).length === 0)
      return names(made)
    }
    expect(await taken(at(3))).toEqual(grants)
    expect(await taken(at(3, 1))).toEqual([...grants, expect.stringMatching(/^grant-n1000n/)])
    expect(await taken(at(2))).toEqual([])
    expect(await taken(at(4), { diedAt: at(2), id: grantId("b") })).toEqual(grants.slice(0, 2))
    expect(await taken(at(4), { diedAt: at(1, 59_999), id: "z" })).toEqual([])
  })

  it("waits until all rows of what died by then are removed", async () => {
    const bounds = [
      { diedAt: 1, id: "a" },
      { diedAt: 1, id: "b" },
      { diedAt: at(2), id: "b" },
      { diedAt: at(2), id: "z" },
      { diedAt: at(2), id: "z" },
      { diedAt: at(9), id: "z" },
    ]
    const made = making(storedOf(revoked("a"), denied(1, at(2))), { before: at(30) }, bounds)
    await run(made.make)
    expect(made.asked).toEqual(Array.from({ length: 5 }, () => at(30)))
    expect(names(made)).toEqual([`grant-${grantId("a")}`])
  })

  it("has no stream of a grant that never began", async () => {
    const stored = storedOf(revoked("a"), waiting("b").slice(1))
    const made = making(stored, { before: at(30) })
    await run(made.make)
    expect(names(made)).toEqual([`grant-${grantId("a")}`])
  })

  it("is not made where nothing has ended, and nothing is signed", async () => {
    const made = making(storedOf(waiting("a")), { before: at(1) })
    expect(await run(made.make)).toBeUndefined()
    expect(made.content).toMatchObject({ statement: "", entries: [], streams: [] })
  })

  it("is made of streams of grants, a few at a time, however many there are, and says how many it has", async () => {
    const stored = storedOf(denied(130))
    const counts: Array<number> = []
    const made = making(stored, { before: at(30), onProgress: (count) => counts.push(count) })
    await run(made.make)
    expect(made.content.streams).toHaveLength(130)
    expect(counts).toEqual(Array.from({ length: 130 }, (_, index) => index + 1))
    const asked = (after: string) => ["candidates", "grant-", after, at(30), 64]
    expect(made.told).toEqual([asked(""), asked(stored[65]!.stream), asked(stored[129]!.stream)])
  })

  it("is right also where it has thousands of entries", async () => {
    const stored = storedOf(denied(600))
    const { content, file, statement, reads } = await archived(stored)
    expect(statement).toBe(signed(statementOf(stored, content)))
    expect(await run(verifyArchive(file(), key))).toMatchObject({ _tag: "Success" })
    expect(reads.filter(([name]) => name === "stored").slice(0, 3)).toEqual([
      ["stored", 0, 512],
      ["stored", 514, 512],
      ["stored", 602, 512],
    ])
    expect(reads.filter(([name]) => name === "streams")).toEqual([
      ["streams", "", 512],
      ["streams", content.streams[511]!.stream, 512],
    ])
  })

  it("is begun no more where a candidate has been looked at in vain on a page that is full", async () => {
    const stored = storedOf(denied(64))
    const made = making(stored, { before: at(30) })
    await run(made.make)
    expect(made.told.map(([, , after]) => after)).toEqual(["", stored[65]!.stream])
  })
})

describe("a stream that is not right is not archived, and says which", () => {
  const refused = async (stored: ReadonlyArray<StoredEntry>) =>
    run(Effect.flip(making(stored, { before: at(30) }).make))
  const corrupt = (message: string) => ({ _tag: "StoreFault", reason: "corrupt", message })

  it("where an entry is not what was recorded", async () => {
    const stored = storedOf(revoked("a"))
    stored[4] = { ...stored[4]!, bytes: "{}" }
    expect(await refused(stored)).toMatchObject(
      corrupt("entry 4 is not what was recorded: its bytes and its hash disagree: run grantlog verify"),
    )
  })

  it("where its events break a promise", async () => {
    const stored = storedOf([...revoked("a"), ...revoked("a").slice(3, 4)])
    expect(await refused(stored)).toMatchObject(
      corrupt("something is given after the grant was revoked: run grantlog verify"),
    )
  })

  it("where it has more entries by its name than there are", async () => {
    const stored = storedOf(revoked("a"))
    const made = making(stored, { before: at(30) })
    const { candidates } = made.archivist
    const lying = {
      ...made.archivist,
      candidates: (...asked: Parameters<typeof candidates>) =>
        Effect.map(candidates(...asked), (page) => page.map((one) => ({ ...one, version: one.version + 1 }))),
    }
    const make = makeArchive(prunedLog(stored).log, lying, made.writer, key, { before: at(30) })
    expect(await run(Effect.flip(make))).toMatchObject(
      corrupt(`the stream \`grant-${grantId("a")}\` lacks an entry: run grantlog verify`),
    )
  })
})

describe("what is in an archive", () => {
  it("is taken out of the log, noted before and afterwards, with the digests that the log finds old tokens by", async () => {
    const old = revoked("a", refresh(2)).map((event) =>
      event._tag === "RefreshTokenIssued" ? { ...event, afterVersion: null } : event,
    )
    const stored = storedOf(old, revoked("b"))
    const { content, file, statement } = await archived(stored)
    const { archivist, told } = archivistOver(stored)
    const counts: Array<number> = []
    expect(await run(removeArchived(archivist, file(), "old.archive", (count) => counts.push(count)))).toEqual({
      number: 7,
      streamCount: 1,
    })
    const [issued] = old.filter(({ _tag }) => _tag === "RefreshTokenIssued")
    const digests = [[(issued as { readonly digest: string }).digest], []]
    expect(told).toEqual([
      ["begin", statement, "old.archive"],
      ["remove", 7, content.streams.map((stream, index) => ({ ...stream, indexedDigests: digests[index] }))],
      ["finish", 7],
    ])
    expect(counts).toEqual([2])
  })

  it("is taken out a few streams at a time", async () => {
    for (const [count, pages] of [
      [130, [64, 64, 2]],
      [128, [64, 64]],
    ] as const) {
      const stored = storedOf(denied(count))
      const { file } = await archived(stored)
      const { archivist, told } = archivistOver(stored)
      const counts: Array<number> = []
      const removed = await run(removeArchived(archivist, file(), "old", (seenCount) => counts.push(seenCount)))
      expect(removed.streamCount).toBe(count - pages.length)
      const removals = told.filter(([name]) => name === "remove")
      expect(removals.map(([, , streams]) => (streams as ReadonlyArray<unknown>).length)).toEqual(pages)
      expect(counts).toEqual(count === 130 ? [64, 128, 130] : [64, 128, 128])
    }
  })

  it("stays where an entry of the archive is not what was recorded", async () => {
    const stored = storedOf(revoked("a"))
    const { content, file } = await archived(stored)
    content.entries[2] = { ...content.entries[2]!, bytes: "{}" }
    const { archivist, told } = archivistOver(stored)
    expect(await run(Effect.flip(removeArchived(archivist, file(), "old.archive")))).toMatchObject({
      reason: "corrupt",
      message: expect.stringContaining("entry 4 is not what was recorded"),
    })
    expect(told.map(([name]) => name)).toEqual(["begin"])
  })
})
