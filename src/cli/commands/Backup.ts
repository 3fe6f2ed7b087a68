/** `grantlog backup`: a copy of a store with what belongs to it, made while it is served. */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { makeBackup } from "../backup/Backup.ts"
import { makeCommand } from "../Defaults.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { printFields, printJson, time } from "../Print.ts"
import { entryProgress, pageProgress } from "../Progress.ts"
import { tell } from "../Terminal.ts"

const NO_RING = "the key ring is not in it: keep a copy of the ring elsewhere, for without it nothing can be served"

export const backup = makeCommand(
  "backup",
  {
    folder: Argument.String("folder").pipe(
      Argument.withDescription("the folder to make; it has this name when the backup is whole"),
    ),
    withSubjectKeys: Flag.Boolean("with-subject-keys").pipe(
      Flag.withDescription(
        "with the keys that request origins are sealed under: then whoever is forgotten later is not forgotten in this copy",
      ),
      Flag.withDefault(false),
    ),
    keyRing: Flag.Boolean("key-ring").pipe(
      Flag.withDescription("with the key ring; --no-key-ring where it is kept apart from the log"),
      Flag.withDefault(true),
    ),
    ...located,
    checkpointCopy,
    json,
  },
  Effect.fn(function* (flags) {
    const opened = yield* openExisting(flags)
    const progress = opened.location.file === undefined ? entryProgress : pageProgress
    const made = yield* makeBackup(opened, resolve(flags.folder), {
      withSubjectKeys: flags.withSubjectKeys,
      withKeyRing: flags.keyRing,
      onProgress: flags.json ? () => {} : progress(),
    })
    const { madeAt, entryCount, root, hasKeyRing, hasSubjectKeys, files } = made
    const told = { backup: flags.folder, entryCount, root, hasKeyRing, hasSubjectKeys, files: Object.keys(files) }
    if (flags.json) return yield* printJson({ ...told, madeAt })
    yield* printFields({ ...told, madeAt: time(madeAt) })
    if (!hasKeyRing) tell(NO_RING)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    {
      command: "grantlog backup /mnt/backups/monday",
      description: "Back up the store in this folder, while it serves",
    },
  ]),
)
