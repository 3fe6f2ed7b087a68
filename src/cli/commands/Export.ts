/** `grantlog export`: the log as lines, to be verified by somebody else or taken in by another system. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { checkpointNow, type CheckpointFault, type CheckpointPlace } from "../../audit/proof/Checkpoints.ts"
import { withArchives } from "../../audit/index.ts"
import { cloudEventLines, exportLines, type ExportOptions } from "../../audit/proof/Export.ts"
import { formatVerifierKey, type StoreFault } from "../../log/index.ts"
import { archives, openArchives } from "../audit/Archives.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { tell, visibleJson } from "../Terminal.ts"
import { checkpointCopy, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { force, outputTo } from "../Output.ts"
import { entryProgress } from "../Progress.ts"
import type { ServerStore } from "../../provider/index.ts"

interface Lines {
  readonly size: number
  readonly lines: Stream.Stream<string, StoreFault>
  /** What the file is verified with; `undefined` for one that proves nothing. */
  readonly verifierKey: string | undefined
}

const isWithin = (from: number, size: number): Effect.Effect<void, CommandFault> =>
  from <= size
    ? Effect.void
    : Effect.fail(new CommandFault({ message: `the log has ${size} entries, and none from position ${from} on` }))

const selfVerifying = Effect.fnUntraced(function* (
  log: ServerStore,
  place: CheckpointPlace,
  options: ExportOptions,
): Effect.fn.Return<Lines, CommandFault | CheckpointFault | StoreFault> {
  yield* isWithin(options.from, (yield* log.head).size)
  const key = yield* place.readKey
  const head = yield* checkpointNow(log, key, place)
  return { size: head.size, lines: exportLines(log, head, options), verifierKey: formatVerifierKey(key) }
})

const cloudEvents = Effect.fnUntraced(function* (
  log: ServerStore,
  options: ExportOptions,
): Effect.fn.Return<Lines, CommandFault | StoreFault> {
  const { size } = yield* log.head
  yield* isWithin(options.from, size)
  const { state } = yield* log.rows.issuer()
  if (state._tag === "Uninitialized") {
    return yield* new CommandFault({ message: "this log has no issuer yet: start the server once" })
  }
  return { size, lines: cloudEventLines(log, state.issuer, size, options), verifierKey: undefined }
})

const writtenLine = (entryCount: number, withheldCount: number): string => {
  const written = `${entryCount} entries written`
  return withheldCount === 0
    ? written
    : `${written}; ${withheldCount} of them are held back but for what is left without digests of tokens and secrets: --with-digests gives them whole`
}

export const exportLog = makeCommand(
  "export",
  {
    format: Flag.Literals("format", ["jsonl", "cloudevents"]).pipe(
      Flag.withDescription("jsonl, which proves itself, or cloudevents: CloudEvents 1.0, one a line"),
      Flag.withDefault("jsonl"),
    ),
    from: Flag.Int("from").pipe(Flag.withDescription("the position to begin at"), Flag.withDefault(0)),
    out: Flag.String("out").pipe(
      Flag.withDescription(
        "write to this file, which has its name when the export is whole; by default to standard output",
      ),
      Flag.optional,
    ),
    force,
    withDigests: Flag.Boolean("with-digests").pipe(
      Flag.withDescription(
        "with the digests of tokens, codes and client secrets; without it they are held back, and their entries only hashed",
      ),
      Flag.withDefault(false),
    ),
    archive: archives,
    checkpointCopy,
    ...located,
  },
  Effect.fn(function* ({ format, from, out, withDigests, force: isForced, ...flags }) {
    if (from < 0) return yield* new UsageFault({ message: `--from \`${from}\` is no position: the first is 0` })
    const { log: own, beside } = yield* openExisting(flags)
    const log = withArchives(own, yield* openArchives(own, flags.archive))
    let withheldCount = 0
    const options: ExportOptions = { from, withDigests, onRedacted: () => withheldCount++ }
    const { size, lines, verifierKey } = yield* format === "jsonl"
      ? selfVerifying(log, beside.checkpoints, options)
      : cloudEvents(log, options)
    const output = yield* outputTo(out, isForced)
    const onProgress = entryProgress()
    let lineCount = 0
    yield* Stream.runForEachArray(lines, (some) => {
      lineCount += some.length
      onProgress(Math.min(lineCount, size - from), size - from)
      return output.write(visibleJson(`${some.join("\n")}\n`))
    }).pipe(
      Effect.andThen(output.finish),
      Effect.andThen(Effect.sync(() => tell(writtenLine(size - from, withheldCount)))),
      Effect.catchTag("ReaderGone", () => Effect.void),
    )
    if (Option.isSome(out) && verifierKey !== undefined) {
      tell(`to verify it, offline:\n  grantlog verify-export ${out.value} --key '${verifierKey}'`)
    }
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog export --out log.jsonl", description: "Write the whole log to a file that proves itself" },
    { command: "grantlog export --format cloudevents --from 1200", description: "What was recorded since, as events" },
  ]),
)
