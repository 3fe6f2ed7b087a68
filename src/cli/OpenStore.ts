/**
 * Opening what `--store` names, with its key ring: beside the file, or from `GRANTLOG_KEYS`.
 *
 * A ring is made only together with a new database. The commands of an operator find the issuer in the log itself.
 */
import { existsSync } from "node:fs"
import { Effect, Option, type Scope } from "effect"
import type { StoreFault } from "../log/index.ts"
import {
  hasKeyFile,
  keyFileOf,
  keysBeside,
  makeServer,
  memoryStore,
  missingKeys,
  parseKeyRing,
  readKeyFile,
  settingsOf,
  sqliteStore,
  type AuthorizationServer,
  type Config,
  type ConfigFault,
  type KeyRingFile,
  type Failure,
} from "../provider/index.ts"
import { CommandFault, UsageFault } from "./Failure.ts"
import { words } from "./Flags.ts"
import { openForgettable, type Forgettable } from "./Forgetting.ts"
import type { ServerStore } from "../provider/index.ts"

export interface StoreLocation {
  /** `undefined` for a store in memory. */
  readonly file: string | undefined
}

export const parseStore = (store: string): Effect.Effect<StoreLocation, UsageFault> => {
  if (store === "memory:") return Effect.succeed({ file: undefined })
  if (store.startsWith("sqlite:") && store.length > 7) return Effect.succeed({ file: store.slice(7) })
  return Effect.fail(new UsageFault({ message: `--store \`${store}\` is neither sqlite:FILE nor memory:` }))
}

const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: (cause) => cause as StoreFault | ConfigFault })

/** Opens the store for as long as the scope lives. */
export const openStore = ({ file }: StoreLocation): Effect.Effect<ServerStore, StoreFault | ConfigFault, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(() => (file === undefined ? memoryStore() : sqliteStore(file))),
    (log) => log.close,
  )

const fromEnvironment = attempt(() => {
  const given = process.env["GRANTLOG_KEYS"]
  return given === undefined ? undefined : parseKeyRing(given, "GRANTLOG_KEYS")
})

const ELSEWHERE = "set GRANTLOG_KEYS"

/** The ring that the store in `file` was made with; never a new one. */
export const existingKeys = Effect.fnUntraced(function* (
  file: string,
): Effect.fn.Return<KeyRingFile, ConfigFault | StoreFault> {
  const given = yield* fromEnvironment
  if (given !== undefined) return given
  const path = keyFileOf(file)
  return hasKeyFile(path) ? yield* attempt(() => readKeyFile(path)) : yield* missingKeys(path, ELSEWHERE)
})

/** The ring of this store; made only for a new log, and only once the configuration is known to be sound. */
export const openKeys = Effect.fnUntraced(function* (log: ServerStore, config: Config) {
  yield* attempt(() => settingsOf(config))
  return (yield* fromEnvironment) ?? (yield* keysBeside(log, ELSEWHERE))
})

export interface Opened extends Forgettable {
  readonly server: AuthorizationServer
  readonly log: ServerStore
  readonly file: string
}

export interface OperatorFlags {
  readonly store: string
  readonly issuer: Option.Option<string>
  readonly appSchemes?: Option.Option<string>
  readonly checkpointCopy?: Option.Option<string>
}

/** The file of a store that another process has made; a store in memory is seen by no other. */
const sharedFile = Effect.fnUntraced(function* (store: string): Effect.fn.Return<string, UsageFault> {
  const { file } = yield* parseStore(store)
  if (file !== undefined) return file
  const message =
    "`memory:` is the store of the process that serves, which no command can see: serve with --store sqlite:FILE, and name that"
  return yield* new UsageFault({ message })
})

/** The server that an operator's command works on; it may run beside one that serves. */
export const openForOperator = Effect.fnUntraced(function* (
  flags: OperatorFlags,
): Effect.fn.Return<Opened, CommandFault | UsageFault | ConfigFault | StoreFault | Failure, Scope.Scope> {
  const location = { file: yield* sharedFile(flags.store) }
  const isNew = !existsSync(location.file)
  if (isNew && Option.isNone(flags.issuer)) {
    const message = `the store \`${flags.store}\` does not exist yet: start the server once, or give --issuer URL`
    return yield* new CommandFault({ message })
  }
  const log = yield* openStore(location)
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
  const keys = yield* openKeys(log, config)
  const forgettable = yield* openForgettable(location.file, keys, flags.checkpointCopy ?? Option.none())
  return {
    server: yield* makeServer({ store: log, keys, config, ...forgettable }),
    log,
    file: location.file,
    ...forgettable,
  }
})

/** A store that is there, without server or keys: for commands that only work on the log. */
export const openExistingFile = Effect.fnUntraced(function* (store: string) {
  const file = yield* sharedFile(store)
  if (!existsSync(file)) {
    return yield* new CommandFault({ message: `there is no store \`${store}\`: name one with --store sqlite:FILE` })
  }
  return { log: yield* openStore({ file }), file }
})

export const openExisting = (store: string) => Effect.map(openExistingFile(store), ({ log }) => log)
