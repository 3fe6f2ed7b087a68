/** Of any edit below a checkpoint that was kept, verification says where; of any other, that nothing covers it. */
import { copyFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { verifyLog, type Verified } from "../../../src/audit/proof/Verify.ts"
import { rootOf, type StoreFault, type TreeHead } from "../../../src/log/index.ts"
import { memoryStore, sqliteStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { isLong, unlessMutated } from "../../support/Breadth.ts"
import { busyLog } from "../BusyLog.ts"
import { altered, edits, entryAt, rehash, type Edit } from "./Edit.ts"

const run = Effect.runPromise
const SEED = 20_261_121
const EDIT_COUNT = unlessMutated(isLong ? 520 : 260, 50)

const folder = temporaryFolder()
const original = join(folder.at("."), "grantlog.db")
const copy = join(folder.at("."), "edited.db")

/** The log's head at a size, as a checkpoint says it. */
const headAt = async (file: string, size?: number): Promise<TreeHead> => {
  const log = sqliteStore(file)
  try {
    return await run(
      log.readTree((tree) => {
        const at = size ?? tree.size
        return { origin: "test", size: at, root: rootOf(tree.hashOf, at) }
      }),
    )
  } finally {
    await run(log.close)
  }
}

const verified = async (file: string, checkpoints: ReadonlyArray<TreeHead>): Promise<Verified> => {
  const log = sqliteStore(file)
  try {
    return await run(verifyLog(log, { checkpoints }))
  } finally {
    await run(log.close)
  }
}

/** An edit in a copy, then what verification says; a store that refuses to open says so in its own words. */
const editedAndVerified = async (edit: Edit, position: number, pick: number, checkpoint: TreeHead, size: number) => {
  for (const suffix of ["-wal", "-shm"]) rmSync(`${copy}${suffix}`, { force: true })
  copyFileSync(original, copy)
  const database = new DatabaseSync(copy)
  database.exec("BEGIN")
  const where = edit.apply({ database, size, pick: (limit) => pick % limit }, position)
  database.exec("COMMIT")
  database.close()
  try {
    return { where, ...(await verified(copy, [checkpoint])) }
  } catch (cause) {
    return { where, refusal: (cause as StoreFault).message }
  }
}

let head: TreeHead
beforeAll(async () => {
  await busyLog(folder.at("."), SEED, 12)
  head = await headAt(original)
  return () => folder[Symbol.dispose]()
})

describe("a log that nobody touched", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "has no finding, and is covered to its end by a checkpoint of it (seed %i)",
    async (seed) => {
      const own = temporaryFolder()
      try {
        const file = await busyLog(own.at("."), seed, 4)
        const found = await verified(file, [await headAt(file, 3), await headAt(file)])
        expect(found).toMatchObject({ findings: [], uncoveredFrom: undefined })
        expect(found.rowCount).toBeGreaterThan(0)
      } finally {
        own[Symbol.dispose]()
      }
    },
  )

  it("names what no checkpoint covers, and never calls it right", async () => {
    expect(await verified(original, [])).toMatchObject({ findings: [], uncoveredFrom: 0 })
    expect(await verified(original, [await headAt(original, 5)])).toMatchObject({ findings: [], uncoveredFrom: 5 })
  })

  it("is told about as it goes, and without entries has nothing to be wrong", async () => {
    const told: Array<string> = []
    const log = memoryStore()
    const found = await run(
      verifyLog(log, { checkpoints: [], onProgress: (...progress) => told.push(progress.join(" ")) }),
    )
    expect(found).toMatchObject({ size: 0, findings: [], streamCount: 0, uncoveredFrom: undefined })
    const busy = sqliteStore(original)
    await run(verifyLog(busy, { checkpoints: [], onProgress: (...progress) => told.push(progress.join(" ")) }))
    await run(busy.close)
    expect(told.at(-1)).toBe(`${head.size} ${head.size}`)
  })
})

it(`of ${EDIT_COUNT} edits below a checkpoint every one is found, and named (seed ${SEED})`, async () => {
  const met = new Map<string, number>()
  const property = fc.asyncProperty(
    fc.constantFrom(...edits),
    fc.integer({ min: 0, max: head.size - 1 }),
    fc.nat(),
    async (edit, position, pick) => {
      met.set(edit.name, (met.get(edit.name) ?? 0) + 1)
      const found = await editedAndVerified(edit, position, pick, head, head.size)
      // The newest entries are checked when a store is opened: then it says which, and opens no further.
      if ("refusal" in found) {
        expect(found.where).not.toBe("rows")
        expect(found.refusal).toMatch(/^(?:entry \d+ |an entry is missing before entry \d+)/)
        return
      }
      const [first] = found.findings
      expect(first, edit.name).toBeDefined()
      if (found.where === "rows") {
        expect(first!.message).toMatch(/rows are not what the log folds to/)
        return
      }
      const [from, to] = first!.entries!
      expect([edit.name, from <= found.where[1], to >= found.where[0]]).toEqual([edit.name, true, true])
      if (!edit.isThorough && from === to) expect(found.where).toEqual([from, expect.any(Number)])
    },
  )
  await fc.assert(property, { seed: SEED, numRuns: EDIT_COUNT })
  expect([...met.keys()].toSorted()).toEqual(edits.map(({ name }) => name).toSorted())
}, 900_000)

it("a stream that has no beginning is found without any checkpoint, though everything fits together", async () => {
  const edit = edits.find(({ name }) => name.startsWith("the first entry of a longer stream"))!
  for (const pick of [0, 1, 5, 17]) {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${copy}${suffix}`, { force: true })
    copyFileSync(original, copy)
    const database = new DatabaseSync(copy)
    database.exec("BEGIN")
    edit.apply({ database, size: head.size, pick: (limit) => pick % limit }, 0)
    database.exec("COMMIT")
    database.close()
    const { findings } = await verified(copy, [])
    expect(findings).toEqual([
      { entries: undefined, message: expect.stringMatching(/^\d+ entries belong to streams that have no beginning$/) },
    ])
  }
})

describe("what somebody changed in a file while it was open", () => {
  const foundAfter = async (change: (database: DatabaseSync) => void): Promise<Verified> => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${copy}${suffix}`, { force: true })
    copyFileSync(original, copy)
    const log = sqliteStore(copy)
    const database = new DatabaseSync(copy)
    try {
      change(database)
      return await run(verifyLog(log, { checkpoints: [] }))
    } finally {
      database.close()
      await run(log.close)
    }
  }
  const AT = 40
  const at = (message: string) => ({ entries: [AT, AT], message })
  const spaced = (database: DatabaseSync) =>
    rehash({ database }, AT, entryAt({ database }, AT).bytes.replace("{", "{ "))

  it("is named where an entry is spelled as no log spells it", async () => {
    const { findings } = await foundAfter(spaced)
    const message = `entry ${AT} is not as a log writes one: others might read it otherwise`
    expect(findings).toContainEqual(at(message))
    // And by the hash over the sixteen around it.
    expect(findings.map(({ entries }) => entries)).toContainEqual([32, 47])
  })

  it("is named where an entry is said to be recorded before the one in front of it", async () => {
    const { findings } = await foundAfter((database) => {
      const earlier = entryAt({ database }, AT - 1).recordedAt - 1
      rehash(
        { database },
        AT,
        altered(entryAt({ database }, AT).bytes, (envelope) => Object.assign(envelope, { recordedAt: earlier })),
      )
      database.prepare("UPDATE entries SET recorded_at = ? WHERE position = ?").run(earlier, AT)
    })
    expect(findings).toContainEqual(at(`entry ${AT} was recorded before the one in front of it`))
  })

  it("is named where two entries of a stream stand in each other's place", async () => {
    let later = -1
    const { findings } = await foundAfter((database) => {
      const [first, second] = database
        .prepare(
          "SELECT position FROM entries WHERE stream = (SELECT stream FROM entries WHERE version = 2 LIMIT 1) AND version < 3 ORDER BY version",
        )
        .all()
        .map((row) => Number(row["position"]))
      database.exec(`UPDATE entries SET version = -1 WHERE position = ${first!}`)
      for (const [position, version] of [
        [second!, 1],
        [first!, 2],
      ] as const) {
        rehash(
          { database },
          position,
          altered(entryAt({ database }, position).bytes, (envelope) => Object.assign(envelope, { version })),
        )
        database.exec(`UPDATE entries SET version = ${version} WHERE position = ${position}`)
      }
      later = first!
    })
    const message = `entry ${later} is out of the order of its stream`
    expect(findings).toContainEqual({ entries: [later, later], message })
  })

  it("is named beside what is wrong with the schema, and no row is looked at", async () => {
    const { findings, rowCount, size } = await foundAfter((database) => {
      database.exec("CREATE INDEX added ON grant_rows (status); DELETE FROM client_rows")
      spaced(database)
    })
    const messages = findings.map(({ message }) => message)
    expect(messages).toContainEqual(expect.stringMatching(/^the index `added` on `grant_rows` is not grantlog's/))
    expect(messages).toContainEqual(expect.stringMatching(`^entry ${AT} is not as a log writes one`))
    expect(messages.join("\n")).not.toContain("rows are not what the log folds to")
    expect([rowCount, size]).toEqual([0, head.size])
  })

  it("is named to the last entry where the names of streams are no text", async () => {
    const { size, findings } = await foundAfter((database) =>
      database.exec("UPDATE entries SET stream = CAST(X'FF' || stream AS TEXT) WHERE position >= 5"),
    )
    // More than are read in one go.
    expect(size).toBeGreaterThan(5 + 128)
    expect(findings.map(({ entries }) => entries?.[0])).toEqual(Array.from({ length: 20 }, (_, index) => index + 5))
  })
})

it("an edit above the checkpoint is found or, when everything was hashed anew, at least uncovered", async () => {
  const covered = Math.floor(head.size / 2)
  const early = await headAt(original, covered)
  let unseenCount = 0
  const property = fc.asyncProperty(
    fc.constantFrom(...edits.filter(({ isThorough }) => isThorough)),
    fc.integer({ min: covered, max: head.size - 1 }),
    fc.nat(),
    async (edit, position, pick) => {
      const found = await editedAndVerified(edit, position, pick, early, head.size)
      if ("refusal" in found) throw new Error(found.refusal)
      if (found.findings.length === 0) unseenCount++
      expect(found.uncoveredFrom).toBe(covered)
    },
  )
  await fc.assert(property, { seed: SEED, numRuns: 30 })
  // Else this would not show that an edit can be beyond what a checkpoint shows.
  expect(unseenCount).toBeGreaterThan(0)
}, 900_000)
