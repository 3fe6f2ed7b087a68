/** What reading promises: entries by place, stream and digest, following, rows as of one moment, pruning, rebuilding. */
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { issuedDigest } from "../../src/core/index.ts"
import { emptyRoot, leafHash, nodeHash, rootOf, type StoreFault, type SubtreeHash } from "../../src/log/index.ts"
import { PRUNE_LIMIT } from "../../src/log/Rebuild.ts"
import type { Listing, Row, Table } from "../../src/log/Rows.ts"
import { PAGE } from "../../src/log/Pages.ts"
import { issuedTable, subtreeTable } from "../../src/log/Tables.ts"
import type { OpenEmpty } from "./LogSuite.ts"
import { askRows } from "./RowsByHand.ts"
import { accountTable } from "../../src/provider/AccountTables.ts"
import {
  append,
  appendOne,
  appending,
  at,
  codeIssued,
  digest,
  disabled,
  epochRaised,
  fill,
  proposed,
  refreshIssued,
  signedOut,
  tally,
  tallyTable,
  type TestStore,
} from "./Samples.ts"

/** A join that is of no table. */

const run = Effect.runPromise

const follow = (log: TestStore, from: number, count: number) =>
  run(Stream.runCollect(Stream.take(log.subscribe(from), count)))

/** The n-th append to streams that take turns. */
const appendingOf = (count: number) => appending(Math.floor((count - 1) / 3), [signedOut(`s-${count % 3}`)])

/** Events of one stream. */
const signedOutOften = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => signedOut(name, index))

/** Subtrees computed anew every time they are asked for. */
const hashesOf = (leaves: ReadonlyArray<string>): SubtreeHash => {
  const hashOf: SubtreeHash = (level, index) =>
    level === 0 ? leaves[index]! : nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1))
  return hashOf
}

const positions = (entries: ReadonlyArray<{ readonly position: number }>) => entries.map((entry) => entry.position)
const upTo = (from: number, end: number) => Array.from({ length: end - from }, (_, index) => from + index)

export const readRules = (openEmpty: OpenEmpty): void => {
  describe("reading", () => {
    it("gives an entry back as it was appended, envelope and all", async () => {
      const log = openEmpty()
      const event = proposed(signedOut("alice"), { actor: "app", causationId: "event-0", sealed: "c2VhbGVk" })
      await append(log, appending(0, [], { stream: "subject-sub_alice", events: [event], at: at(5) }))
      const recorded = { ...event, position: 0, stream: "subject-sub_alice", version: 1, recordedAt: at(5) }
      expect(await run(log.readAll(0))).toEqual([recorded])
      expect(await run(log.readStream("subject-sub_alice"))).toEqual([recorded])
    })

    it("goes on from a position or behind a version, as far as it is asked to", async () => {
      const log = openEmpty()
      for (const version of [0, 1, 2]) {
        await append(log, appending(version, [signedOut("alice")]), appending(version, [signedOut("bob")]))
      }
      expect(positions(await run(log.readAll(2, 3)))).toEqual([2, 3, 4])
      expect(await run(log.readAll(6))).toEqual([])
      expect(positions(await run(log.readStream("subject-sub_bob")))).toEqual([1, 3, 5])
      expect(positions(await run(log.readStream("subject-sub_bob", 2)))).toEqual([5])
      expect(await run(log.readStream("subject-sub_nobody"))).toEqual([])
    })

    it("knows how long a stream is, and gives as much of it as is asked for", async () => {
      const log = openEmpty()
      await append(log, appending(0, [signedOut("alice")]))
      await append(log, appending(0, signedOutOften("bob", 40)))
      expect(await run(log.streamVersion("subject-sub_bob"))).toBe(40)
      expect(await run(log.streamVersion("subject-sub_nobody"))).toBe(0)
      expect((await run(log.readStream("subject-sub_bob", 3, 35))).map(({ version }) => version)).toEqual(upTo(4, 39))
      expect((await run(log.readStream("subject-sub_bob"))).map(({ version }) => version)).toEqual(upTo(1, 41))
    })

    it("gives the event loop back after every slice, however much is read", async () => {
      const log = openEmpty()
      await append(log, appending(0, signedOutOften("alice", 4 * PAGE)))
      const reads: Readonly<Record<string, Effect.Effect<ReadonlyArray<unknown>, StoreFault>>> = {
        stream: log.readStream("subject-sub_alice"),
        all: log.readAll(0),
        stored: log.readStored(0),
      }
      for (const [name, read] of Object.entries(reads)) {
        let turnCount = 0
        let isRead = false
        const turn = () => void (isRead || (turnCount++, setImmediate(turn)))
        setImmediate(turn)
        expect(await run(read), name).toHaveLength(4 * PAGE)
        isRead = true
        expect(turnCount, name).toBeGreaterThanOrEqual(3)
      }
    })

    it("finds what issued a refresh token that names no version by its digest, however old, and nothing else", async () => {
      const log = openEmpty()
      const others = [codeIssued("code"), refreshIssued("named", 2)]
      await append(log, appending(0, [refreshIssued("old-1"), ...others, refreshIssued("old-2")]))
      await fill(log, "later", 20)
      const entry = await run(log.readUnversioned(digest("old-2")))
      expect(entry && [entry.position, issuedDigest(entry.event)]).toEqual([3, digest("old-2")])
      for (const other of ["code", "named", "never"]) {
        expect(await run(log.readUnversioned(digest(other)))).toBeUndefined()
      }
      expect(await run(log.dump(issuedTable))).toHaveLength(2)
    })

    it("refuses an index that names the wrong entry, and rebuilding puts it right", async () => {
      const log = openEmpty()
      await append(log, appending(0, [refreshIssued("old-1"), refreshIssued("old-2")]))
      await run(log.side.write((rows) => rows.put(issuedTable, { digest: digest("old-1"), position: 1 })))
      await run(log.side.write((rows) => rows.delete(issuedTable, [digest("old-2")])))
      await expect(run(log.readUnversioned(digest("old-1")))).rejects.toMatchObject({
        reason: "corrupt",
        message: expect.stringContaining("run grantlog rebuild"),
      })
      expect(await run(log.rebuild())).toMatchObject({ differingRowCount: 2 })
      expect(await run(log.readUnversioned(digest("old-1")))).toMatchObject({ position: 0 })
      expect(await run(log.readUnversioned(digest("old-2")))).toMatchObject({ position: 1 })
    })
  })

  describe("the tree", () => {
    it("has the leaves that entries carry, and the root that they give, after every append", async () => {
      const log = openEmpty()
      expect(await run(log.readTree(({ size, hashOf }) => rootOf(hashOf, size)))).toBe(emptyRoot)
      const isRight = async (count: number) => {
        const stored = await run(log.readStored(0))
        const { size, root } = await run(log.readTree((tree) => ({ ...tree, root: rootOf(tree.hashOf, tree.size) })))
        expect({ size, root }).toEqual({
          size: count,
          root: rootOf(hashesOf(stored.map(({ bytes }) => leafHash(bytes))), count),
        })
      }
      for (let count = 1; count <= 33; count++) {
        await append(log, appendingOf(count))
        await isRight(count)
      }
      await append(log, ...upTo(34, 255).map(appendingOf))
      for (let count = 255; count <= 273; count++) {
        await append(log, appendingOf(count))
        await isRight(count)
      }
      expect((await run(log.readStored(271, 5))).map(({ position }) => position)).toEqual([271, 272])
    })

    it("that lacks a hash is refused, and made again by a rebuild", async () => {
      const log = openEmpty()
      await fill(log, "x", 17)
      const root = () => run(log.readTree(({ size, hashOf }) => rootOf(hashOf, size)))
      const before = await root()
      await run(log.side.write((rows) => rows.delete(subtreeTable, [4, 0])))
      await expect(root()).rejects.toMatchObject({
        reason: "corrupt",
        message: "the hash over entries 0 to 15 is missing: run grantlog rebuild",
      })
      expect(await run(log.rebuild())).toMatchObject({ differingRowCount: 1 })
      expect(await root()).toBe(before)
    })
  })

  describe("following", () => {
    it("catches up over any number of pages, then gets what is appended, each entry once and in order", async () => {
      const log = openEmpty()
      await fill(log, "before", 600)
      const followed = follow(log, 0, 640)
      await fill(log, "after", 40)
      expect(positions(await followed)).toEqual(upTo(0, 640))
    })

    it("starts where it is told, be that beyond the end", async () => {
      const log = openEmpty()
      await fill(log, "before", 3)
      const followers = [follow(log, 2, 3), follow(log, 3, 2), follow(log, 4, 1)]
      for (const name of ["d", "e"]) await append(log, appending(0, [signedOut(name)]))
      expect((await Promise.all(followers)).map(positions)).toEqual([[2, 3, 4], [3, 4], [4]])
    })

    it("is told of this log's own appends: it waits for no clock", async () => {
      const log = openEmpty()
      // On this clock no time passes, so that nothing is found by asking now and then.
      const standing = Stream.take(log.subscribe(0), 2).pipe(Stream.runCollect, Effect.provide(TestClock.layer()))
      const followed = run(standing)
      for (const name of ["alice", "bob"]) await append(log, appending(0, [signedOut(name)]))
      expect(positions(await followed)).toEqual([0, 1])
    })

    it("ends with a sentence when the log is closed", async () => {
      const log = openEmpty()
      // On the second clock no time passes, so that it is told at once and does not find out by asking.
      const told = Stream.take(log.subscribe(0), 1).pipe(Stream.runCollect, Effect.provide(TestClock.layer()))
      const followed = [follow(log, 0, 1), run(told)]
      const ended = followed.map((one) => expect(one).rejects.toMatchObject({ reason: "closed" }))
      await run(log.close)
      await Promise.all(ended)
    })
  })

  describe("rows", () => {
    it("are there with the entries they follow from, and gone with those that failed", async () => {
      const log = openEmpty()
      await append(log, appending(0, [signedOut("alice"), signedOut("alice")]), appending(5, [signedOut("bob")]))
      const read = await run(log.side.ask((rows) => rows.list(tallyTable, {}).map((row) => ({ ...row }))))
      expect(read).toEqual([{ stream: "subject-sub_alice", entry_count: 2, died_at: Number.MAX_SAFE_INTEGER }])
      expect(await askRows(log, (rows) => rows.count(tallyTable, {}))).toBe(1)
    })

    it("of accounts are written all or not at all, and survive a rebuild", async () => {
      const log = openEmpty()
      const alice = { name: "alice", subject_id: "sub_alice", password_hash: null, created_at: 1, display_name: null }
      await run(log.side.write((rows) => rows.put(accountTable, alice)))
      const failing = log.side.write((rows) => {
        rows.put(accountTable, { ...alice, name: "bob" })
        rows.delete(accountTable, ["alice"])
        rows.put(accountTable, { ...alice, created_at: 2 })
        throw new Error("no")
      })
      await expect(run(failing)).rejects.toMatchObject({ reason: "other", cause: new Error("no") })
      await run(log.rebuild())
      expect((await run(log.dump(accountTable))).map((row) => ({ ...row }))).toEqual([alice])
    })

    it("come with what has no value first, which is equal to nothing", async () => {
      const log = openEmpty()
      const account = { subject_id: "sub_x", password_hash: null, created_at: 1 }
      const names = [
        ["a", "Zoe"],
        ["b", null],
        ["c", "Ada"],
        ["d", null],
      ] as const
      for (const [name, display_name] of names)
        await run(log.side.write((rows) => rows.put(accountTable, { ...account, name, display_name })))
      const list = (listing: Listing) =>
        askRows(log, (rows) => rows.list(accountTable, listing).map((row) => String(row["name"])))
      expect(await list({ orderBy: ["display_name", "name"] })).toEqual(["b", "d", "c", "a"])
      expect(await list({ orderBy: ["display_name", "name"], isDescending: true })).toEqual(["a", "c", "d", "b"])
      expect(await list({ where: { display_name: null } })).toEqual([])
      expect(await list({ where: { subject_id: "sub_x", password_hash: null } })).toEqual([])
    })

    it("hold bytes, which are what they say and not what they lie in", async () => {
      const marks: Table = {
        name: "marks",
        columns: { mark: "BLOB", number: "INTEGER", more: "BLOB" },
        key: ["mark", "number"],
        indexes: [["more"]],
      }
      const log = openEmpty({ projection: { ...tally, tables: [...tally.tables, marks] } })
      const mark = (...bytes: ReadonlyArray<number>) => new Uint8Array(bytes)
      await run(
        log.side.write((rows) => {
          rows.put(marks, { mark: mark(255, 0), number: 1, more: mark() })
          rows.put(marks, { mark: mark(2), number: 1, more: mark(9) })
          rows.put(marks, { mark: mark(255, 0), number: 2, more: null })
          rows.put(marks, { mark: mark(2), number: 1, more: mark(8) })
          rows.put(marks, { mark: mark(1), number: 1, more: mark(8) })
          rows.delete(marks, [mark(1), 1])
        }),
      )
      const shown = ({ mark, number, more }: Row) =>
        [mark, more].map((bytes) => bytes && [...(bytes as Uint8Array)]).concat([[number as number]])
      const list = (listing: Listing) => askRows(log, (rows) => rows.list(marks, listing).map(shown))
      const [two, first, second] = [
        [[2], [8], [1]],
        [[255, 0], [], [1]],
        [[255, 0], null, [2]],
      ]
      expect(await list({})).toEqual([two, first, second])
      expect(await list({ isDescending: true, after: [mark(255, 0), 1] })).toEqual([two])
      expect(await list({ where: { mark: mark(255, 0) } })).toEqual([first, second])
      expect(await list({ where: { more: mark(8) } })).toEqual([two])
      expect(await list({ where: { more: mark() } })).toEqual([first])
      expect(
        await askRows(log, (rows) => [mark(255, 0), mark(255)].map((one) => rows.get(marks, [one, 2]) !== undefined)),
      ).toEqual([true, false])
      const found = { differingRowCount: 3, firstDiffering: "marks Ag 1" }
      expect(await run(log.compareRows())).toMatchObject(found)
      expect(await run(log.rebuild())).toMatchObject(found)
      expect(await list({})).toEqual([])
    })

    it("are listed by key, in pages, and by other columns", async () => {
      const log = openEmpty()
      await fill(log, "x", 5, disabled)
      await append(log, appending(0, [epochRaised("restored")]))
      const list = (listing: Listing) =>
        askRows(log, (rows) => rows.list(tallyTable, listing).map((row) => String(row["stream"]).slice(-3)))
      expect(await list({})).toEqual(["uer", "x-0", "x-1", "x-2", "x-3", "x-4"])
      expect(await list({ after: ["subject-sub_x-1"], limit: 2 })).toEqual(["x-2", "x-3"])
      expect(await list({ limit: 0 })).toEqual([])
      expect(await list({ where: { died_at: at(3) } })).toEqual(["x-3"])
      expect(await list({ where: { stream: "issuer" } })).toEqual(["uer"])
      expect(await list({ where: { died_at: null } })).toEqual([])
      expect(await list({ orderBy: ["died_at", "stream"], after: [at(3), "subject-sub_x-3"] })).toEqual(["x-4", "uer"])
      expect(await list({ isDescending: true, limit: 2 })).toEqual(["x-4", "x-3"])
      expect(await list({ isDescending: true, after: ["subject-sub_x-1"] })).toEqual(["x-0", "uer"])
      const newest = { orderBy: ["died_at", "stream"], isDescending: true, after: [at(3), "subject-sub_x-3"] }
      expect(await list({ ...newest, limit: 2 })).toEqual(["x-2", "x-1"])
      const only = await askRows(log, (rows) => rows.list(tallyTable, { columns: ["stream"], limit: 1 }))
      expect(only.map((row) => ({ ...row }))).toEqual([{ stream: "issuer" }])
    })
  })

  describe("rebuilding", () => {
    it("finds nothing to put right after any appends", async () => {
      const log = openEmpty()
      await fill(log, "x", 600)
      await append(log, appending(1, [signedOut("x-7"), disabled("x-7")]))
      const told: Array<number> = []
      const rebuilt = await run(log.rebuild({ onProgress: (count) => told.push(count) }))
      expect(rebuilt).toMatchObject({ entryCount: 602, rowCount: 600 + 39, differingRowCount: 0 })
      expect(told).toEqual(told.toSorted((left, right) => left - right))
      expect(told.at(-1)).toBe(602)
    })

    it.each([
      ["changed", { stream: "subject-sub_x-1", entry_count: 9, died_at: 0 }],
      ["added", { stream: "subject-sub_nobody", entry_count: 1, died_at: 0 }],
    ])("counts a row that was %s and puts it right", async (_, row) => {
      const log = openEmpty()
      await fill(log, "x", 3)
      const before = JSON.stringify(await run(log.dump(tallyTable)))
      await run(log.side.write((rows) => rows.put(tallyTable, row)))
      const found = { entryCount: 3, differingRowCount: 1, firstDiffering: `tally ${row.stream}` }
      expect(await run(log.rebuild())).toMatchObject(found)
      expect(JSON.stringify(await run(log.dump(tallyTable)))).toBe(before)
    })

    it("only compares, if that is asked, and leaves what it found", async () => {
      const log = openEmpty()
      await fill(log, "x", PRUNE_LIMIT + 2, disabled)
      await run(log.prune(at(2)))
      await run(log.side.write((rows) => rows.delete(tallyTable, ["subject-sub_x-7"])))
      const before = JSON.stringify(await run(log.dump(tallyTable)))
      for (let time = 0; time < 2; time++) {
        const found = { entryCount: PRUNE_LIMIT + 2, differingRowCount: 1, firstDiffering: "tally subject-sub_x-7" }
        expect(await run(log.compareRows())).toMatchObject(found)
        expect(JSON.stringify(await run(log.dump(tallyTable)))).toBe(before)
      }
    })

    it("counts a row that was removed and puts it back", async () => {
      const log = openEmpty()
      await fill(log, "x", 3)
      const before = JSON.stringify(await run(log.dump(tallyTable)))
      await run(log.side.write((rows) => rows.delete(tallyTable, ["subject-sub_x-2"])))
      expect(await run(log.rebuild())).toMatchObject({ entryCount: 3, rowCount: 2, differingRowCount: 1 })
      expect(JSON.stringify(await run(log.dump(tallyTable)))).toBe(before)
    })
  })

  describe("pruning", () => {
    it("removes rows of what died by then, oldest first, so many at a time, and says how far it came", async () => {
      const log = openEmpty()
      await fill(log, "x", PRUNE_LIMIT + 2, disabled)
      const bound = (index: number) => ({ diedAt: at(index), id: `subject-sub_x-${index}` })
      expect(await run(log.prune(at(PRUNE_LIMIT)))).toEqual(bound(PRUNE_LIMIT - 1))
      expect(await run(log.prune(at(PRUNE_LIMIT)))).toEqual(bound(PRUNE_LIMIT))
      expect(await run(log.prune(at(PRUNE_LIMIT)))).toEqual(bound(PRUNE_LIMIT))
      expect(await run(log.prune(at(0)))).toEqual(bound(PRUNE_LIMIT))
      const left = await run(log.dump(tallyTable))
      expect(left.map((row) => row["stream"])).toEqual([bound(PRUNE_LIMIT + 1).id])
      expect(await run(log.head)).toMatchObject({ size: PRUNE_LIMIT + 2 })
    })

    it("stops before the newest entry, whatever the clock says, so that what comes later dies later", async () => {
      const log = openEmpty()
      await fill(log, "x", 5, disabled)
      expect(await run(log.prune(at(10 ** 9)))).toEqual({ diedAt: at(3), id: "subject-sub_x-3" })
      await append(log, appending(0, [disabled("a", 4)], { at: at(4) }))
      expect(await run(log.rebuild())).toMatchObject({ rowCount: 2, differingRowCount: 0, faults: [] })
      await append(log, appending(0, [signedOut("b")], { at: at(5) }))
      expect(await run(log.prune(at(10 ** 9)))).toEqual({ diedAt: at(4), id: "subject-sub_x-4" })
      expect(await run(log.rebuild())).toMatchObject({ rowCount: 1, differingRowCount: 0, faults: [] })
    })

    it("is kept by a rebuild, byte for byte", async () => {
      const log = openEmpty()
      await fill(log, "x", 5, disabled)
      await fill(log, "y", 3)
      await run(log.prune(at(2)))
      const before = JSON.stringify(await run(log.dump(tallyTable)))
      expect(await run(log.rebuild())).toMatchObject({ entryCount: 8, rowCount: 5, differingRowCount: 0 })
      expect(JSON.stringify(await run(log.dump(tallyTable)))).toBe(before)
      await append(log, appending(0, [disabled("late", 4)], { at: at(4) }))
      expect(await run(log.rebuild())).toMatchObject({ differingRowCount: 0 })
      // Nor does removing a row that somebody put in forget how far rows were removed before.
      const forged = { stream: "subject-sub_forged", entry_count: 1, died_at: at(0) }
      await run(log.side.write((rows) => rows.put(tallyTable, forged)))
      expect(await run(log.prune(at(1)))).toEqual({ diedAt: at(2), id: "subject-sub_x-2" })
      expect(await run(log.rebuild())).toMatchObject({ differingRowCount: 0 })
    })
  })

  describe("closing", () => {
    it("answers what was handed in, then refuses everything with a sentence", async () => {
      const log = openEmpty()
      const pending = append(log, appending(0, [signedOut("alice")]), appending(0, [signedOut("bob")]))
      await run(log.close)
      expect((await pending).map((outcome) => outcome._tag)).toEqual(["Appended", "Appended"])

      const closed = { reason: "closed", message: expect.stringContaining("open it again") }
      expect(await appendOne(log, appending(1, [signedOut("alice")]))).toMatchObject({ _tag: "Rejected", ...closed })
      await expect(run(log.head)).rejects.toMatchObject(closed)
      await expect(run(log.readAll(0))).rejects.toMatchObject(closed)
      await expect(run(log.side.write(() => 1))).rejects.toMatchObject(closed)
      await expect(run(log.rebuild())).rejects.toMatchObject(closed)
      await expect(run(log.side.ask(() => 1))).rejects.toMatchObject(closed)
      if (log.rowsNow !== undefined) expect(() => log.rowsNow!.tally("issuer")).toThrow(expect.objectContaining(closed))
      await run(log.close)
    })
  })
}
