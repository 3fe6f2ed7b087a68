/**
 * A year of traffic on a SQLite file, archived at the end of each quarter by the command, as an operator would.
 *
 * In the end `verify` reads all of it with every archive, and `explain` is asked about a token of the first day, which
 * was stolen that month. What came of it is returned; whoever asked says what it should be.
 */
import { statSync } from "node:fs"
import { join } from "node:path"
import { Clock, Effect } from "effect"
import { checkpointsBeside } from "../../src/embedded/BesideFile.ts"
import { liveRandomness, makeServer, openKeyFile, sqliteStore } from "../../src/provider/index.ts"
import type { Ran, RunOptions } from "../live/support/Command.ts"
import { manualClock } from "../support/ManualClock.ts"
import { DAYS, trafficOn, type Counts } from "./Traffic.ts"

const ISSUER = "http://localhost:4000"
const DAY_MILLIS = 86_400_000
/** What `--before 90d` is at the end of a quarter. */
const KEPT_DAYS = 90
/** The last day of each quarter. */
const QUARTER_ENDS = [90, 181, 273, DAYS]

export interface Quarter extends Counts {
  readonly entryCount: number
  /** Bytes of the file before anything was taken out, and after, shrunk. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** What was archived at its end; absent where nothing had ended so long ago. */
  readonly archive?: { readonly grantCount: number; readonly entryCount: number; readonly archiveBytes: number }
  readonly seconds: number
  readonly archivingSeconds: number
}

export interface Verified {
  readonly size: number
  readonly findings: ReadonlyArray<unknown>
  readonly archived: { readonly entryCount: number; readonly readCount: number }
}

export interface Explained {
  readonly status: string
  readonly reason: string
}

export interface Year {
  readonly grantCount: number
  readonly seed: number
  readonly quarters: ReadonlyArray<Quarter>
  /** `verify` with every archive. */
  readonly verified: Verified
  readonly verifyingSeconds: number
  /** What is said of the first token without the archive that has it. */
  readonly withoutArchive: string
  /** What is said of it with the archive: the whole answer as text. */
  readonly explained: string
  /** Seconds of the first question, which makes the audit index, and of the next one. */
  readonly explainingSeconds: readonly [first: number, next: number]
}

export interface YearOptions {
  readonly folder: string
  readonly grantCount: number
  readonly seed: number
  /** Runs `grantlog …`: in this process, or in one of its own. */
  readonly grantlog: (args: ReadonlyArray<string>, options?: Omit<RunOptions, "cwd">) => Promise<Ran>
  readonly progress: (line: string) => void
}

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000

export const simulateYear = async (options: YearOptions): Promise<Year> => {
  const { folder, grantCount, seed, grantlog, progress } = options
  const file = join(folder, "grantlog.db")
  const store = ["--store", `sqlite:${file}`]
  const start = Date.now() - DAYS * DAY_MILLIS
  const clock = manualClock(start)
  const log = sqliteStore(file)
  const config = { issuer: ISSUER, tokenRate: "off", registrationRate: "off" } as const
  const keys = openKeyFile(`${file}.keys.json`)
  const made = makeServer({ store: log, keys, randomness: clock.randomness, config, onNotice: () => {} })
  const server = await Effect.runPromise(Effect.provideService(made, Clock.Clock, clock.clock))
  await Effect.runPromise(checkpointsBeside(file, []).openKey(ISSUER, liveRandomness))
  const traffic = trafficOn({ server, clock, grantCount, seed })
  const archives: Array<string> = []
  const withArchives = () => archives.flatMap((path) => ["--archive", path])

  /** What the command printed; throws unless it ended well. */
  const ran = async (args: ReadonlyArray<string>, input = ""): Promise<string> => {
    const { code, stdout, stderr } = await grantlog([...args, ...store], { input })
    if (code !== 0) throw new Error(`grantlog ${args.join(" ")} ended with ${code}: ${stderr}`)
    return stdout
  }

  const archive = async (quarter: number): Promise<Quarter["archive"]> => {
    const before = new Date(clock.now() - KEPT_DAYS * DAY_MILLIS).toISOString()
    const path = join(folder, `q${quarter}.archive`)
    const args = ["archive", "--before", before, "--to", path, "--shrink", "--json"]
    const { code, stdout, stderr } = await grantlog([...args, ...store])
    if (stderr.includes("no grant had ended before")) return undefined
    if (code !== 0) throw new Error(`grantlog archive ended with ${code}: ${stderr}`)
    archives.push(path)
    return JSON.parse(stdout) as Quarter["archive"]
  }

  const quarters: Array<Quarter> = []
  let startedAt = performance.now()
  for (let day = 0; day < DAYS; day++) {
    await traffic.day(day)
    const seconds = secondsSince(startedAt)
    const { loginCount, refreshCount, theftCount } = traffic.counts
    progress(
      `day ${day + 1}: ${loginCount} logins, ${refreshCount} refreshes, ${theftCount} thefts, ${Math.round(seconds)} s`,
    )
    if (!QUARTER_ENDS.includes(day + 1)) continue
    const { size } = await Effect.runPromise(log.head)
    const bytesBefore = statSync(file).size
    const archivingAt = performance.now()
    const archived = await archive(quarters.length + 1)
    const archivingSeconds = secondsSince(archivingAt)
    const bytesAfter = statSync(file).size
    const measured = { entryCount: size, bytesBefore, bytesAfter, seconds, archivingSeconds }
    quarters.push({ ...traffic.counts, ...measured, ...(archived === undefined ? {} : { archive: archived }) })
    progress(`quarter ${quarters.length}: ${JSON.stringify(quarters.at(-1))}`)
    startedAt = performance.now()
  }
  await Effect.runPromise(log.close)

  const timed = async (body: () => Promise<string>): Promise<readonly [printed: string, seconds: number]> => {
    const at = performance.now()
    const printed = await body()
    return [printed, secondsSince(at)]
  }
  const explain = (...more: ReadonlyArray<string>) => timed(() => ran(["explain", ...more], traffic.firstToken()))
  const [verified, verifyingSeconds] = await timed(() => ran(["verify", "--json", ...withArchives()]))
  const [, first] = await explain(...withArchives())
  const [explained, next] = await explain(...withArchives())
  const withoutArchive = await grantlog(["explain", ...store], { input: traffic.firstToken() })
  return {
    grantCount,
    seed,
    quarters,
    verified: JSON.parse(verified) as Verified,
    verifyingSeconds,
    withoutArchive: withoutArchive.stdout + withoutArchive.stderr,
    explained,
    explainingSeconds: [first, next],
  }
}
