/**
 * Question d: how many appends share a commit, and what they cost beside the bare driver that writes the same batches.
 *
 * The bare driver is given what the log wrote, statement by statement: no versions read, nothing decided, serialised or
 * hashed.
 */
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { sqliteStore } from "../../src/entry/grantlog.ts"
import { openNodeSqlite, type OpenSqlite, type Value } from "../../src/log/index.ts"
import { fillLog, ownToken, type Filling } from "./FilledLog.ts"
import { prepareLoad } from "./Load.ts"
import { interleave, median, ratioOf, type Asked } from "./Measure.ts"
import { grouped, type Row, type Section } from "./Report.ts"
import { startSide } from "./Sides.ts"

const CALLERS = 64
const APPENDS_PER_OPERATION = 4

interface Write {
  readonly sql: string
  readonly values: ReadonlyArray<Value>
}
/** The writes of one transaction. */
type Batch = Array<Write>

/** A driver that keeps what is written, by transaction. */
const recording =
  (batches: Array<Batch>): OpenSqlite =>
  (file) => {
    const driver = openNodeSqlite(file)
    return {
      ...driver,
      prepare: (sql) => {
        const statement = driver.prepare(sql)
        const run = (...values: ReadonlyArray<Value>) => {
          if (sql === "BEGIN IMMEDIATE") batches.push([])
          else if (sql.startsWith("INSERT")) batches.at(-1)!.push({ sql, values })
          statement.run(...values)
        }
        return { ...statement, run }
      },
    }
  }

/** Milliseconds that the bare driver needs for the same transactions. */
const millisToWrite = (file: string, batches: ReadonlyArray<Batch>): number => {
  const driver = openNodeSqlite(file)
  driver.exec("PRAGMA synchronous = FULL")
  const begin = driver.prepare("BEGIN IMMEDIATE")
  const commit = driver.prepare("COMMIT")
  const statements = new Map(batches.flat().map(({ sql }) => [sql, driver.prepare(sql)]))
  const started = performance.now()
  for (const batch of batches) {
    begin.run()
    for (const { sql, values } of batch) statements.get(sql)!.run(...values)
    commit.run()
  }
  const millis = performance.now() - started
  driver.close()
  return millis
}

/** Appends a commit, while 64 callers ask a server for tokens at once. */
const meanBatchSize = async ({ folder, operationCount }: Asked): Promise<number> => {
  const side = await startSide("grantlog", join(folder, "batches"))
  try {
    const run = await prepareLoad("client credentials", side.target, CALLERS)
    await run(operationCount)
    const before = await side.usage()
    await run(operationCount * 2)
    const after = await side.usage()
    return (after.appendCount - before.appendCount) / (after.commitCount - before.commitCount)
  } finally {
    await side.stop()
  }
}

export const measureAppends = async (asked: Asked): Promise<Section> => {
  const mean = await meanBatchSize(asked)
  const folder = join(asked.folder, "appends")
  mkdirSync(folder)
  let fileCount = 0
  const close = async (file: string, open: OpenSqlite) => Effect.runPromise(sqliteStore(file, { open }).close)
  /** A log without entries, removed when the body is through with it. */
  const inNewFile = async <A>(body: (file: string) => A | Promise<A>): Promise<A> => {
    const file = join(folder, `${fileCount++}.db`)
    await close(file, openNodeSqlite)
    try {
      return await body(file)
    } finally {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true })
    }
  }
  const grantCount = asked.operationCount * APPENDS_PER_OPERATION
  const startMillis = Date.now() - grantCount
  const made = Array.from({ length: grantCount }, (_, grant) => ownToken(grant, startMillis + grant))
  const eventsOf = (grant: number) => made[grant]!
  const filling: Filling = { grantCount, eventsOf, startMillis, keyId: "bench", appendsAtOnce: Math.round(mean) }
  const millisToAppend = async (file: string, open: OpenSqlite) => {
    const log = sqliteStore(file, { open })
    const started = performance.now()
    await fillLog(log, filling)
    const millis = performance.now() - started
    await Effect.runPromise(log.close)
    return millis
  }
  const batches: Array<Batch> = []
  await inNewFile((file) => millisToAppend(file, recording(batches)))
  const entriesAlone = batches.map((batch) => batch.filter(({ sql }) => sql.startsWith("INSERT INTO entries")))
  const taken = await interleave(asked.rounds, {
    log: () => inNewFile((file) => millisToAppend(file, openNodeSqlite)),
    "the same rows": () => inNewFile((file) => millisToWrite(file, batches)),
    "the entries alone": () => inNewFile((file) => millisToWrite(file, entriesAlone)),
  })
  const perSecond = (millis: ReadonlyArray<number>) => `${grouped((grantCount / median(millis)) * 1000)}/s`
  const row = (name: "the same rows" | "the entries alone", why: string): Row => ({
    name: `beside ${name}, ${filling.appendsAtOnce} a commit`,
    ours: perSecond(taken.log),
    other: perSecond(taken[name]),
    ratio: ratioOf(taken[name], taken.log),
    aim: { atLeast: 0.8 },
    why,
  })
  return {
    title: "d. appends of two events",
    columns: ["grantlog's log", "the bare driver", "× bare"],
    rows: [
      {
        name: `appends a commit, ${CALLERS} callers`,
        ours: mean.toFixed(1),
        other: "1",
        ratio: mean,
        aim: { atLeast: 8 },
        why: "callers arrive more slowly than commits are made",
      },
      row("the same rows", "versions are read, events and states are written as text and hashed"),
      row("the entries alone", "rows are about as much of what SQLite writes as entries"),
    ],
  }
}
