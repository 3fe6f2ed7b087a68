/** Question g: what verifying a whole log costs beside hashing its bytes, and whether its memory follows the log. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { sqliteStore } from "../../src/entry/grantlog.ts"
import { EVENTS_PER_LOGIN, fillLog, login } from "./FilledLog.ts"
import { interleave, median, ratioOf, type Asked } from "./Measure.ts"
import { bytes, grouped, micros, type Section } from "./Report.ts"
import type { VerifyingTook } from "./VerifyingProcess.ts"

/** Each is a process that goes through everything. */
const MAX_ROUNDS = 3

const fill = async (file: string, size: number): Promise<void> => {
  const log = sqliteStore(file)
  const grantCount = Math.ceil(size / EVENTS_PER_LOGIN)
  await fillLog(log, { grantCount, eventsOf: login, startMillis: Date.now() - grantCount, keyId: "bench" })
  await Effect.runPromise(log.close)
}

const verify = async (file: string): Promise<VerifyingTook> => {
  const child = fork(new URL("./VerifyingProcess.ts", import.meta.url), [file])
  const ended = once(child, "exit")
  const failed = ended.then(([code]) => {
    throw new Error(`the verifying process ended with ${code}`)
  })
  const [took] = (await Promise.race([once(child, "message"), failed])) as [VerifyingTook]
  failed.catch(() => {})
  await ended
  return took
}

export const measureLogVerification = async ({ rounds, isFull, folder: parent, progress }: Asked): Promise<Section> => {
  const folder = join(parent, "verifying")
  mkdirSync(folder)
  const size = isFull ? 1_000_000 : 100_000
  const [large, small] = [join(folder, "large.db"), join(folder, "small.db")]
  progress(`filling: ${grouped(size)} entries`)
  await fill(small, size / 10)
  await fill(large, size)
  const tooks: Array<VerifyingTook> = []
  const roundCount = Math.min(rounds, MAX_ROUNDS)
  const taken = await interleave(roundCount, {
    "small peak": async () => (await verify(small)).peakBytes,
    "large peak": async () => {
      progress(`verifying ${grouped(size)} entries`)
      const took = await verify(large)
      tooks.push(took)
      return took.peakBytes
    },
  })
  const each = (of: "verifyMicros" | "hashMicros") => tooks.slice(1).map((took) => took[of] / took.entryCount)
  return {
    title: `g. verifying a log of ${grouped(size)} entries, medians of ${roundCount}`,
    columns: ["`verifyLog`", "beside", "×"],
    rows: [
      {
        name: "CPU an entry, beside SHA-256 of its bytes",
        ours: micros(median(each("verifyMicros"))),
        other: micros(median(each("hashMicros"))),
        ratio: ratioOf(each("verifyMicros"), each("hashMicros")),
        aim: { atMost: 12 },
        why: "reading, parsing and decoding an entry by its schema are half; its canonical text, promises, rows and the tree are the rest",
      },
      {
        name: "peak memory above the start, beside a tenth of the log",
        ours: bytes(median(taken["large peak"])),
        other: bytes(median(taken["small peak"])),
        ratio: ratioOf(taken["large peak"], taken["small peak"]),
      },
    ],
  }
}
