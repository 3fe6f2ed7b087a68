/**
 * The rows are the fold of the log after every append, the same in memory and in SQLite, and an edited row is noticed.
 */
import { Effect } from "effect"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import {
  ClientId,
  absentClient,
  absentGrant,
  evolveClient,
  evolveGrant,
  evolveIssuer,
  evolveSubject,
  eventTypes,
  initialIssuer,
  initialSubject,
  type ClientEvent,
  type Grant,
  type GrantEvent,
  type IssuerEvent,
  type SubjectEvent,
} from "../../src/core/index.ts"
import { makeMemoryLog, makeSqliteLog, type Row, type Table } from "../../src/log/index.ts"
import {
  inlineProjection,
  listGrants,
  readClient,
  readGrant,
  readIssuer,
  readSubject,
} from "../../src/projection/index.ts"
import { accessTable, grantTable } from "../../src/projection/Tables.ts"
import { FILES, alice, app, register, registerService, resources } from "../core/support/Facts.ts"
import { clientIds, execute, grantIds, history, subjectIds, walk, type Step } from "./Histories.ts"
import { readNow } from "../support/ReadNow.ts"
import { rowsByHand } from "../log/RowsByHand.ts"
import type { HistoryStore } from "./Histories.ts"

const run = Effect.runPromise

const openMemory = () => makeMemoryLog({ projection: inlineProjection, side: rowsByHand })

const dumpAll = async (log: HistoryStore) =>
  JSON.stringify(await run(Effect.forEach(inlineProjection.tables, (table) => log.dump(table))))

/** What `rows = fold(stream)` says of one stream, folded here and now from its entries. */
const expectFolded = async (log: HistoryStore, stream: string): Promise<void> => {
  const entries = await run(log.readStream(stream))
  const id = stream.slice(stream.indexOf("-") + 1)
  const folded = <S, E>(evolve: (state: S, event: E) => S, initial: S) => ({
    state: entries.map((entry) => entry.event as E).reduce(evolve, initial),
    version: entries.length,
  })
  const [served, wanted] = readNow(log, (rows): readonly [unknown, unknown] => {
    switch (stream.split("-")[0]) {
      case "issuer":
        return [readIssuer(rows), folded<typeof initialIssuer, IssuerEvent>(evolveIssuer, initialIssuer)]
      case "client":
        return [readClient(rows, id), folded<typeof absentClient, ClientEvent>(evolveClient, absentClient)]
      case "subject":
        return [readSubject(rows, id), folded<typeof initialSubject, SubjectEvent>(evolveSubject, initialSubject)]
      default: {
        const grant = folded<typeof absentGrant, GrantEvent>(evolveGrant, absentGrant)
        const { state }: { readonly state: Grant } = grant
        const own = readGrant(rows, id)
        const alive = state._tag === "Open" ? state.accessTokens : []
        const access = rows
          .list(accessTable, { where: { grant_id: id } })
          .map((row) => ({ digest: row["digest"], expiresAt: row["expires_at"] }))
        return [
          [{ state: own.state, version: own.version }, new Set(access)],
          [grant, new Set(alive)],
        ]
      }
    }
  })
  expect(served).toEqual(wanted)
}

const streams = [
  "issuer",
  ...clientIds.map((id) => `client-${id}`),
  ...subjectIds.map((id) => `subject-${id}`),
  ...grantIds.map((id) => `grant-${id}`),
]

/** The same histories in every run, so that each kind of event comes up in them by no chance. */
const SEED = 20_261_121

describe("after every append of any history", () => {
  it("the row of the stream is what its entries fold to, and no other row changed", async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const log = openMemory()
        await walk(log, steps, async ({ stream, events }) => {
          await expectFolded(log, stream)
          for (const { event } of events) seen.add(event._tag)
        })
        for (const stream of streams) await expectFolded(log, stream)
      }),
      { seed: SEED, numRuns: 80 },
    )
    expect(eventTypes.filter((type) => !seen.has(type))).toEqual([])
  })

  it("memory and SQLite hold the same rows, and rebuilding gives them again, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const memory = openMemory()
        const sqlite = makeSqliteLog(":memory:", { projection: inlineProjection, side: rowsByHand })
        await walk(memory, steps, async (appended) => {
          expect(await run(sqlite.append(appended))).toMatchObject({ _tag: "Appended" })
          expect(await dumpAll(sqlite)).toBe(await dumpAll(memory))
        })
        const before = await dumpAll(memory)
        for (const log of [memory, sqlite]) {
          expect(await run(log.rebuild())).toMatchObject({ differingRowCount: 0 })
          expect(await dumpAll(log)).toBe(before)
        }
        await run(sqlite.close)
      }),
      { numRuns: 30 },
    )
  })

  it("pruned rows are dead for good: nothing alive goes, and rebuilding brings none back", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(3_600_000), async (steps, ago) => {
        const log = openMemory()
        const now = await walk(log, steps)
        const before = readNow(log, (rows) => listGrants(rows, {}, { limit: 99 }))
        await run(log.prune(now - ago))
        const after = readNow(log, (rows) => listGrants(rows, {}, { limit: 99 }))
        for (const { state } of before) {
          const isKept = after.some(
            (one) => one.state._tag !== "Absent" && one.state.grantId === ("grantId" in state ? state.grantId : ""),
          )
          const lastEnd =
            state._tag === "Open"
              ? Math.max(
                  0,
                  ...state.accessTokens.map((token) => token.expiresAt),
                  state.refresh?.current.expiresAt ?? 0,
                )
              : 0
          if (lastEnd > now) expect(isKept).toBe(true)
        }
        const orphans = readNow(log, (rows) =>
          rows.list(accessTable, {}).filter((row) => rows.get(grantTable, [row["grant_id"]!]) === undefined),
        )
        expect(orphans).toEqual([])
        const pruned = await dumpAll(log)
        expect(await run(log.rebuild())).toMatchObject({ differingRowCount: 0 })
        expect(await dumpAll(log)).toBe(pruned)
      }),
      { numRuns: 60 },
    )
  })
})

it("a grant's row dies no earlier than its newest entry, also when what would die last is ended early", async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const log = openMemory()
      await walk(log, steps, async ({ stream }) => {
        if (!stream.startsWith("grant-")) return
        count++
        const newest = (await run(log.readStream(stream))).at(-1)!
        const [row] = (await run(log.dump(grantTable))).filter((one) => `grant-${one["grant_id"]}` === stream)
        expect(row!["dies_at"]).toBeGreaterThanOrEqual(newest.recordedAt)
      })
    }),
    { numRuns: 60 },
  )
  expect(count).toBeGreaterThan(50)
})

const told = (kind: Step["kind"], grant = 0): Step => ({ kind, grant, subject: 0, client: 0, pause: 1 })

/** One history in which every table has a row. */
const eventful = [told("signOut"), told("open"), told("redeem"), told("refresh"), told("open", 1), told("redeem", 1)]

describe("a row that somebody edited", () => {
  let log: ReturnType<typeof openMemory>
  let intact: string

  beforeAll(async () => {
    log = openMemory()
    await walk(log, eventful)
    await execute(log, register({ clientId: ClientId.make("unused") }))
    await execute(log, registerService({ clientId: ClientId.make("files"), audience: resources(FILES)[0]! }))
    intact = await dumpAll(log)
  })

  const columns = inlineProjection.tables.flatMap((table) =>
    Object.keys(table.columns).map((column) => [table.name, column, table] as const),
  )
  const edited = (row: Row, column: string): Row => ({
    ...row,
    [column]: typeof row[column] === "number" ? row[column] + 1 : `${row[column]}x`,
  })

  it.each(columns)("in %s, column %s, is found and put right by a rebuild", async (_, column, table: Table) => {
    const [row] = await run(log.dump(table))
    const key = table.key.map((name) => row![name]!)
    await run(
      log.side.write((rows) => {
        rows.delete(table, key)
        rows.put(table, edited(row!, column))
      }),
    )
    expect(await dumpAll(log)).not.toBe(intact)
    const { differingRowCount } = await run(log.rebuild())
    expect(differingRowCount).toBeGreaterThan(0)
    expect(await dumpAll(log)).toBe(intact)
  })

  it.each([
    ["issuer_rows", "issuer"],
    ["client_rows", `client-${app}`],
    ["subject_rows", `subject-${alice}`],
    ["grant_rows", `grant-${grantIds[0]}`],
    ["access_rows", `grant-${grantIds[0]}`],
  ])("in %s is no longer what %s folds to, and a state that cannot be is refused", async (name, stream) => {
    const table = inlineProjection.tables.find((one) => one.name === name)!
    const row = (await run(log.dump(table)))[0]!
    const column = name === "access_rows" ? "expires_at" : "version"
    await run(log.side.write((rows) => rows.put(table, edited(row, column))))
    await expect(expectFolded(log, stream)).rejects.toThrow("to deeply equal")
    const said = name === "access_rows" ? "digest" : "state"
    await run(log.side.write((rows) => rows.put(table, edited(row, said))))
    await expect(expectFolded(log, stream)).rejects.toThrow("a row is damaged: run grantlog rebuild")
    await run(log.rebuild())
    await expectFolded(log, stream)
  })

  it("names the keys that the log names", () => {
    expect(Effect.runSync(log.rows.keyIds())).toEqual(["key-1"])
  })
})
