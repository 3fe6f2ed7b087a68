/** A busy log with a checkpoint below which it is exported, and what reads an export back; for the file that asks. */
import { Effect, Result, Stream } from "effect"
import { afterAll, beforeAll } from "vitest"
import { checkpointNow, type SignedHead } from "../../../src/audit/proof/Checkpoints.ts"
import { cloudEventLines, exportLines } from "../../../src/audit/proof/Export.ts"
import { verifyExport } from "../../../src/audit/proof/VerifyExport.ts"
import { signingKey } from "../../../src/log/index.ts"
import { sqliteStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { busyLog } from "../BusyLog.ts"
import { run } from "../Logins.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

export const SEED = 20_261_207
export const ISSUER = "https://id.example.com"
export const key = signingKey("id.example.com", Buffer.alloc(32, 7))

/** The head of a log as it is, signed, and kept nowhere. */
export const signedHead = (log: ServerStore): Promise<SignedHead> =>
  run(
    checkpointNow(log, key, {
      read: Effect.succeed([]),
      readWitnessed: Effect.succeed([]),
      replace: () => Effect.succeed(true),
    }),
  )

export interface BusyExport {
  readonly log: ServerStore
  readonly head: SignedHead
  /** The lines of an export, by default of the busy log. */
  readonly exported: (
    from?: number,
    withDigests?: boolean,
    of?: ServerStore,
    below?: SignedHead,
  ) => Promise<Array<string>>
  readonly cloudEvents: (from: number, withDigests: boolean) => Promise<Array<string>>
}

/** The same log for every file, made before its tests and gone after them. */
export const busyExport = (): (() => BusyExport) => {
  const folder = temporaryFolder()
  let made: BusyExport
  beforeAll(async () => {
    const log = sqliteStore(await busyLog(folder.at("."), SEED, 40))
    const head = await signedHead(log)
    made = {
      log,
      head,
      exported: (from = 0, withDigests = false, of = log, below = head) =>
        collect(exportLines(of, below, { from, withDigests })),
      cloudEvents: (from, withDigests) => collect(cloudEventLines(log, ISSUER, head.size, { from, withDigests })),
    }
  })
  afterAll(async () => {
    await run(made.log.close)
    folder[Symbol.dispose]()
  })
  return () => made
}

export const collect = (lines: Stream.Stream<string, unknown>): Promise<Array<string>> => run(Stream.runCollect(lines))

async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export const textOf = (lines: ReadonlyArray<string>): string => lines.map((line) => `${line}\n`).join("")

/** What is said of a file with these bytes, read in pieces of this size. */
export const verifiedBytes = (bytes: Uint8Array, size?: number) => verifyExport(inPieces(bytes, size), key)

export const verified = (lines: ReadonlyArray<string>) => verifiedBytes(Buffer.from(textOf(lines)))

export const faultOf = async (lines: ReadonlyArray<string>): Promise<string> => {
  const result = await verified(lines)
  return Result.isFailure(result) ? result.failure : "the export holds"
}

export const parsed = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>
