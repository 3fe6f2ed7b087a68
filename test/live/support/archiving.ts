/**
 * Archives what ended in a SQLite file as the command does, and is killed with SIGKILL on the way.
 *
 *     node test/live/support/archiving.ts collect|remove FILE ARCHIVE GRANTS
 */
import { Effect, Option, type Scope } from "effect"
import { archiveInto } from "../../../src/cli/Archiving.ts"
import { openExisting } from "../../../src/cli/OpenStore.ts"

const [what = "", file = "", path = "", count = "0"] = process.argv.slice(2)
const place = { store: `sqlite:${file}`, beside: Option.none(), keysFile: Option.none() }
const NINETY_DAYS_MILLIS = 90 * 86_400_000

const dieOf = (one: string) => (grantCount: number) => {
  if (what === one && grantCount >= Number(count)) process.kill(process.pid, "SIGKILL")
}

const archive: Effect.Effect<unknown, unknown, Scope.Scope> = Effect.gen(function* () {
  const before = Date.now() - NINETY_DAYS_MILLIS
  const options = { before, onCollected: dieOf("collect"), onRemoved: dieOf("remove") }
  return yield* archiveInto(yield* openExisting(place), path, options)
})

await Effect.runPromise(Effect.scoped(archive))
