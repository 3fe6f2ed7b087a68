/** `grantlog verify`: the whole log read again, hash by hash, against the checkpoints that were kept. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Flag from "effect/cli/Flag"
import { keptHeads } from "../../audit/proof/Checkpoints.ts"
import { verifyLog, type Verified } from "../../audit/proof/Verify.ts"
import { MAX_NOTE_LENGTH, openCheckpoint, parseVerifierKey } from "../../log/index.ts"
import { archives, openArchives } from "../audit/Archives.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { printJson, printLine } from "../Print.ts"
import { entryProgress } from "../Progress.ts"
import { readSmallFile } from "../../files/SmallFile.ts"
import { oneLine } from "../Terminal.ts"
import { cosignedAmong } from "../witness/Cosigned.ts"
import { demandedBy, witnessKeyFlags } from "../witness/WitnessFlags.ts"

const told = (verified: Verified, checkpointCount: number): string => {
  const { size, streamCount, rowCount, root, findings, uncoveredFrom, archived, notCovered } = verified
  const count = `${size} entries in ${streamCount} streams, ${rowCount} rows, ${checkpointCount} checkpoints`
  const uncovered =
    uncoveredFrom === undefined
      ? "covered to the end by a checkpoint"
      : `uncovered: positions ${uncoveredFrom} to ${size - 1}; no checkpoint that was kept says what they were`
  const wrong = findings.map(({ message }) => `WRONG  ${oneLine(message)}`)
  const beside = `not covered, for it is beside the log: ${notCovered.join(", ")}`
  const taken =
    archived.entryCount === 0
      ? []
      : [`${archived.entryCount} entries are in archives, of which ${archived.readCount} were read`]
  return [...wrong, count, ...taken, `root ${root}`, ...(wrong.length > 0 ? [] : [uncovered]), beside].join("\n")
}

export const verify = makeCommand(
  "verify",
  {
    from: Flag.String("from").pipe(
      Flag.withDescription("a checkpoint that was kept elsewhere; may be given several times"),
      Flag.atLeast(0),
    ),
    key: Flag.String("key").pipe(
      Flag.withDescription("the verifier key of the checkpoints; by default the one beside the store"),
      Flag.optional,
    ),
    archive: archives,
    ...located,
    checkpointCopy,
    ...witnessKeyFlags,
    json,
  },
  Effect.fn(function* (flags) {
    const quorum = yield* demandedBy(flags)
    const { log, beside } = yield* openExisting(flags)
    const given = Option.map(flags.key, parseVerifierKey)
    if (Option.isSome(given) && given.value === undefined) {
      return yield* new UsageFault({ message: "--key is no verifier key: NAME+ID+KEY" })
    }
    const key = Option.isSome(given) ? given.value! : yield* beside.checkpoints.readKey
    const kept = yield* keptHeads(beside.checkpoints, key)
    const named = yield* Effect.forEach(flags.from, (path) =>
      Effect.gen(function* () {
        const text = yield* Effect.try({
          try: () => readSmallFile(path, MAX_NOTE_LENGTH),
          catch: () => new CommandFault({ message: `the checkpoint \`${path}\` cannot be read` }),
        })
        if (text === undefined) return yield* new CommandFault({ message: `\`${path}\` is too long for a checkpoint` })
        const head = openCheckpoint(text, key)
        if (Result.isSuccess(head)) return { ...head.success, checkpoint: text }
        return yield* new CommandFault({ message: `\`${path}\`: ${head.failure}` })
      }),
    )
    const checkpoints = [...kept, ...named]
    const covering = yield* cosignedAmong(checkpoints, quorum)
    const verified = yield* verifyLog(log, {
      checkpoints,
      covering,
      archives: { key, files: yield* openArchives(log, flags.archive) },
      onProgress: flags.json ? () => {} : entryProgress(),
    })
    yield* flags.json ? printJson(verified) : printLine(told(verified, covering.length))
    const [first] = verified.findings
    if (first !== undefined) return yield* new CommandFault({ message: first.message })
  }, Effect.scoped),
)
