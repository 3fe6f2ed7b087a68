/**
 * What can be taken along: the proof of an entry, and the log from some entry on, both under a checkpoint that was kept.
 *
 * Nothing is signed for it. An export is read as it is taken, so that it may be as long as the log. Digests of tokens are withheld from an export, as they are unless somebody asks for them.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { logState, type KeptCheckpoints } from "../../audit/console/LogState.ts"
import { proveEntry, type SignedHead } from "../../audit/proof/Checkpoints.ts"
import { exportLines } from "../../audit/proof/Export.ts"
import { formatProof, type EventLog, type StoreFault } from "../../log/index.ts"
import type { WireReply } from "../../http/index.ts"
import { CommandFault } from "../Failure.ts"
import { strings } from "./Strings.ts"

/** Lines that are sent at once. */
const LINES = 64

export interface Download extends Pick<WireReply, "body" | "pieces"> {
  readonly fileName: string
  readonly type: string
}

const words = strings.download

const refuse = (message: string) => new CommandFault({ message })

/** The checkpoint that the log agrees with. */
const goodHead = Effect.fnUntraced(function* (
  log: EventLog,
  kept: KeptCheckpoints | undefined,
): Effect.fn.Return<SignedHead, StoreFault | CommandFault> {
  const { head, verification } = yield* logState(log, kept)
  if (head === undefined) return yield* refuse(words.noCheckpoint)
  return verification === "consistent" ? head : yield* refuse(words.inconsistent)
})

const positionFrom = (text: string | undefined): Effect.Effect<number, CommandFault> =>
  text !== undefined && /^(?:0|[1-9]\d{0,14})$/.test(text) ? Effect.succeed(Number(text)) : refuse(words.noPosition)

export const proofDownload = Effect.fnUntraced(function* (
  log: EventLog,
  kept: KeptCheckpoints | undefined,
  text: string | undefined,
): Effect.fn.Return<Download, StoreFault | CommandFault> {
  const position = yield* positionFrom(text)
  const { size, checkpoint } = yield* goodHead(log, kept)
  const proven = yield* proveEntry(log, position, size)
  if (proven === undefined) return yield* refuse(words.uncovered(position))
  const proof = formatProof({ ...proven, checkpoint })
  return { fileName: `${position}.tlog-proof`, type: "text/plain; charset=utf-8", body: proof }
})

export const exportDownload = Effect.fnUntraced(function* (
  log: EventLog,
  kept: KeptCheckpoints | undefined,
  text: string | undefined,
): Effect.fn.Return<Download, StoreFault | CommandFault> {
  const from = yield* positionFrom(text)
  const head = yield* goodHead(log, kept)
  if (from >= head.size) return yield* refuse(words.uncovered(from))
  const pieces = exportLines(log, head, { from, withDigests: false }).pipe(
    Stream.grouped(LINES),
    Stream.map((lines) => `${lines.join("\n")}\n`),
    Stream.toAsyncIterable,
  )
  return {
    fileName: `grantlog-${from}-${head.size - 1}.jsonl`,
    type: "application/jsonl; charset=utf-8",
    body: "",
    pieces,
  }
})
