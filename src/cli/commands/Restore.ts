/** `grantlog restore`: a backup put into an empty place, verified, and not served as if nothing had happened since. */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { restoreBackup } from "../backup/Restore.ts"
import { openBeside } from "../Beside.ts"
import { makeCommand } from "../Defaults.ts"
import { UsageFault } from "../Failure.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { importerInto } from "../Importing.ts"
import { printFields, printJson, time } from "../Print.ts"
import { entryProgress } from "../Progress.ts"
import { servedByNobody } from "../ServeLock.ts"
import { isInMemory, locate } from "../StoreLocation.ts"
import { tell } from "../Terminal.ts"

export const restore = makeCommand(
  "restore",
  {
    folder: Argument.String("folder").pipe(
      Argument.withDescription("the backup: the folder that grantlog backup made"),
    ),
    acceptRollback: Flag.Boolean("accept-rollback").pipe(
      Flag.withDescription(
        "restore a state that is older than what was served; every grant that was opened in it ends",
      ),
      Flag.withDefault(false),
    ),
    nothingSince: Flag.Boolean("nothing-since").pipe(
      Flag.withDescription("where no checkpoint tells: nobody served the store after the backup was made"),
      Flag.withDefault(false),
    ),
    ...located,
    checkpointCopy,
    json,
  },
  Effect.fn(function* (flags) {
    const { acceptRollback, nothingSince } = flags
    if (acceptRollback && nothingSince) {
      return yield* new UsageFault({ message: "--accept-rollback and --nothing-since contradict each other: give one" })
    }
    const location = yield* locate(flags)
    if (isInMemory(location)) return yield* new UsageFault({ message: "`memory:` is seen by no other process" })
    yield* servedByNobody(location)
    const beside = yield* openBeside(location, flags.checkpointCopy)
    const onProgress = flags.json ? () => {} : entryProgress()
    const options = { acceptRollback, nothingSince, onProgress }
    const restored = yield* restoreBackup(resolve(flags.folder), location, beside, importerInto(location), options)
    const told = { from: flags.folder, to: location.name, ...restored }
    if (flags.json) return yield* printJson(told)
    yield* printFields({ ...told, madeAt: time(restored.madeAt) })
    if (restored.hasEndedEveryGrant) {
      tell("every grant that was opened in this state has ended; checkpoints go on under a new key")
    } else if (acceptRollback) tell("the backup is as the last checkpoint says: --accept-rollback was not needed")
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    {
      command: "grantlog restore /mnt/backups/monday --accept-rollback",
      description: "Monday's state, of which nothing that was opened before is alive",
    },
  ]),
)
