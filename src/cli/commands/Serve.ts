/** `grantlog serve`: the server, until it is told to stop; then running requests finish and the log is closed. */
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Command from "effect/cli/Command"
import { defaultLimits, httpServer, nodeListener } from "../../http/index.ts"
import {
  isLoopbackIssuer,
  liveRandomness,
  makeServer,
  mintPassword,
  type AuthorizationServer,
  type ServerStore,
  tellLogouts,
} from "../../provider/index.ts"
import type { AdminOptions, Served } from "../admin/OpenAdmin.ts"
import { credentialPlace } from "../admin/Credential.ts"
import { makeCommand } from "../Defaults.ts"
import { besideMemory, openBeside, openForgettable, type Beside } from "../Beside.ts"
import { keepCheckpoints } from "../../embedded/KeepCheckpoints.ts"
import { rollbackOf } from "../Checkpointing.ts"
import type { ConsoleOptions } from "../console/OpenConsole.ts"
import { consolePassword } from "../console/Password.ts"
import { words } from "../Flags.ts"
import { jsonText, oneLine, tell } from "../Terminal.ts"
import { deferredListener, listen } from "../Listen.ts"
import { openKeys, openStore } from "../OpenStore.ts"
import { observed, observers, signedTeller, watchable, watching } from "../observe/Observe.ts"
import { printLine } from "../Print.ts"
import { refuseContradictions, servedSettings } from "../ServedSettings.ts"
import { serveFlags } from "../ServeFlags.ts"
import { takeServeLock } from "../ServeLock.ts"
import { isInMemory, locate } from "../StoreLocation.ts"
import { publishTiles } from "../tiles/Publish.ts"
import { welcome } from "../Welcome.ts"
import { witnessesOf } from "../witness/WitnessFlags.ts"
import { contradictedByWitnesses, keepWitnessed } from "../witness/Witnessing.ts"

/** A network of several sources gets as much more than one of them as it does by default. */
export const loginLimits = (sourceLoginsPerMinute: number) => ({
  sourceLoginsPerMinute,
  networkLoginsPerMinute:
    (sourceLoginsPerMinute * defaultLimits.networkLoginsPerMinute) / defaultLimits.sourceLoginsPerMinute,
})

/** Somebody to sign in as, made once: on this machine, when there is no account at all. */
const demoUser = Effect.fnUntraced(function* (server: AuthorizationServer) {
  const { issuer: url, autoApprove } = server.settings
  const isEmpty = (yield* server.accounts.list({ limit: 1 })).length === 0
  if (!isEmpty || autoApprove !== undefined || !isLoopbackIssuer(url)) return undefined
  const password = mintPassword(liveRandomness)
  const account = yield* server.accounts.add("demo", password, server.now())
  return account === undefined ? undefined : { name: account.name, password }
})

/** The console and the audit that it shows are loaded where they are asked for. */
const openConsole = (log: ServerStore, options: ConsoleOptions) =>
  Effect.flatMap(
    Effect.promise(() => import("../console/OpenConsole.ts")),
    (loaded) => loaded.openConsole(log, options),
  )

/** So is the admin API. */
const openAdmin = (served: Served, options: AdminOptions) =>
  Effect.flatMap(
    Effect.promise(() => import("../admin/OpenAdmin.ts")),
    (loaded) => loaded.openAdmin(served, options),
  )

const tellAbout = (about: string, said: string) => tell(`grantlog: ${about}: ${oneLine(said)}`)

export const serve = makeCommand(
  "serve",
  serveFlags,
  Effect.fn(function* (given) {
    yield* refuseContradictions(given)
    const witnesses = yield* witnessesOf(given)
    const admin = given.console
      ? yield* consolePassword(Option.getOrElse(given.issuer, () => "http://localhost"))
      : undefined
    const location = yield* locate(given)
    const { file } = location
    const credential = Option.isSome(given.adminPort)
      ? yield* credentialPlace(given.adminCredentialFile, location)
      : undefined
    if (file !== undefined) {
      yield* Effect.acquireRelease(
        Effect.try({ try: () => takeServeLock(file), catch: (cause) => cause as Error }),
        (release) => Effect.sync(release),
      )
    }
    const beside: Beside = isInMemory(location) ? besideMemory : yield* openBeside(location, given.checkpointCopy)
    const watched = yield* watching(given, tellAbout)
    const { metrics, otlp } = watched
    const told = (about: string) => (said: string) => {
      tellAbout(about, said)
      otlp?.said(about, said)
    }
    const opened = yield* openStore(location, beside, metrics === undefined ? {} : { onCommit: metrics.committed })
    const log = observed(opened, given, watched)
    // Like the log, the subjects' keys are needed until the last running request is answered.
    const untilAnswered = yield* Scope.fork(yield* Effect.scope)
    const deferred = deferredListener()
    const port = yield* listen(() => httpServer(deferred.listener), Option.getOrUndefined(given.host), given.port, "")
    const { config, features } = yield* servedSettings(given, port)
    const keys = yield* openKeys(log, location, config)
    const { checkpoints } = beside
    const rollback =
      checkpoints === undefined ? Option.none() : yield* rollbackOf(log, checkpoints, given.acceptRollback)
    const forgettable = yield* Scope.provide(openForgettable(beside, keys), untilAnswered)
    const server = yield* makeServer({
      store: log,
      keys,
      config,
      features,
      signingKeys: (ring) => Scope.provide(beside.openSigningKeys(ring), untilAnswered),
      onFault: told("retry secrets"),
      onNotice: told("note"),
      onDecidedAgain: metrics?.decidedAgain,
      ...forgettable,
    })
    yield* Effect.forkScoped(tellLogouts(server, log, { onFault: told("signing out") }))
    const { issuer: served } = server.settings
    const witnessing =
      checkpoints === undefined || witnesses === undefined
        ? undefined
        : { log, place: checkpoints, witnesses, issuer: served }
    const contradicted = Option.isSome(rollback)
      ? rollback
      : yield* contradictedByWitnesses(witnessing, given.acceptRollback)
    if (checkpoints !== undefined && Option.isSome(contradicted)) {
      yield* server.raiseIssuerEpoch("an old copy of the log was put back")
      yield* checkpoints.setAside(contradicted.value)
      told("note")("every grant that was opened in the old copy has ended; checkpoints go on under a new key")
    } else if (given.acceptRollback) told("note")("the log is as its last checkpoint says: leave out --accept-rollback")
    const kept =
      checkpoints === undefined
        ? undefined
        : {
            storage: checkpoints,
            key: yield* keepCheckpoints(log, {
              place: checkpoints,
              issuer: served,
              everySeconds: given.checkpointInterval,
              onFault: told("no checkpoint"),
              onSigned: signedTeller(metrics),
            }),
          }
    if (kept !== undefined && witnessing !== undefined)
      yield* keepWitnessed(witnessing, {
        key: kept.key,
        everySeconds: given.witnessInterval,
        onFault: told("no cosignature"),
      })
    const mounted =
      admin === undefined
        ? []
        : yield* openConsole(log, {
            location,
            issuer: served,
            kept,
            password: admin.password,
            onFault: told("console"),
          })
    const watchers = yield* observers(given, watched, told("access log"))
    const onDefect = (defect: unknown) => {
      tell(`grantlog: defect: ${inspect(defect)}`)
      otlp?.said("defect", "standard error has it")
    }
    deferred.set(
      nodeListener(server, {
        mounted,
        limits: loginLimits(given.loginRate),
        trustedProxies: Option.match(given.trustedProxy, { onNone: () => [], onSome: words }),
        recordsRequestOrigin: given.requestOrigin,
        ...watchers,
        onDefect,
        onUnavailable: (sentence, cause) => {
          tellAbout("answered 503", cause instanceof Error ? `${sentence}: ${cause.message}` : sentence)
          otlp?.said("answered 503", sentence)
        },
      }),
    )

    const tilesPort = yield* publishTiles(given, log, kept, witnesses?.quorum, told("tiles"))
    const adminPort =
      credential === undefined
        ? undefined
        : yield* openAdmin(
            { log, keys, config, location, beside, ...forgettable },
            {
              port: Option.getOrElse(given.adminPort, () => 0),
              host: given.adminHost,
              credential,
              onAnswered: watchers.onAnswered,
              onDefect,
              onFault: told("admin API"),
            },
          )
    const metricsPort = yield* watchable(given, metrics, log)
    const demo = yield* demoUser(server)
    const said = {
      issuer: served,
      port,
      store: location.name,
      pid: process.pid,
      metricsPort,
      tilesPort,
      adminPort,
    }
    const shown = {
      demo,
      admin: adminPort === undefined ? undefined : { port: adminPort, ...credential },
      console: admin === undefined ? undefined : { password: admin.isNew ? admin.password : undefined },
    }
    yield* printLine(given.json ? jsonText({ ...said, ...shown }) : welcome(server, location, port, shown))
    yield* Effect.never
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog serve --auto-approve alice", description: "Development: every loopback request is approved" },
    { command: "grantlog serve --issuer https://id.example.com --port 8080", description: "Behind a TLS proxy" },
  ]),
)
