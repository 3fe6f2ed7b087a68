/**
 * Backs up, or restores, a SQLite file as the command does, and is killed with SIGKILL on the way.
 *
 *     node test/live/support/restoring.ts backup FILE FOLDER
 *     node test/live/support/restoring.ts restore FILE FOLDER ENTRIES
 */
import { Effect, Option, type Scope } from "effect"
import { makeBackup } from "../../../src/cli/backup/Backup.ts"
import { restoreBackup } from "../../../src/cli/backup/Restore.ts"
import { openBeside } from "../../../src/cli/Beside.ts"
import { importerInto } from "../../../src/cli/Importing.ts"
import { openExisting } from "../../../src/cli/OpenStore.ts"
import { locate } from "../../../src/cli/StoreLocation.ts"
import type { Importer, StoredEntry } from "../../../src/log/index.ts"

const [what = "", file = "", folder = "", count = "0"] = process.argv.slice(2)
const place = { store: `sqlite:${file}`, beside: Option.none(), keysFile: Option.none() }
const die = () => process.kill(process.pid, "SIGKILL")

const backUp: Effect.Effect<void, unknown, Scope.Scope> = Effect.gen(function* () {
  const options = { withSubjectKeys: false, withKeyRing: true, onProgress: die }
  yield* makeBackup(yield* openExisting(place), folder, options)
})

/** A few at a time, so that there is a middle. */
const dying = (own: Importer): Importer => {
  let leftCount = Number(count)
  const one = (entry: StoredEntry) =>
    Effect.suspend(() => {
      if (leftCount-- === 0) die()
      return own.entries([entry])
    })
  return { ...own, entries: (stored) => Effect.forEach(stored, one, { discard: true }) }
}

const restore: Effect.Effect<void, unknown, Scope.Scope> = Effect.gen(function* () {
  const location = yield* locate(place)
  const beside = yield* openBeside(location, Option.none())
  const options = { acceptRollback: true, nothingSince: false, onProgress: () => {} }
  yield* restoreBackup(folder, location, beside, Effect.map(importerInto(location), dying), options)
})

await Effect.runPromise(Effect.scoped(what === "backup" ? backUp : restore))
