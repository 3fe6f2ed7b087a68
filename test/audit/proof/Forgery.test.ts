/** What somebody with the file does to what is served from it, and verification that takes nothing of that as given. */
import { copyFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { verifyLog, type Verified } from "../../../src/audit/index.ts"
import { type StoreFault } from "../../../src/log/index.ts"
import { sqliteStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { busyLog } from "../BusyLog.ts"
import { logins, run } from "../Logins.ts"
import { columnsOf, rowEdits, tablesOf } from "./RowEdit.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"
import { ClientId, EpochMillis, type Event, type OpenGrant, type SubjectId } from "../../../src/core/index.ts"
import { digestOf } from "../../../src/provider/Token.ts"
import { FILES, registerService, resources } from "../../core/support/Facts.ts"
import { appendOn, execute } from "../../projection/Histories.ts"

const SEED = 20_261_129
const EDITS_OF_A_KIND = 1

/** Somebody logged in twice and one of the grants was revoked; its rows are as they were before. */
const revived = async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const file = join(folder.at("."), "grantlog.db")
  const store = sqliteStore(file)
  onTestFinished(() => run(store.close))
  const world = await logins({ store })
  const other = await world.login()
  const { access_token, grantId } = await world.login()
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  const tables = ["grant_rows", "access_rows"]
  for (const table of tables) database.exec(`CREATE TEMP TABLE kept_${table} AS SELECT * FROM ${table}`)
  await run(world.native.revokeGrant(grantId, "operator"))
  expect(world.native.verifySync(access_token)).toBeUndefined()
  for (const table of tables) database.exec(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept_${table}`)
  // The attack is one: the token of a revoked grant is alive again.
  expect(world.native.verifySync(access_token)).toBeDefined()
  return { ...world, database, access_token, grantId, other }
}

const told = ({ findings }: Verified): string => findings.map(({ message }) => message).join("\n")

describe("rows of a revoked grant that were revived by hand", () => {
  it.each([
    ["says nothing", () => ""],
    ["is in the future", (now: number) => `INSERT INTO pruned VALUES ('rows', ${now + 10 ** 12}, 'x')`],
    ["is of their own death", (now: number, id: string) => `INSERT INTO pruned VALUES ('rows', ${now}, '${id}')`],
    ["is before everything", () => "INSERT INTO pruned VALUES ('rows', 1, 'x')"],
    ["is no number", () => "INSERT INTO pruned VALUES ('rows', 9223372036854775807, 'x')"],
  ])("are found and undone, where the bound of removed rows %s", async (_, forge) => {
    const { store, native, database, clock, access_token, grantId, other } = await revived()
    database.exec(forge(clock.now(), grantId))
    expect(told(await run(verifyLog(store, { checkpoints: [] })))).toMatch(/rows are not what the log folds to/)
    expect(native.verifySync(access_token)).toBeDefined()
    await run(store.rebuild({ now: clock.now() }))
    expect(native.verifySync(access_token)).toBeUndefined()
    expect(native.verifySync(other.access_token)).toBeDefined()
    expect(await run(verifyLog(store, { checkpoints: [] }))).toMatchObject({ findings: [] })
  })

  it("stay undone though a trigger brings them back: it is named, and goes with them", async () => {
    const { store, native, database, access_token } = await revived()
    for (const table of ["entries", "grant_rows", "pruned"]) {
      const revive = `UPDATE grant_rows SET (status, state) = (SELECT status, state FROM alive); INSERT OR IGNORE INTO access_rows SELECT * FROM living`
      database.exec(`CREATE TABLE IF NOT EXISTS alive AS SELECT status, state FROM grant_rows`)
      database.exec(`CREATE TABLE IF NOT EXISTS living AS SELECT * FROM access_rows`)
      database.exec(`CREATE TRIGGER revive_${table} AFTER INSERT ON ${table} BEGIN ${revive}; END`)
    }
    const before = told(await run(verifyLog(store, { checkpoints: [] })))
    for (const table of ["entries", "grant_rows", "pruned"])
      expect(before).toContain(
        `the trigger \`revive_${table}\` on \`${table}\` is not grantlog's: run grantlog rebuild`,
      )
    await run(store.rebuild())
    expect(native.verifySync(access_token)).toBeUndefined()
    database.exec("DROP TABLE alive; DROP TABLE living")
    expect(await run(verifyLog(store, { checkpoints: [] }))).toMatchObject({ findings: [] })
  })
})

/** A rotation from before refresh tokens named a place in the log: these alone are in the digest index. */
const rotateAsBefore = async (log: ServerStore): Promise<void> => {
  const grants = (await run(log.rows.grants({}, { limit: 100 }))).map(({ state }) => state)
  const grant = grants.find((state): state is OpenGrant => state._tag === "Open" && state.refresh !== null)!
  const { grantId, refresh } = grant
  const { digest: parent, generation, jkt, expiresAt } = refresh!.current
  const [keyId] = await run(log.rows.keyIds())
  const { recordedAt } = await run(log.head)
  const digest = digestOf("a refresh token without a place")
  const rotated = { grantId, digest, generation: generation + 1, parent, jkt, keyId, afterVersion: null, expiresAt }
  const event = { _tag: "RefreshTokenRotated", ...rotated, rotatedAt: recordedAt } as unknown as Event
  await appendOn(log, await run(log.rows.slice({ grantId })), [event], recordedAt)
}

/** Held against what was signed, not against the log, which has no archive here (`test/audit/archive`). */
const ARCHIVES = ["archives", "archived_streams"]

describe("of every table that the file has", () => {
  const folder = temporaryFolder()
  const [original, copy] = [join(folder.at("."), "grantlog.db"), join(folder.at("."), "edited.db")]
  let size: number

  const over = async <A>(file: string, body: (log: ServerStore) => Promise<A>): Promise<A> => {
    const log = sqliteStore(file)
    try {
      return await body(log)
    } finally {
      await run(log.close)
    }
  }
  /** What is said by a clock at which everything that died may be gone. */
  const verified = async (log: ServerStore): Promise<Verified> => {
    const { recordedAt } = await run(log.head)
    const later = Effect.andThen(TestClock.setTime(recordedAt + 10 ** 7), verifyLog(log, { checkpoints: [] }))
    return run(Effect.provide(later, TestClock.layer()))
  }
  const inFile = <A>(file: string, body: (database: DatabaseSync) => A): A => {
    const database = new DatabaseSync(file)
    try {
      database.exec("PRAGMA synchronous = OFF")
      return body(database)
    } finally {
      database.close()
    }
  }
  const dumpOf = (file: string, tables: ReadonlyArray<string>) =>
    inFile(file, (database) =>
      tables.map((table) => {
        const columns = columnsOf(database, table).map(({ name }) => `quote(${name})`)
        return database.prepare(`SELECT ${columns.join(" || ',' || ")} AS row FROM ${table} ORDER BY 1`).all()
      }),
    )

  let beside: ReadonlyArray<string>
  beforeAll(async () => {
    await busyLog(folder.at("."), SEED, 14)
    size = await over(original, async (log) => {
      await run(
        log.side.addAccount({
          name: "alice",
          subjectId: "sub_alice" as SubjectId,
          passwordHash: null,
          displayName: null,
          at: 1,
        }),
      )
      beside = log.beside
      await rotateAsBefore(log)
      const { recordedAt: at } = await run(log.head)
      const files = { clientId: ClientId.make("files"), audience: resources(FILES)[0]!, at: EpochMillis.make(at) }
      await execute(log, registerService(files))
      const { recordedAt, size } = await run(log.head)
      await run(log.prune(recordedAt))
      return size
    })
  })
  afterAll(() => folder[Symbol.dispose]())

  it("rows that were removed have a bound, and every kind of table has rows to edit", () => {
    const counts = inFile(original, (database) =>
      tablesOf(database).map((table) => [table, database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!["n"]]),
    )
    const empty = counts.filter(([, count]) => count === 0).map(([table]) => table)
    expect(empty.filter((table) => ![...beside, ...ARCHIVES].includes(String(table)))).toEqual([])
    expect(size).toBeGreaterThan(100)
  })

  it(`an edited row is found and put right, or the table is named as not covered (seed ${SEED})`, async () => {
    const tables = inFile(original, tablesOf)
    const judged = tables.filter((table) => ![...beside, ...ARCHIVES].includes(table))
    expect(tables.filter((table) => beside.includes(table))).toEqual(beside.toSorted())
    const intact = dumpOf(original, judged)
    let editCount = 0
    for (const table of judged) {
      const met = new Set<string>()
      for (const [kind, edit] of rowEdits.entries()) {
        for (let round = 0; round < EDITS_OF_A_KIND; round++) {
          for (const suffix of ["", "-wal", "-shm"]) rmSync(`${copy}${suffix}`, { force: true })
          copyFileSync(original, copy)
          const at = SEED % (7 + 13 * round + kind)
          const sql = inFile(copy, (database) => edit.sql(table, columnsOf(database, table), at, round + kind))
          const isDone = inFile(copy, (database) => {
            try {
              database.exec(sql)
              return true
            } catch {
              return false
            }
          })
          if (!isDone || JSON.stringify(dumpOf(copy, judged)) === JSON.stringify(intact)) continue
          editCount++
          met.add(edit.name)
          const found = await over(copy, async (log) => {
            const before = await verified(log)
            if (table !== "entries") await run(log.rebuild())
            return { before, after: await verified(log) }
          }).catch((cause: StoreFault) => cause)
          if (table === "entries") {
            expect("before" in found ? told(found.before) : found.message, sql).not.toBe("")
            continue
          }
          if (!("before" in found)) throw found
          // What is noted of how tables were made is put right when the file is opened.
          if (table !== "projections" || edit.name.startsWith("a row is there") || edit.name.endsWith("does not exist"))
            expect(told(found.before), sql).toMatch(
              ["subtrees", "pruned"].includes(table)
                ? /./
                : new RegExp(`rows are not .*\`${table} |cannot be gone yet`),
            )
          expect(told(found.after), sql).toBe("")
          // Without the bound all that is dead is put back, and is dead.
          if (table !== "pruned") expect(dumpOf(copy, judged), sql).toEqual(intact)
        }
      }
      expect(met.size, table).toBeGreaterThan(1)
    }
    expect(editCount).toBeGreaterThan(40)
  }, 900_000)

  it("what is beside the log is named, and nothing is said of it", async () => {
    const { notCovered, findings } = await over(original, verified)
    expect(findings).toEqual([])
    expect(notCovered).toEqual([
      ...beside,
      "audit index",
      "key ring",
      "retry secrets",
      "subject keys",
      "list of who is forgotten",
    ])
  })
})
