/** `grantlog tiles`: the tree of the log and its checkpoint as files, for anybody to read and nobody to trust. */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { checkpointNow, keptHeads } from "../../audit/index.ts"
import { formatVerifierKey } from "../../log/index.ts"
import { makeCommand } from "../Defaults.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { printFields, printJson } from "../Print.ts"
import { writeTiles } from "../tiles/WriteTiles.ts"
import { cosignedAmong } from "../witness/Cosigned.ts"
import { demandedBy, witnessKeyFlags } from "../witness/WitnessFlags.ts"

export const tiles = makeCommand(
  "tiles",
  {
    folder: Argument.String("folder").pipe(
      Argument.withDescription("what a web server serves under the prefix of the log; gone on with where it has tiles"),
    ),
    ...located,
    checkpointCopy,
    ...witnessKeyFlags,
    json,
  },
  Effect.fn(function* (flags) {
    const quorum = yield* demandedBy(flags)
    const { log, beside } = yield* openExisting(flags)
    const { checkpoints } = beside
    const key = yield* checkpoints.readKey
    // A log that contradicts what was signed of it is not published.
    const now = yield* checkpointNow(log, key, checkpoints)
    const head = quorum === undefined ? now : (yield* cosignedAmong(yield* keptHeads(checkpoints, key), quorum)).at(-1)!
    const folder = resolve(flags.folder)
    const { size, tileCount } = yield* writeTiles(log, key, head, folder)
    const told = {
      folder,
      origin: key.name,
      entryCount: size,
      writtenTileCount: tileCount,
      verifierKey: formatVerifierKey(key),
    }
    yield* flags.json ? printJson(told) : printFields(told)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog tiles /srv/www/log", description: "Publish the tree; again, from a timer, as it grows" },
  ]),
)
