/** `node VerifyingProcess.ts FILE`: verifies a log, hashes its bytes, tells what each took, and ends. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { verifyLog } from "../../src/audit/index.ts"
import { sqliteStore } from "../../src/entry/grantlog.ts"
import { cpuMicros } from "./Measure.ts"

export interface VerifyingTook {
  readonly entryCount: number
  readonly verifyMicros: number
  /** SHA-256 over the same bytes, entry by entry; reading them is not counted. */
  readonly hashMicros: number
  /** The most memory that the process ever had, above what it had when the log was open. */
  readonly peakBytes: number
}

const PAGE = 512
const run = Effect.runPromise

const [, , file = ""] = process.argv
const log = sqliteStore(file)
const memoryBefore = process.memoryUsage.rss()
const started = cpuMicros()
const { size, findings } = await run(verifyLog(log, { checkpoints: [] }))
const verifyMicros = cpuMicros() - started
const peakBytes = process.resourceUsage().maxRSS * 1024 - memoryBefore
if (findings.length > 0) throw new Error(`the log is not right: ${findings[0]!.message}`)

let hashMicros = 0
for (let position = 0; position < size; position += PAGE) {
  const page = await run(log.readStored(position, PAGE))
  const from = cpuMicros()
  for (const { bytes } of page) hash("sha256", bytes, "base64url")
  hashMicros += cpuMicros() - from
}
await run(log.close)
process.send?.({ entryCount: size, verifyMicros, hashMicros, peakBytes } satisfies VerifyingTook)
process.disconnect?.()
