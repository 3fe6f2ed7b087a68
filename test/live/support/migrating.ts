/**
 * Moves a SQLite file to PostgreSQL as the command does, and is killed with SIGKILL behind so many entries.
 *
 *     node test/live/support/migrating.ts FILE URL BESIDE COUNT
 */
import { Effect, Option } from "effect"
import { openBeside } from "../../../src/cli/Beside.ts"
import { moveStore } from "../../../src/cli/Migration.ts"
import { openStore } from "../../../src/cli/OpenStore.ts"
import { locate } from "../../../src/cli/StoreLocation.ts"
import { postgresImporter } from "../../../src/log/index.ts"
import { inlineProjection } from "../../../src/projection/index.ts"

const [file = "", url = "", beside = "", count = ""] = process.argv.slice(2)

const opened = Effect.fnUntraced(function* (store: string, other: Option.Option<string>) {
  const location = yield* locate({ store, beside: other, keysFile: Option.none() })
  const lying = yield* openBeside(location, Option.none())
  return { log: yield* openStore(location, lying), beside: lying }
})

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const from = yield* opened(`sqlite:${file}`, Option.none())
      const to = yield* opened(url, Option.some(beside))
      const importer = postgresImporter(url, inlineProjection)
      let leftCount = Number(count)
      yield* moveStore(
        from,
        to,
        {
          ...importer,
          // A few at a time, so that there is a middle.
          entries: (stored) =>
            Effect.forEach(
              stored,
              (one) =>
                Effect.suspend(() => {
                  if (leftCount-- === 0) process.kill(process.pid, "SIGKILL")
                  return importer.entries([one])
                }),
              { discard: true },
            ),
        },
        () => {},
      )
    }),
  ),
)
