/** What a grant costs does not grow with its age: as many rows, as large, as many statements at generation 10 000 as at 10. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import type { EpochMillis, Generation } from "../../src/core/index.ts"
import { makeMemoryLog, makeSqliteLog, openNodeSqlite, type Row } from "../../src/log/index.ts"
import { inlineProjection, readGrant } from "../../src/projection/index.ts"
import { again, at, digest, lifetimes, login, minutes, open, redeem, refresh } from "../core/support/Facts.ts"
import { hooked, temporaryFile } from "../log/Connections.ts"
import { beginning, execute } from "./Histories.ts"
import { readNow } from "../support/ReadNow.ts"
import { rowsByHand } from "../log/RowsByHand.ts"
import type { HistoryStore } from "./Histories.ts"

const run = Effect.runPromise

const longLived = { ...lifetimes, grant: minutes(1_000_000) }

const begin = async (log: HistoryStore) => {
  for (const command of [...beginning, open({ lifetimes: longLived }), redeem({ lifetimes: longLived })]) {
    await execute(log, command)
  }
}

/** Refreshes from one generation to another, `pause` milliseconds apart; a lost reply is asked for again now and then. */
const refreshUpTo = async (log: HistoryStore, from: number, to: number, pause: number) => {
  for (let generation = from; generation < to; generation++) {
    const when = (at(0) + generation * pause) as EpochMillis
    const next = generation + 1
    const rotated = refresh(generation, { at: when, lifetimes: longLived })
    if (rotated.presented._tag !== "Current") throw new Error("a refresh presents the current token")
    const appended = await execute(log, {
      ...rotated,
      presented: {
        _tag: "Current",
        successor: {
          ...rotated.presented.successor,
          refreshToken: digest(`r-${next}`),
          accessToken: digest(`a-${next}`),
        },
      },
    })
    if (appended === undefined) throw new Error(`generation ${generation} was not refreshed`)
    if (generation % 4 === 0) await execute(log, again(`a-${next}`, { at: when, lifetimes: longLived }))
  }
}

/** Characters of text and 8 for every number: digits are not growth. */
const sizeOf = (value: unknown): number => {
  if (typeof value === "string") return value.startsWith("{") ? sizeOf(JSON.parse(value)) : value.length
  if (typeof value !== "object" || value === null) return 8
  return Object.entries(value).reduce((sum, [key, member]) => sum + key.length + sizeOf(member), 0)
}

const measure = async (log: HistoryStore) => {
  const tables = await run(Effect.forEach(inlineProjection.tables, (table) => log.dump(table)))
  return tables.map((rows: ReadonlyArray<Row>) => ({
    count: rows.length,
    size: rows.reduce((sum, row) => sum + sizeOf(row), 0),
  }))
}

it("10 000 refreshes leave the rows that 10 left, as many and as large", async () => {
  const log = makeMemoryLog({ projection: inlineProjection, side: rowsByHand })
  await begin(log)
  await refreshUpTo(log, 1, 10, minutes(6))
  const young = await measure(log)
  await refreshUpTo(log, 10, 10_002, minutes(6))
  expect(readNow(log, (rows) => readGrant(rows, login).state)).toMatchObject({
    _tag: "Open",
    refresh: { current: { generation: 10_002 as Generation } },
  })
  expect(await measure(log)).toEqual(young)
})

it("refreshing faster than tokens expire fills 64 access rows and no more", async () => {
  const log = makeMemoryLog({ projection: inlineProjection, side: rowsByHand })
  await begin(log)
  await refreshUpTo(log, 1, 70, 1000)
  const young = await measure(log)
  expect(young[inlineProjection.tables.findIndex((table) => table.name === "access_rows")]).toMatchObject({ count: 64 })
  await refreshUpTo(log, 70, 1006, 1000)
  expect(await measure(log)).toEqual(young)
})

it("a refresh executes the same statements at generation 400 as at 20", async () => {
  let executed: Array<string> = []
  const log = makeSqliteLog(temporaryFile(), {
    projection: inlineProjection,
    side: rowsByHand,
    open: hooked(openNodeSqlite, (sql, go) => {
      // The tree takes more of them at some positions than at others: O(log n), which its own test shows.
      if (!/subtrees|SELECT leaf/.test(sql)) executed.push(sql)
      return go()
    }),
  })
  await begin(log)
  await refreshUpTo(log, 1, 20, minutes(6))
  executed = []
  await refreshUpTo(log, 20, 24, minutes(6))
  const young = [...executed]
  await refreshUpTo(log, 24, 400, minutes(6))
  executed = []
  await refreshUpTo(log, 400, 404, minutes(6))
  expect(executed).toEqual(young)
  expect(executed.length).toBeGreaterThan(20)
})
