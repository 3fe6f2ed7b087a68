/** A log that is read together with archives: what is there is as before, and nothing of them is believed. */
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { requireArchives, withArchives } from "../../../src/audit/index.ts"
import {
  archiveTable,
  fromStored,
  isArchived,
  leafHash,
  type ArchiveFile,
  type EventLog,
  type Recorded,
  type Store,
  type StoredEntry,
} from "../../../src/log/index.ts"
import { placeIn } from "../StoredLog.ts"
import { at, grantId } from "../../core/support/Facts.ts"
import { archived, denied, memoryArchive, revoked, storedOf, waiting } from "./InMemory.ts"

const run = Effect.runPromise
const [A, B, D] = ["a", "b", "d"].map((name) => `grant-${grantId(name)}`) as [string, string, string]
/** Of A, B and C nothing is alive by 30 minutes, and D is not among what was archived. */
const stored = storedOf(revoked("a"), denied(3, at(40)), waiting("b"), revoked("c"))
const whole: ReadonlyArray<Recorded> = stored.map((one) => Result.getOrThrow(fromStored(one)))

/** The log after its archive was taken out of it. */
const world = async (log = stored) => {
  const made = await archived(log)
  const { content, statement } = made
  const taken = new Set(content.streams.map(({ stream }) => stream))
  const left = log.map((entry) => (taken.has(entry.stream) ? placeIn(1, entry) : entry))
  const asked: Array<readonly [string, ...ReadonlyArray<unknown>]> = []
  const noted = <A>(answer: () => A, ...about: (typeof asked)[number]) =>
    Effect.sync(() => {
      asked.push(about)
      return answer()
    })
  const decoded = (page: ReadonlyArray<StoredEntry>) =>
    page.filter((one) => !isArchived(one)).map((one) => Result.getOrThrow(fromStored(one)))
  const rows = [
    { number: 2, statement: "another", file: "another.archive", is_whole: 1 },
    { number: 1, statement: statement!, file: "old.archive", is_whole: 1 },
  ]
  const bare = {
    readStored: (position: number, limit = 512) =>
      noted(() => left.slice(position, position + limit), "readStored", position, limit),
    readAll: (position: number, limit = 512) =>
      noted(() => decoded(left.slice(position, position + limit)), "readAll", position, limit),
    readStream: (stream: string, behind = 0, limit = Infinity) =>
      noted(
        () => decoded(left.filter((one) => one.stream === stream)).slice(behind, behind + limit),
        "readStream",
        stream,
        behind,
        limit,
      ),
    archivedStream: (stream: string) =>
      Effect.sync(() => {
        const found = content.streams.find((one) => one.stream === stream)
        return found && { ...found, archive: 1, file: "old.archive" }
      }),
    dump: (table: unknown) => noted(() => (table === archiveTable ? rows : []), "dump"),
  } as unknown as EventLog & Pick<Store, "dump">
  return { ...made, bare, left, asked, with: (...files: ReadonlyArray<ArchiveFile>) => withArchives(bare, files) }
}

const refusal = (message: string) => ({ _tag: "StoreFault", reason: "corrupt", message })

describe("a log with the archive of what was taken out", () => {
  it("is read as it was before, from any place on, and so is each stream", async () => {
    const { with: together, file } = await world()
    const log = together(file())
    expect(await run(log.readStored(0))).toEqual(stored)
    expect(await run(log.readStored(5, 12))).toEqual(stored.slice(5, 17))
    expect(await run(log.readAll(0))).toEqual(whole)
    expect(await run(log.readAll(9, 3))).toEqual(whole.slice(9, 12))
    const own = whole.filter(({ stream }) => stream === A)
    expect(await run(log.readStream(A))).toEqual(own)
    expect(await run(log.readStream(A, 3, 2))).toEqual(own.slice(3, 5))
    expect(await run(log.readStream(A, 6, 9))).toEqual(own.slice(6))
    expect(await run(log.readStream(A, 8, 9))).toEqual([])
    expect(await run(log.readStream(A, 20, 9))).toEqual([])
    expect(await run(log.readStream("client-app"))).toEqual(whole.slice(1, 2))
    expect(await run(log.archivedStream(A))).toBeUndefined()
  })

  it("asks the log for as much as it was asked for, and for what its archives are once", async () => {
    const { with: together, file, asked, reads } = await world()
    const log = together(file())
    reads.length = 0
    await run(log.readStored(0, 2))
    expect([asked, reads]).toEqual([[["readStored", 0, 2]], []])
    await run(log.readStored(1, 3))
    await run(log.readAll(3, 2))
    await run(log.readStored(0))
    await run(log.readAll(0))
    expect(asked.slice(1)).toEqual([
      ["readStored", 1, 3],
      ["dump"],
      ["readStored", 3, 2],
      ["readStored", 0, 512],
      ["readStored", 0, 512],
    ])
    expect(reads.slice(0, 2)).toEqual([
      ["between", 2, 3],
      ["between", 3, 4],
    ])
    asked.length = 0
    await run(log.readStream("client-app", 0, 7))
    await run(log.readStream("client-app"))
    expect(asked).toEqual([
      ["readStream", "client-app", 0, 7],
      ["readStream", "client-app", 0, Number.MAX_SAFE_INTEGER],
    ])
  })

  it("is the log itself where none is given", async () => {
    const { with: together, bare } = await world()
    expect(together()).toBe(bare)
  })
})

describe("a log with another archive", () => {
  it("has the places of what was taken out, and where each stream is", async () => {
    const { with: together, left } = await world()
    const foreign = memoryArchive("foreign.archive").file()
    const log = together(foreign)
    expect(await run(log.readStored(0))).toEqual(left)
    expect(await run(log.readAll(0))).toEqual(whole.filter((_, at) => !isArchived(left[at]!)))
    expect(await run(log.archivedStream(A))).toMatchObject({ stream: A, archive: 1, file: "old.archive" })
    expect(await run(log.readStream(A))).toEqual([])
    expect(await run(log.archivedStream(D))).toBeUndefined()
  })

  it("is refused by whoever requires that they are archives of this log", async () => {
    const { bare, file } = await world()
    const foreign = memoryArchive("foreign.archive").file()
    expect(await run(requireArchives(bare, []))).toBeUndefined()
    expect(await run(requireArchives(bare, [file()]))).toBeUndefined()
    expect(await run(Effect.flip(requireArchives(bare, [file(), foreign])))).toMatchObject(
      refusal("`foreign.archive` is no archive of this log"),
    )
  })
})

describe("an archive that is not what it was", () => {
  const changed = async (version: number, over: ((entry: StoredEntry) => StoredEntry) | undefined) => {
    const { with: together, content, file } = await world()
    const at = content.entries.findIndex((entry) => entry.stream === A && entry.version === version)
    if (over === undefined) content.entries.splice(at, 1)
    else content.entries[at] = over(content.entries[at]!)
    return { log: together(file()), content }
  }
  const PLACE = "is not in `old.archive`, as it should be: run grantlog verify"
  const OTHER = "in `old.archive` is not what was recorded: run grantlog verify"
  const LACKS = `\`old.archive\` lacks an entry of the stream \`${A}\`: run grantlog verify`

  it("is refused where it lacks an entry, and is read elsewhere", async () => {
    const { log } = await changed(3, undefined)
    expect(await run(Effect.flip(log.readStored(0)))).toMatchObject(refusal(`entry 4 ${PLACE}`))
    expect(await run(Effect.flip(log.readAll(4, 1)))).toMatchObject(refusal(`entry 4 ${PLACE}`))
    expect(await run(Effect.flip(log.readStream(A)))).toMatchObject(refusal(LACKS))
    expect(await run(Effect.flip(log.readStream(A, 2, 1)))).toMatchObject(refusal(LACKS))
    expect(await run(log.readStream(A, 0, 2))).toEqual(whole.slice(2, 4))
    expect(await run(log.readStream(A, 3))).toEqual(whole.slice(5, 10))
    expect(await run(log.readStream(B))).toEqual(whole.slice(13, 15))
    expect(await run(log.readStored(5, 5))).toEqual(stored.slice(5, 10))
  })

  it("is refused where it lacks the last entry of a stream", async () => {
    const { log } = await changed(8, undefined)
    expect(await run(Effect.flip(log.readStream(A)))).toMatchObject(refusal(LACKS))
    expect(await run(log.readStream(A, 0, 7))).toEqual(whole.slice(2, 9))
  })

  it("is refused where an entry says something else, whatever hash it has there", async () => {
    const { log } = await changed(3, (entry) => ({ ...entry, bytes: "{}", leaf: leafHash("{}") }))
    expect(await run(Effect.flip(log.readStored(0)))).toMatchObject(refusal(`entry 4 ${OTHER}`))
    expect(await run(Effect.flip(log.readStream(A)))).toMatchObject(refusal(`entry 4 ${OTHER}`))
  })

  it("is read where only the hash that it has is wrong, for that of the log is believed", async () => {
    const { log } = await changed(3, (entry) => ({ ...entry, leaf: leafHash("{}") }))
    expect(await run(log.readStored(4, 1))).toEqual([stored[4]])
  })

  it("is refused where an entry cannot be read", async () => {
    const bytes = "{}"
    const log = stored.map((one) => (one.position === 4 ? { ...one, bytes, leaf: leafHash(bytes) } : one))
    const made = await world()
    made.left[4] = placeIn(1, log[4]!)
    const at = made.content.entries.findIndex(({ position }) => position === 4)
    made.content.entries[at] = log[4]!
    const read = made.with(made.file()).readAll(0)
    expect(await run(Effect.flip(read))).toMatchObject(
      refusal("entry 4 cannot be read: its envelope is malformed: run grantlog verify"),
    )
  })

  it("is refused where it says that an entry is of another stream than it is", async () => {
    const { with: together, content, file } = await world()
    const first = content.entries.findIndex((entry) => entry.stream === A && entry.version === 1)
    // The log has something else there, which is not archived at all.
    content.entries[first] = { ...stored[1]!, stream: A, version: 1 }
    expect(await run(Effect.flip(together(file()).readStream(A, 0, 1)))).toMatchObject(refusal(LACKS))
  })
})

it("entries of several archives are read each in its own", async () => {
  const made = await world()
  const second = memoryArchive("new.archive")
  second.content.statement = "another"
  const moved = made.content.entries.filter(({ stream }) => stream === B)
  second.content.entries.push(...moved)
  made.content.entries.splice(0, Infinity, ...made.content.entries.filter(({ stream }) => stream !== B))
  for (const { position } of moved) made.left[position] = placeIn(2, stored[position]!)
  const log = made.with(made.file(), second.file())
  expect(await run(log.readStored(0))).toEqual(stored)
  second.reads.length = 0
  await run(log.readStored(0, 14))
  expect(second.reads).toEqual([["between", 13, 13]])
})
