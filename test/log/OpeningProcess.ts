/**
 * A process without rights that opens logs, reads the head and appends, under both drivers:
 * `node OpeningProcess.ts <file>…`, started by a test that waits for the report.
 *
 * Root may write whatever it likes, so that root's rights are dropped once everything is loaded.
 */
import { Effect } from "effect"
import {
  StoreFault,
  makeSqliteLog,
  openBetterSqlite3,
  openNodeSqlite,
  type AppendOutcome,
  type OpenSqlite,
} from "../../src/log/index.ts"
import { appendOne, appending, signedOut, tally } from "./Samples.ts"
import { rowsByHand } from "./RowsByHand.ts"

export interface OpeningReport {
  readonly file: string
  readonly driver: string
  readonly size?: number
  readonly outcome?: AppendOutcome
  readonly fault?: Pick<StoreFault, "reason" | "message">
}

const openAndAppend = async (file: string, driver: string, open: OpenSqlite): Promise<OpeningReport> => {
  try {
    const log = makeSqliteLog(file, { projection: tally, side: rowsByHand, open })
    const { size } = await Effect.runPromise(log.head)
    return { file, driver, size, outcome: await appendOne(log, appending(0, [signedOut("alice")])) }
  } catch (cause) {
    if (!(cause instanceof StoreFault)) throw cause
    return { file, driver, fault: { reason: cause.reason, message: cause.message } }
  }
}

openBetterSqlite3(":memory:").close()
if (process.geteuid?.() === 0) {
  process.setegid?.(65_534)
  process.seteuid?.(65_534)
}

const drivers = { "node:sqlite": openNodeSqlite, "better-sqlite3": openBetterSqlite3 }
const reports: Array<OpeningReport> = []
for (const [driver, open] of Object.entries(drivers)) {
  for (const file of process.argv.slice(2)) reports.push(await openAndAppend(file, driver, open))
}
process.send?.(reports, () => process.disconnect())
