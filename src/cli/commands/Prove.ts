/** `grantlog prove`: that an entry is in the log, as a file for somebody who has neither the log nor its operator's word. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { checkpointNow, keptHeads, proveEntry, withArchives, type CheckpointPlace } from "../../audit/index.ts"
import {
  archiveOf,
  formatProof,
  formatVerifierKey,
  isArchived,
  type ArchiveFile,
  type Quorum,
  type SigningKey,
} from "../../log/index.ts"
import { archives, openArchives } from "../audit/Archives.ts"
import { openAudit } from "../audit/OpenAudit.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { force, outputTo } from "../Output.ts"
import { printJson, printLine } from "../Print.ts"
import type { ServerStore } from "../../provider/index.ts"
import { cosignedAmong } from "../witness/Cosigned.ts"
import { demandedBy, witnessKeyFlags } from "../witness/WitnessFlags.ts"

const what = Argument.String("entry").pipe(
  Argument.withDescription(
    "a position in the log, or the SHA-256 of a token or code (base64url), whose issue is proven",
  ),
)

const positionOf = Effect.fnUntraced(function* (
  log: ServerStore,
  file: string | undefined,
  files: ReadonlyArray<ArchiveFile>,
  entry: string,
) {
  if (/^(?:0|[1-9]\d{0,15})$/.test(entry)) return Number(entry)
  if (!/^[\w-]{43}$/.test(entry)) {
    const message = "name a position, or a token's SHA-256 in base64url; a token itself belongs on no command line"
    return yield* new UsageFault({ message })
  }
  const { index } = yield* openAudit(log, file, files)
  const [issued] = yield* index.issuesOf([entry])
  if (issued !== undefined) return issued.position
  return yield* new CommandFault({ message: `nothing with the digest ${entry} was ever issued here` })
})

/** The newest checkpoint over an entry that is kept, or else one that is signed now; where witnesses are demanded, one that they cosigned. */
const headOver = Effect.fnUntraced(function* (
  log: ServerStore,
  checkpoints: CheckpointPlace,
  key: SigningKey,
  position: number,
  quorum: Quorum | undefined,
) {
  const kept = (yield* keptHeads(checkpoints, key)).filter(({ size }) => size > position)
  const good = yield* cosignedAmong(kept, quorum)
  return good.at(-1) ?? (yield* checkpointNow(log, key, checkpoints))
})

export const prove = makeCommand(
  "prove",
  {
    what,
    out: Flag.String("out").pipe(
      Flag.withDescription("write the proof to this file (.tlog-proof); by default to standard output"),
      Flag.optional,
    ),
    force,
    archive: archives,
    ...located,
    checkpointCopy,
    ...witnessKeyFlags,
    json,
  },
  Effect.fn(function* (flags) {
    const quorum = yield* demandedBy(flags)
    const { log: own, location, beside } = yield* openExisting(flags)
    const files = yield* openArchives(own, flags.archive)
    const log = withArchives(own, files)
    const position = yield* positionOf(own, location.file, files, flags.what)
    const [there] = yield* log.readStored(position, 1)
    if (there?.position === position && isArchived(there)) {
      const message = `entry ${position} is in archive ${archiveOf(there)}: name its file with --archive`
      return yield* new CommandFault({ message })
    }
    const { checkpoints } = beside
    const key = yield* checkpoints.readKey
    const head = yield* headOver(log, checkpoints, key, position, quorum)
    const proven = yield* proveEntry(log, position, head.size)
    if (proven === undefined) {
      return yield* new CommandFault({ message: `the log has ${head.size} entries, and none at position ${position}` })
    }
    const proof = formatProof({ ...proven, checkpoint: head.checkpoint })
    const { out } = flags
    if (Option.isSome(out)) {
      const output = yield* outputTo(out, flags.force)
      yield* Effect.andThen(output.write(proof), output.finish)
    }
    const verifierKey = formatVerifierKey(key)
    if (flags.json) return yield* printJson({ ...proven, checkpoint: head.checkpoint, verifierKey, proof })
    if (Option.isNone(out)) return yield* printLine(proof.trimEnd())
    yield* printLine(
      `entry ${position} is under the checkpoint of ${head.size} entries; to verify it, offline:\n  grantlog verify-proof ${out.value} --key '${verifierKey}'`,
    )
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog prove 41 --out 41.tlog-proof", description: "Prove the entry at position 41" },
  ]),
)
