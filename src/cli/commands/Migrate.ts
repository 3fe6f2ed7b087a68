/** `grantlog migrate`: a log with all that belongs to it, moved to another store; whoever is logged in stays so. */
import { existsSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type { StoreFault } from "../../log/index.ts"
import type { ConfigFault } from "../../provider/index.ts"
import { openBeside } from "../Beside.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { json, located, text } from "../Flags.ts"
import { importerInto } from "../Importing.ts"
import { moveStore } from "../Migration.ts"
import type { MovedStore } from "../Moving.ts"
import { openStore } from "../OpenStore.ts"
import { printFields, printJson } from "../Print.ts"
import { entryProgress } from "../Progress.ts"
import { servedByNobody } from "../ServeLock.ts"
import { isDatabase, isInMemory, locate, type StoreLocation } from "../StoreLocation.ts"

const place = (name: "from" | "to", description: string) =>
  Flag.String(name).pipe(Flag.withDescription(`${description}: sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE`))

/** What is said of `--store` and `--beside`, by the flags that are in their place here. */
const inWordsOf = (name: "from" | "to", besideFlag: string) => (fault: UsageFault) =>
  new UsageFault({ message: fault.message.replaceAll("--beside", besideFlag).replaceAll("--store", `--${name}`) })

const locationOf = Effect.fnUntraced(function* (
  name: "from" | "to",
  store: string,
  beside: Option.Option<string>,
  besideFlag = "--beside",
) {
  const location = yield* Effect.mapError(
    locate({ store, beside: isDatabase(store) ? beside : Option.none(), keysFile: Option.none() }),
    inWordsOf(name, besideFlag),
  )
  if (isInMemory(location))
    return yield* new UsageFault({ message: `--${name} \`memory:\` is seen by no other process` })
  return location
})

const open = Effect.fnUntraced(function* (
  name: "from" | "to",
  location: StoreLocation,
): Effect.fn.Return<MovedStore, StoreFault | ConfigFault | UsageFault, Scope.Scope> {
  yield* servedByNobody(location)
  const beside = yield* Effect.mapError(openBeside(location, Option.none()), inWordsOf(name, "--beside"))
  const log = yield* openStore(location, beside)
  // Made where it is not there, and before what lies beside it is looked at.
  yield* log.head
  return { log, beside }
})

export const migrate = makeCommand(
  "migrate",
  {
    from: place("from", "the store that is moved, which nobody serves meanwhile"),
    to: place("to", "the store that it is moved to: an empty one, or the one in which this was stopped"),
    config: located.config,
    beside: located.beside,
    fromBeside: text("from-beside", "between two databases: what --beside is for that of --from").pipe(Flag.optional),
    json,
  },
  Effect.fn(function* (flags) {
    const isBetweenDatabases = isDatabase(flags.from) && isDatabase(flags.to)
    if (isBetweenDatabases && Option.isNone(flags.fromBeside)) {
      const message = "between two databases --from-beside is needed: the address of what lies beside that of --from"
      return yield* new UsageFault({ message })
    }
    const from = yield* isBetweenDatabases
      ? locationOf("from", flags.from, flags.fromBeside, "--from-beside")
      : locationOf("from", flags.from, flags.beside)
    const to = yield* locationOf("to", flags.to, flags.beside)
    if (from.file !== undefined && !existsSync(from.file)) {
      return yield* new CommandFault({ message: `there is no store \`${from.name}\`` })
    }
    const [source, target] = [yield* open("from", from), yield* open("to", to)]
    const importer = yield* importerInto(to)
    const moved = yield* moveStore(source, target, importer, flags.json ? () => {} : entryProgress())
    const migrated = { from: from.name, to: to.name, ...moved }
    if (flags.json) return yield* printJson(migrated)
    yield* printFields(migrated)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    {
      command:
        "grantlog migrate --from sqlite:grantlog.db --to postgres://grantlog@db/grantlog --beside postgres://grantlog@other/beside",
      description: "From one machine to several",
    },
  ]),
)
