/**
 * Opening what `--store` names, with its key ring: beside the file, from `--keys-file`, or from `GRANTLOG_KEYS`.
 *
 * A ring is made only together with a new database. The commands of an operator find the issuer in the log itself.
 */
import { existsSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { StoreFault } from "../log/index.ts"
import {
  ConfigFault,
  hasKeyFile,
  keysBeside,
  liveRandomness,
  makeServer,
  memoryStore,
  missingKeys,
  parseKeyRing,
  postgresStore,
  readKeyFile,
  settingsOf,
  sqliteStore,
  type AuthorizationServer,
  type Config,
  type Failure,
  type KeyRingFile,
  type ServerStore,
} from "../provider/index.ts"
import { openBeside, openForgettable, type Beside, type Forgettable, type KeptBeside } from "./Beside.ts"
import { CommandFault, UsageFault } from "./Failure.ts"
import { words } from "./Flags.ts"
import { operatorFeatures } from "./ServeFeatures.ts"
import { isInMemory, locate, type LocationFlags, type StoreLocation } from "./StoreLocation.ts"

const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: (cause) => cause as StoreFault | ConfigFault })

/** Opens the store for as long as the scope lives; without what lies beside it, to be read. */
export const openStore = (
  { file, database }: StoreLocation,
  { retrySecrets }: Pick<Beside, "retrySecrets"> = {},
  watching: { readonly onCommit?: (appendCount: number) => void } = {},
): Effect.Effect<ServerStore, StoreFault | ConfigFault, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(() => {
      if (database !== undefined)
        return postgresStore(database.url, { ...watching, ...(retrySecrets === undefined ? {} : { retrySecrets }) })
      return file === undefined ? memoryStore(watching) : sqliteStore(file, watching)
    }),
    (log) => log.close,
  )

/** A file that was named comes before the variable, and the variable before a file that was not. */
const fromEnvironment = ({ isKeyFileGiven }: StoreLocation) =>
  attempt(() => {
    const given = process.env["GRANTLOG_KEYS"]
    return given === undefined || isKeyFileGiven ? undefined : parseKeyRing(given, "GRANTLOG_KEYS")
  })

const ELSEWHERE = "name it with --keys-file"

const keyFileIn = ({ keyFile }: StoreLocation): Effect.Effect<string, ConfigFault> => {
  if (keyFile !== undefined) return Effect.succeed(keyFile)
  const message = "--store postgres://… needs --keys-file: the key ring, which every instance is given"
  return Effect.fail(new ConfigFault({ message }))
}

/** The ring that the store was made with; never a new one. */
export const existingKeys = Effect.fnUntraced(function* (
  location: StoreLocation,
): Effect.fn.Return<KeyRingFile, ConfigFault | StoreFault> {
  const given = yield* fromEnvironment(location)
  if (given !== undefined) return given
  const keyFile = yield* keyFileIn(location)
  return hasKeyFile(keyFile) ? yield* attempt(() => readKeyFile(keyFile)) : yield* missingKeys(keyFile, ELSEWHERE)
})

/** The ring of this store; made only for a new log, and only once the configuration is known to be sound. */
export const openKeys = Effect.fnUntraced(function* (log: ServerStore, location: StoreLocation, config: Config) {
  yield* attempt(() => settingsOf(config))
  const given = yield* fromEnvironment(location)
  if (given !== undefined) return given
  const { name, file = name } = location
  const place = isInMemory(location) ? undefined : { path: yield* keyFileIn(location), store: file }
  return yield* keysBeside(log, ELSEWHERE, liveRandomness, place)
})

/** A store that is there, and what lies beside it. */
export interface Opened {
  readonly log: ServerStore
  readonly location: StoreLocation
  readonly beside: KeptBeside
}

export interface OpenedServer extends Opened, Forgettable {
  readonly server: AuthorizationServer
}

interface ExistingFlags extends LocationFlags {
  readonly checkpointCopy?: Option.Option<string>
}

export interface OperatorFlags extends ExistingFlags {
  readonly issuer: Option.Option<string>
  readonly appSchemes?: Option.Option<string>
}

/** Where a store is that another process has made; one in memory is seen by no other. */
const locateShared = Effect.fnUntraced(function* (flags: LocationFlags): Effect.fn.Return<StoreLocation, UsageFault> {
  const location = yield* locate(flags)
  if (!isInMemory(location)) return location
  const message =
    "`memory:` is the store of the process that serves, which no command can see: serve with --store sqlite:FILE, and name that"
  return yield* new UsageFault({ message })
})

/** The server that an operator works on: it takes clients of every kind, whichever of them `serve` is told to take. */
export const serverForOperator = (
  store: ServerStore,
  keys: KeyRingFile,
  { issuer, appSchemes = [] }: Pick<Config, "issuer" | "appSchemes">,
  forgettable: Forgettable,
) => makeServer({ store, keys, config: { issuer, appSchemes }, features: operatorFeatures, ...forgettable })

/** The server that an operator's command works on; it may run beside one that serves. */
export const openForOperator = Effect.fnUntraced(function* (
  flags: OperatorFlags,
): Effect.fn.Return<OpenedServer, CommandFault | UsageFault | ConfigFault | StoreFault | Failure, Scope.Scope> {
  const location = yield* locateShared(flags)
  if (!isThere(location) && Option.isNone(flags.issuer)) {
    const message = `the store \`${location.name}\` does not exist yet: start the server once, or give --issuer URL`
    return yield* new CommandFault({ message })
  }
  // What lies beside it is closed behind it.
  const beside = yield* openBeside(location, flags.checkpointCopy ?? Option.none())
  const log = yield* openStore(location, beside)
  const { state } = yield* log.rows.issuer()
  const known = state._tag === "Initialized" ? state.issuer : undefined
  const issuer = Option.getOrUndefined(flags.issuer) ?? known
  if (issuer === undefined) {
    return yield* new CommandFault({
      message: "this log has no issuer yet: start the server once, or give --issuer URL",
    })
  }
  const appSchemes = Option.match(flags.appSchemes ?? Option.none(), { onNone: () => [], onSome: words })
  const config: Config = { issuer, appSchemes }
  const keys = yield* openKeys(log, location, config)
  const forgettable = yield* openForgettable(beside, keys)
  const server = yield* serverForOperator(log, keys, config, forgettable)
  return { server, log, location, beside, ...forgettable }
})

const isThere = ({ file }: StoreLocation): boolean => file === undefined || existsSync(file)

/** A log that is there, for as long as the scope lives. */
export const openLog = Effect.fnUntraced(function* (
  flags: LocationFlags,
): Effect.fn.Return<Omit<Opened, "beside">, CommandFault | UsageFault | ConfigFault | StoreFault, Scope.Scope> {
  const location = yield* locateShared(flags)
  if (isThere(location)) return { log: yield* openStore(location), location }
  const message = `there is no store \`${location.name}\`: name one with --store sqlite:FILE`
  return yield* new CommandFault({ message })
})

/** The same with what lies beside it: for commands that need no server. */
export const openExisting = Effect.fnUntraced(function* (
  flags: ExistingFlags,
): Effect.fn.Return<Opened, CommandFault | UsageFault | ConfigFault | StoreFault, Scope.Scope> {
  const opened = yield* openLog(flags)
  return { ...opened, beside: yield* openBeside(opened.location, flags.checkpointCopy ?? Option.none()) }
})
