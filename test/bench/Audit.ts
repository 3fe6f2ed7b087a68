/**
 * `node test/bench/Audit.ts [entries …]`: what a question costs of a log of 10 thousand entries, and of a million.
 *
 * Clients and subjects grow with the log, what one of them did does not: so the figures of one row should be alike.
 * Nothing passes or fails here.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import {
  blastRadius,
  explain,
  historyPage,
  momentAtTime,
  momentNow,
  openAuditIndex,
  questionOf,
  type Audit,
} from "../../src/audit/index.ts"
import { digestOf, sqliteStore } from "../../src/provider/index.ts"
import { EVENTS_PER_LOGIN, accessTokenOf, clientOf, fillLog, idOf, login, subjectOf } from "./FilledLog.ts"
import { median } from "./Measure.ts"

const run = Effect.runPromise
const START_MILLIS = 1_893_456_000_000
const TRIES = 15

/** Writes a log of about `size` entries; gives how many grants it has. */
const writeLog = async (file: string, size: number): Promise<number> => {
  const log = sqliteStore(file)
  const grantCount = Math.ceil(size / EVENTS_PER_LOGIN)
  await fillLog(log, { grantCount, eventsOf: login, startMillis: START_MILLIS, keyId: "bench" })
  await run(log.close)
  return grantCount
}

/** Milliseconds of one call, the median of some. */
const millisOf = async (body: (attempt: number) => Effect.Effect<unknown, unknown>): Promise<number> => {
  const times: Array<number> = []
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const started = performance.now()
    await run(body(attempt))
    times.push(performance.now() - started)
  }
  return median(times)
}

const questions = async (audit: Audit, grantCount: number): Promise<Readonly<Record<string, number>>> => {
  const now = await run(momentNow(audit.log, START_MILLIS + grantCount))
  /** Grants from all over the log, another one each time. */
  const pick = (attempt: number) => Math.floor((grantCount * (attempt + 0.5)) / TRIES)
  const asked = (id: string) => explain(audit, questionOf(id), now)
  const page = { from: 0, to: now.size, limit: 100 }
  const radius = (id: string) => blastRadius(audit, { question: questionOf(id), limit: 100 }, now)
  return {
    "explain a token": await millisOf((attempt) => asked(digestOf(accessTokenOf(pick(attempt), 3)))),
    "explain a client": await millisOf((attempt) => asked(clientOf(pick(attempt)))),
    "explain what is not ours": await millisOf((attempt) => asked(digestOf(`nothing ${attempt}`))),
    "a moment, by its time": await millisOf((attempt) => momentAtTime(audit.log, START_MILLIS + pick(attempt))),
    "history of a grant": await millisOf((attempt) => historyPage(audit, { ...page, grantId: idOf(pick(attempt)) })),
    "history of a client, 100 entries": await millisOf((attempt) =>
      historyPage(audit, { ...page, clientId: clientOf(pick(attempt)) }),
    ),
    "history of a type, 100 entries": await millisOf(() =>
      historyPage(audit, { ...page, type: "RefreshTokenRotated" }),
    ),
    "blast radius of a client": await millisOf((attempt) => radius(clientOf(pick(attempt)))),
    "blast radius of a subject": await millisOf((attempt) => radius(subjectOf(pick(attempt)))),
    "index that is up to date": await millisOf(() => audit.index.catchUp()),
  }
}

interface Measured {
  readonly size: number
  readonly entriesPerSecond: number
  readonly indexBytesPerEntry: number
  readonly millis: Readonly<Record<string, number>>
}

const measure = async (size: number): Promise<Measured> => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-bench-"))
  try {
    const file = join(folder, "grantlog.db")
    const grantCount = await writeLog(file, size)
    const log = sqliteStore(file)
    const index = openAuditIndex(log, `${file}.audit`)
    const started = performance.now()
    const entryCount = await run(index.catchUp())
    const seconds = (performance.now() - started) / 1000
    const millis = await questions({ log, index }, grantCount)
    await run(index.close)
    await run(log.close)
    const indexBytesPerEntry = statSync(`${file}.audit`).size / entryCount
    return { size: entryCount, entriesPerSecond: entryCount / seconds, indexBytesPerEntry, millis }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A table of Markdown: milliseconds a question, a column a size. */
export const measureAudit = async (sizes: ReadonlyArray<number>): Promise<string> => {
  const measured: Array<Measured> = []
  for (const size of sizes) measured.push(await measure(size))
  const cells = (name: string, of: (one: Measured) => string) => `| ${name} | ${measured.map(of).join(" | ")} |`
  const names = Object.keys(measured[0]?.millis ?? {})
  return [
    cells("a question, in ms", ({ size }) => `${size} entries`),
    `| --- |${" ---: |".repeat(measured.length)}`,
    ...names.map((name) => cells(name, ({ millis }) => millis[name]!.toFixed(2))),
    cells("making the index, entries/s", ({ entriesPerSecond }) => String(Math.round(entriesPerSecond))),
    cells("the index, bytes/entry", ({ indexBytesPerEntry }) => String(Math.round(indexBytesPerEntry))),
  ].join("\n")
}

if (import.meta.main) {
  const sizes = process.argv.slice(2).map(Number)
  console.log(await measureAudit(sizes.length > 0 ? sizes : [10_000, 1_000_000]))
}
