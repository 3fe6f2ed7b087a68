/** The index finds what a walk through the whole log would, keeps up, and never answers for another log. */
import { hash } from "node:crypto"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import {
  historyPage,
  openAuditIndex,
  positionSince,
  type AuditIndex,
  type HistoryPage,
  type HistoryQuery,
} from "../../../src/audit/index.ts"
import { auditTables } from "../../../src/audit/index/AuditTables.ts"
import { historyStatement } from "../../../src/audit/index/HistoryQuery.ts"
import { issuedDigest } from "../../../src/core/index.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { sqliteStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { busyLog } from "../BusyLog.ts"
import { logins, run } from "../Logins.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

const SEED = 20_261_123
const folder = temporaryFolder()
let file: string
let log: ServerStore
let entries: ReadonlyArray<Recorded>

beforeAll(async () => {
  file = await busyLog(folder.at("."), SEED, 12)
  log = sqliteStore(file)
  const { size } = await run(log.head)
  entries = await run(log.readAll(0, size))
  return async () => {
    await run(log.close)
    folder[Symbol.dispose]()
  }
})

const indexed = async (at: string | undefined): Promise<AuditIndex> => {
  const index = openAuditIndex(log, at)
  await run(index.catchUp())
  return index
}

/** Whose a grant is, by the event that began it. */
const ownerOf = ({ event }: Recorded): { readonly clientId?: string; readonly subjectId?: string | null } => {
  const first =
    "grantId" in event ? entries.find(({ stream }) => stream === `grant-${event.grantId}`)?.event : undefined
  return { ...(first as object), ...event } as { readonly clientId?: string; readonly subjectId?: string | null }
}

type Filter = Omit<HistoryQuery, "from" | "to" | "limit">

const isAbout = (entry: Recorded, filter: Filter): boolean => {
  const owner = ownerOf(entry)
  const { event } = entry
  const resources: ReadonlyArray<string> = "resources" in event ? event.resources : []
  const { grantId, clientId, subjectId, actor, type, correlationId, resource } = filter
  return (
    (grantId === undefined || ("grantId" in event && event.grantId === grantId)) &&
    (clientId === undefined || owner.clientId === clientId) &&
    (subjectId === undefined || owner.subjectId === subjectId) &&
    (actor === undefined || entry.actor === actor) &&
    (type === undefined || event._tag === type) &&
    (correlationId === undefined || entry.correlationId === correlationId) &&
    (resource === undefined || resources.includes(resource))
  )
}

/** One question of each kind about an entry, and some of several kinds at once. */
const filtersOf = (entry: Recorded): ReadonlyArray<Filter> => {
  const { event, actor, correlationId } = entry
  const { clientId, subjectId } = ownerOf(entry)
  const type = event._tag
  const by: ReadonlyArray<Filter> = [
    { type },
    { correlationId },
    ...(actor === null ? [] : [{ actor }, { actor, type }]),
    ...("grantId" in event ? [{ grantId: event.grantId }, { grantId: event.grantId, type }] : []),
    ...(clientId === undefined ? [] : [{ clientId }, { clientId, type }]),
    ...(subjectId === undefined || subjectId === null ? [] : [{ subjectId }]),
    ...("resources" in event ? event.resources.flatMap((resource) => [{ resource }, { resource, type }]) : []),
  ]
  return by
}

describe("by anything that an entry is about", () => {
  it("exactly the entries are found that a walk finds, in order, from any stretch of the log", async () => {
    const index = await indexed(undefined)
    const asked = new Map(
      entries
        .filter((_, at) => at % 7 === 0)
        .flatMap(filtersOf)
        .map((one) => [JSON.stringify(one), one]),
    )
    expect(asked.size).toBeGreaterThan(100)
    for (const filter of asked.values()) {
      const all = entries.filter((entry) => isAbout(entry, filter)).map(({ position }) => position)
      const whole = { ...filter, from: 0, to: entries.length, limit: entries.length }
      expect(await run(index.positions(whole)), JSON.stringify(filter)).toEqual(all)
      const [from, to] = [Math.floor(entries.length / 3), Math.floor(entries.length / 2)]
      for (const position of all.slice(0, 5)) {
        expect(await run(index.positions({ ...whole, from: position, to: position + 1 }))).toEqual([position])
        expect(await run(index.positions({ ...whole, from: position, to: position }))).toEqual([])
      }
      expect(await run(index.positions({ ...whole, from, to, limit: 3 }))).toEqual(
        all.filter((position) => position >= from && position < to).slice(0, 3),
      )
    }
    await run(index.close)
  })

  it("pages follow each other without a gap and without an overlap", async () => {
    const index = await indexed(undefined)
    const all = entries.filter(({ event }) => event._tag === "AccessTokenIssued")
    const asked = { type: "AccessTokenIssued", from: 0, to: entries.length, limit: 7 }
    const turn = (cursor: object, isOldestFirst: boolean): Promise<HistoryPage> =>
      run(historyPage({ log, index }, { ...asked, ...cursor, isOldestFirst }))
    for (const isOldestFirst of [true, false]) {
      const [on, back] = isOldestFirst ? (["after", "before"] as const) : (["before", "after"] as const)
      const pages: Array<HistoryPage> = [await turn({}, isOldestFirst)]
      for (let cursor = pages[0]![on]; cursor !== undefined; cursor = pages.at(-1)![on]) {
        pages.push(await turn({ [on]: cursor }, isOldestFirst))
      }
      const read = pages.flatMap((page) => page.entries)
      expect(read).toEqual(isOldestFirst ? all : all.toReversed())
      expect(pages[0]![back]).toBeUndefined()
      for (const [at, page] of pages.entries()) {
        if (at > 0) expect(await turn({ [back]: page[back] }, isOldestFirst)).toEqual(pages[at - 1])
      }
    }
  })

  it("between two positions are the entries between them, and outside there may be more", async () => {
    const index = await indexed(undefined)
    const at = entries.filter(({ event }) => event._tag === "AccessTokenIssued").map(({ position }) => position)
    const asked = { type: "AccessTokenIssued", from: at[1]!, to: at[8]! + 1, limit: 2 }
    const turn = async (more: object) => {
      const { entries: found, archivedCount, ...rest } = await run(historyPage({ log, index }, { ...asked, ...more }))
      expect(archivedCount).toBe(0)
      return { ...rest, positions: found.map(({ position }) => position) }
    }
    const between = { after: at[2]!, before: at[6]! }
    expect(await turn(between)).toEqual({ positions: [at[5], at[4]], before: at[4], after: at[5] })
    expect(await turn({ ...between, isOldestFirst: true })).toEqual({
      positions: [at[3], at[4]],
      before: at[3],
      after: at[4],
    })
    expect(await turn({ before: at[2] })).toEqual({ positions: [at[1]], before: undefined, after: at[1] })
    expect(await turn({ after: at[7] })).toEqual({ positions: [at[8]], before: at[8], after: undefined })
    expect(await turn({ before: at[1] })).toEqual({ positions: [], before: undefined, after: at[1]! - 1 })
    expect(await turn({ after: at[8] })).toEqual({ positions: [], before: at[8]! + 1, after: undefined })
    await run(index.close)
  })

  it("a time leads to the first entry of it", async () => {
    const times = [...new Set(entries.map(({ recordedAt }) => recordedAt))]
    for (const millis of [0, ...times.filter((_, at) => at % 5 === 0), Number.MAX_SAFE_INTEGER]) {
      const first = entries.findIndex(({ recordedAt }) => recordedAt >= millis)
      expect(await run(positionSince(log, millis))).toBe(first === -1 ? entries.length : first)
    }
  })

  it("the entry that issued a code or token is found by its digest, and none by what was never issued", async () => {
    const index = await indexed(undefined)
    const issues = entries.filter(({ event }) => issuedDigest(event) !== undefined)
    const kinds = new Set(issues.map(({ event }) => event._tag))
    expect(kinds.size).toBe(4)
    const never = entries.map(({ position }) => hash("sha256", `never ${position}`, "base64url"))
    const asked = issues.map(({ event }) => issuedDigest(event)!)
    expect(await run(index.issuesOf([...never, ...asked]))).toEqual(issues)
    await run(index.close)
  })

  it("an entry that issued something else is not believed, whatever the index names", async () => {
    const at = folder.at("edited.audit")
    await run((await indexed(at)).close)
    const issue = entries.find(({ event }) => issuedDigest(event) !== undefined)!
    const edited = new DatabaseSync(at)
    edited.prepare("UPDATE audited_tokens SET position = ? WHERE position = ?").run(0, issue.position)
    edited.close()
    const index = await indexed(at)
    await expect(run(index.issuesOf([issuedDigest(issue.event)!]))).rejects.toMatchObject({
      reason: "corrupt",
      message: expect.stringContaining("names entry 0, which issued something else"),
    })
    await run(index.close)
  })
})

describe("whatever it is asked", () => {
  it("an index answers it: no statement scans", () => {
    const database = new DatabaseSync(folder.at("plans.audit"))
    database.close()
    const index = openAuditIndex(log, folder.at("plans.audit"))
    const plans = new DatabaseSync(folder.at("plans.audit"))
    const query = { from: 0, to: 1, limit: 1 }
    const filters: ReadonlyArray<Filter> = [
      {},
      ...entries.slice(0, 60).flatMap(filtersOf),
      { clientId: "a", subjectId: "b", type: "c", actor: "d" },
    ]
    for (const filter of filters) {
      const { sql, parameters } = historyStatement({ ...query, ...filter })
      const steps = plans
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...parameters)
        .map(({ detail }) => String(detail))
      const where = `${JSON.stringify(filter)}: ${steps.join("; ")}`
      expect(
        steps.every((step) => step.startsWith("SEARCH")),
        where,
      ).toBe(true)
      const isByIndex = steps.some((step) =>
        /INDEX audited_entries_by_|^SEARCH r USING PRIMARY KEY \(resource=/.test(step),
      )
      expect(isByIndex, where).toBe(Object.keys(filter).length > 0)
    }
    plans.close()
    return run(index.close)
  })

  it("its columns hold ids, and its file is for its owner alone", async () => {
    const at = folder.at("columns.audit")
    const index = await indexed(at)
    expect(auditTables.flatMap(({ columns }) => Object.keys(columns))).not.toContain("metadata")
    expect((statSync(at).mode & 0o777).toString(8)).toBe("600")
    await run(index.close)
    const bytes = readFileSync(at).toString("latin1")
    // Whole ones: a digest may begin like one by chance, and is shorter than any.
    expect(bytes).not.toMatch(/gls_[0-9A-Za-z]{43}|gl[arcd]_[0-9A-Za-z]{71}/)
    expect(bytes).not.toContain("127.0.0.1")
  })
})

describe("keeping up", () => {
  it("takes in only what is new, and what another process took in already is not taken in twice", async () => {
    const world = await logins()
    const at = folder.at("shared.audit")
    const [one, two] = [openAuditIndex(world.store, at), openAuditIndex(world.store, at)]
    const told: Array<number> = []
    await world.login()
    const size = await run(one.catchUp((count) => told.push(count)))
    expect([size, told.at(-1)]).toEqual([(await run(world.store.head)).size, size])
    await world.login()
    await Promise.all([run(one.catchUp((count) => told.push(count))), run(two.catchUp())])
    const { size: head } = await run(world.store.head)
    const query = { from: 0, to: head, limit: head }
    for (const index of [one, two]) expect((await run(index.positions(query))).length).toBe(head)
    told.length = 0
    await run(one.catchUp((count) => told.push(count)))
    expect(told).toEqual([])
    await Promise.all([run(one.close), run(two.close)])
  })

  it("takes in no page that does not follow what is there, because somebody began anew in between", async () => {
    const world = await logins()
    const at = folder.at("overtaken.audit")
    let onRead = () => {}
    const index = openAuditIndex(
      {
        ...world.store,
        readStored: (...range) => Effect.tap(world.store.readStored(...range), () => Effect.sync(() => onRead())),
      },
      at,
    )
    await world.login()
    await run(index.catchUp())
    await world.login()
    onRead = () => {
      onRead = () => {}
      const other = new DatabaseSync(at)
      other.exec("DELETE FROM bookmark; DELETE FROM audited_entries")
      other.close()
    }
    const size = await run(index.catchUp())
    expect(size).toBe((await run(world.store.head)).size)
    expect((await run(index.positions({ from: 0, to: size, limit: size }))).length).toBe(size)
    await run(index.close)
  })

  it("begins anew when the log is another one, shorter, or when the tables changed", async () => {
    const at = folder.at("replaced.audit")
    await run((await indexed(at)).close)
    const other = await logins()
    const { grantId } = await other.login()
    const expectItsOwn = async () => {
      const index = openAuditIndex(other.store, at)
      expect(await run(index.catchUp())).toBe((await run(other.store.head)).size)
      const { size } = await run(other.store.head)
      expect((await run(index.positions({ from: 0, to: 10_000, limit: 10_000 }))).length).toBe(size)
      expect((await run(index.grant(grantId)))?.clientId).toBe("app")
      await run(index.close)
    }
    await expectItsOwn()
    const database = new DatabaseSync(at)
    database.exec("UPDATE audit_schema SET definition = 'older'; UPDATE audited_grants SET client_id = 'wrong'")
    database.close()
    await expectItsOwn()
    const edited = new DatabaseSync(at)
    edited.exec("UPDATE bookmark SET leaf = 'another'; UPDATE audited_grants SET client_id = 'wrong'")
    edited.close()
    await expectItsOwn()
  })

  it("is the same in pages of thousands, and has its indexes again where it was stopped before they were made", async () => {
    const [few, many, stopped] = ["few", "many", "stopped"].map((name) => folder.at(`${name}.audit`))
    const contentOf = (at: string | undefined) => {
      const database = new DatabaseSync(at!)
      const rows = auditTables.map(({ name }) => database.prepare(`SELECT * FROM ${name}`).all())
      const made = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name").all()
      database.close()
      return { rows, made }
    }
    await run((await indexed(few)).close)
    const whole = contentOf(few)
    expect(whole.made.filter(({ sql }) => sql !== null)).toHaveLength(10)

    const index = openAuditIndex(log, many)
    expect(await run(index.catchUp(undefined, undefined, 100))).toBe(entries.length)
    await run(index.close)
    expect(contentOf(many)).toEqual(whole)

    const [begun, halt] = [openAuditIndex(log, stopped), new Error("stopped here")]
    await expect(run(begun.catchUp(undefined, Effect.die(halt), 100))).rejects.toThrow(halt)
    await run(begun.close)
    const half = contentOf(stopped)
    expect(half.made.every(({ sql }) => sql === null)).toBe(true)
    await run((await indexed(stopped)).close)
    expect(contentOf(stopped)).toEqual(whole)
  })

  it("leaves a database of another program as it was", async () => {
    const at = join(folder.at("."), "theirs.db")
    const database = new DatabaseSync(at)
    database.exec("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
    database.close()
    const before = readFileSync(at)
    expect(() => openAuditIndex(log, at)).toThrow(/another program/)
    expect(readFileSync(at).equals(before)).toBe(true)
    writeFileSync(folder.at("text"), "no database at all, but longer than a header of one hundred bytes".repeat(4))
    expect(() => openAuditIndex(log, folder.at("text"))).toThrow(/not a database/)
  })

  it("waits for another process that is writing, and does not answer from an index made anew", async () => {
    const world = await logins()
    const at = folder.at("busy.audit")
    await world.login()
    const index = openAuditIndex(world.store, at)
    const other = new DatabaseSync(at)
    other.exec("BEGIN IMMEDIATE")
    const caughtUp = run(index.catchUp())
    await new Promise(setImmediate)
    other.exec("ROLLBACK")
    expect(await caughtUp).toBe((await run(world.store.head)).size)
    other.exec("DELETE FROM bookmark")
    other.close()
    expect((await run(Effect.flip(index.grant("nobody")))).message).toMatch(/making the audit index anew/)
    await run(index.close)
  })
})
