/** `grantlog serve`: the server, until it is told to stop; then running requests finish and the log is closed. */
import { inspect } from "node:util"
import { Effect, Option, Schema, Scope } from "effect"
import { Command, Flag } from "effect/cli"
import { defaultLimits, httpServer, nodeListener } from "../../http/index.ts"
import {
  isLoopbackIssuer,
  liveSecrets,
  makeServer,
  mintPassword,
  settingsOf,
  type AuthorizationServer,
  type Config,
  type ConfigFault,
} from "../../provider/index.ts"
import { makeCommand } from "../Defaults.ts"
import { UsageFault } from "../Failure.ts"
import { besideMemory, openBeside, openForgettable, type Beside } from "../Beside.ts"
import { keepCheckpoints, rollbackOf } from "../Checkpointing.ts"
import { byFlag } from "../ConfigFlags.ts"
import { openConsole } from "../console/OpenConsole.ts"
import { consolePassword } from "../console/Password.ts"
import {
  appSchemes,
  checkpointCopy,
  choice,
  count,
  json,
  onOff,
  located,
  rate,
  switched,
  text,
  words,
} from "../Flags.ts"
import { jsonText, oneLine, tell } from "../Terminal.ts"
import { checkPort, deferredListener, isLoopbackHost, listen } from "../Listen.ts"
import { openKeys, openStore } from "../OpenStore.ts"
import { printLine } from "../Print.ts"
import { takeServeLock } from "../ServeLock.ts"
import { isInMemory, locate } from "../StoreLocation.ts"
import { welcome } from "../Welcome.ts"

const atLeastOne = (name: string, description: string) =>
  count(name, description).pipe(Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))))

const flags = {
  port: count("port", "the port to listen on; 0 chooses a free one").pipe(Flag.withDefault(4000)),
  host: text("host", "the address to listen on; by default both loopbacks").pipe(Flag.optional),
  issuer: text("issuer", "the issuer identifier, as clients know it; by default http://localhost and the port").pipe(
    Flag.optional,
  ),
  ...located,
  registration: choice("registration", ["open", "off"], "whether clients may register themselves").pipe(
    Flag.withDefault("open"),
  ),
  registrationGrants: text(
    "registration-grants",
    "the grant types that a client which registered itself may use, space-separated",
  ).pipe(Flag.withDefault("authorization_code refresh_token")),
  scopes: text("scopes", "the scopes there are, space-separated").pipe(Flag.withDefault("read write")),
  defaultScopes: text("default-scopes", "what a request without scope gets; by default the first of --scopes").pipe(
    Flag.optional,
  ),
  resource: text(
    "resource",
    "the resources tokens may be for, space-separated, or any; by default any on localhost, and else those of the resource servers",
  ).pipe(Flag.optional),
  defaultResource: text(
    "default-resource",
    "the resource that a request is for which names none; by default the only one that is known",
  ).pipe(Flag.optional),
  accessTokenTtl: count("access-token-ttl", "seconds that an access token lives").pipe(Flag.withDefault(3600)),
  codeTtl: count("code-ttl", "seconds that a code lives").pipe(Flag.withDefault(60)),
  refreshIdleTtl: count("refresh-idle-ttl", "seconds that an unused refresh token lives").pipe(
    Flag.withDefault(2_592_000),
  ),
  grantTtl: count("grant-ttl", "seconds that a grant lives at most").pipe(Flag.withDefault(31_536_000)),
  refreshRetryWindow: count("refresh-retry-window", "seconds that a lost refresh reply can be asked for again").pipe(
    Flag.withDefault(30),
  ),
  appSchemes,
  maxDynamicClients: count("max-dynamic-clients", "how many clients may register themselves").pipe(
    Flag.withDefault(10_000),
  ),
  registrationRate: rate(
    "registration-rate",
    "how many clients may register themselves, all together: N/h, or off",
    "h",
  ).pipe(Flag.withDefault(600)),
  tokenRate: rate(
    "token-rate",
    "how many tokens a grant may get, and a tenth of what a client gets for itself: N/min, or off",
    "min",
  ).pipe(Flag.withDefault(60)),
  unusedClientTtl: count(
    "unused-client-ttl",
    "seconds that a client which registered itself is kept without being approved",
  ).pipe(Flag.withDefault(86_400)),
  sessionIdle: count("session-idle", "seconds until somebody who does nothing is signed out").pipe(
    Flag.withDefault(28_800),
  ),
  sessionMax: count("session-max", "seconds until everybody has to sign in again").pipe(Flag.withDefault(604_800)),
  displayName: text("display-name", "what people see this server called").pipe(Flag.withDefault("grantlog")),
  logo: text("logo", "a picture for the pages: an https or data URI").pipe(Flag.optional),
  scopeDescriptions: text(
    "scope-descriptions",
    "what scopes allow, in words for people: a JSON object by scope name",
  ).pipe(Flag.optional),
  trustedProxy: text("trusted-proxy", "addresses or networks whose X-Forwarded-For is believed, space-separated").pipe(
    Flag.optional,
  ),
  loginRate: atLeastOne("login-rate", "attempts to sign in a minute from one source, whatever the accounts").pipe(
    Flag.withDefault(defaultLimits.sourceLoginsPerMinute),
  ),
  requestOrigin: onOff(
    "request-origin",
    "keep address and user agent of who asks, sealed until they are forgotten; with no- in front, keep neither",
  ).pipe(Flag.withDefault(true)),
  checkpointCopy,
  checkpointInterval: atLeastOne("checkpoint-interval", "seconds between checkpoints while something is appended").pipe(
    Flag.withDefault(10),
  ),
  acceptRollback: Flag.Boolean("accept-rollback").pipe(
    Flag.withDescription(
      "serve an old copy of the store that was put back, though the last checkpoint contradicts it: every grant that was opened in it ends",
    ),
    Flag.withDefault(false),
  ),
  autoApprove: text("auto-approve", "development only: approve every loopback request as this account").pipe(
    Flag.optional,
  ),
  console: switched("console", "a page at /console that shows what the log knows, behind GRANTLOG_CONSOLE_PASSWORD"),
  json,
}

type ServeFlags = Command.Command.Config.Infer<typeof flags>

const some = <Name extends string, A>(name: Name, value: Option.Option<A>): { readonly [N in Name]?: A } =>
  Option.match(value, { onNone: () => ({}), onSome: (one) => ({ [name]: one }) as { [N in Name]: A } })

/** The descriptions as given: what is wrong in them is found when the configuration is decoded. */
const descriptionsOf = (given: string) =>
  Effect.try({
    try: () => JSON.parse(given) as NonNullable<Config["scopeDescriptions"]>,
    catch: () => new UsageFault({ message: "--scope-descriptions is no JSON object" }),
  })

/** The grant types as given, likewise. */
const grantTypes = (given: string) => words(given) as ReadonlyArray<string> as NonNullable<Config["registrationGrants"]>

const configOf = (
  given: ServeFlags,
  port: number,
  scopeDescriptions: Option.Option<NonNullable<Config["scopeDescriptions"]>>,
): Config => ({
  issuer: Option.getOrElse(given.issuer, () => `http://localhost:${port}`),
  scopes: words(given.scopes),
  ...some("defaultScopes", Option.map(given.defaultScopes, words)),
  ...some(
    "resources",
    Option.map(given.resource, (value) => (value === "any" ? "any" : words(value))),
  ),
  ...some("defaultResource", given.defaultResource),
  registration: given.registration,
  registrationGrants: grantTypes(given.registrationGrants),
  maxDynamicClients: given.maxDynamicClients,
  registrationRate: given.registrationRate,
  tokenRate: given.tokenRate,
  unusedClientLifetime: given.unusedClientTtl,
  ...some("appSchemes", Option.map(given.appSchemes, words)),
  lifetimes: {
    accessToken: given.accessTokenTtl,
    code: given.codeTtl,
    refreshIdle: given.refreshIdleTtl,
    grant: given.grantTtl,
  },
  retryWindow: { public: given.refreshRetryWindow, confidential: given.refreshRetryWindow },
  session: { idle: given.sessionIdle, absolute: given.sessionMax },
  displayName: given.displayName,
  ...some("logo", given.logo),
  ...some("scopeDescriptions", scopeDescriptions),
  ...some("autoApprove", given.autoApprove),
})

/** A network of several sources gets as much more than one of them as it does by default. */
const loginLimits = (sourceLoginsPerMinute: number) => ({
  sourceLoginsPerMinute,
  networkLoginsPerMinute:
    (sourceLoginsPerMinute * defaultLimits.networkLoginsPerMinute) / defaultLimits.sourceLoginsPerMinute,
})

/** Somebody to sign in as, made once: on this machine, when there is no account at all. */
const demoUser = Effect.fnUntraced(function* (server: AuthorizationServer) {
  const { issuer: url, autoApprove } = server.settings
  const isEmpty = (yield* server.accounts.list({ limit: 1 })).length === 0
  if (!isEmpty || autoApprove !== undefined || !isLoopbackIssuer(url)) return undefined
  const password = mintPassword(liveSecrets)
  const account = yield* server.accounts.add("demo", password, server.now())
  return account === undefined ? undefined : { name: account.name, password }
})

const told = (about: string) => (said: string) => tell(`grantlog: ${about}: ${oneLine(said)}`)

export const serve = makeCommand(
  "serve",
  flags,
  Effect.fn(function* (given) {
    yield* checkPort(given.port)
    if (Option.isSome(given.autoApprove) && Option.exists(given.host, (host) => !isLoopbackHost(host)))
      return yield* new UsageFault({ message: "--auto-approve is for this machine: leave out --host" })
    const admin = given.console
      ? yield* consolePassword(Option.getOrElse(given.issuer, () => "http://localhost"))
      : undefined
    const location = yield* locate(given)
    const { file } = location
    if (file !== undefined) {
      yield* Effect.acquireRelease(
        Effect.try({ try: () => takeServeLock(file), catch: (cause) => cause as Error }),
        (release) => Effect.sync(release),
      )
    }
    const log = yield* openStore(location)
    // Like the log, the subjects' keys are needed until the last running request is answered.
    const untilAnswered = yield* Scope.fork(yield* Effect.scope)
    const deferred = deferredListener()
    const port = yield* listen(() => httpServer(deferred.listener), Option.getOrUndefined(given.host), given.port)
    const descriptions = yield* Effect.transposeOption(Option.map(given.scopeDescriptions, descriptionsOf))
    const config = configOf(given, port, descriptions)
    yield* Effect.try({ try: () => settingsOf(config), catch: (cause) => byFlag(cause as ConfigFault, config) })
    const keys = yield* openKeys(log, location, config)
    const beside: Beside = isInMemory(location)
      ? besideMemory
      : yield* Scope.provide(openBeside(location, given.checkpointCopy), untilAnswered)
    const { checkpoints } = beside
    const rollback =
      checkpoints === undefined ? Option.none() : yield* rollbackOf(log, checkpoints, given.acceptRollback)
    const forgettable = yield* Scope.provide(openForgettable(beside, keys), untilAnswered)
    const server = yield* makeServer({
      store: log,
      keys,
      config,
      onFault: told("retry secrets"),
      onNotice: told("note"),
      ...forgettable,
    })
    const { issuer: served } = server.settings
    if (checkpoints !== undefined && Option.isSome(rollback)) {
      yield* server.raiseIssuerEpoch("an old copy of the log was put back")
      yield* checkpoints.setAside(rollback.value)
      told("note")("every grant that was opened in the old copy has ended; checkpoints go on under a new key")
    } else if (given.acceptRollback) told("note")("the log is as its last checkpoint says: leave out --accept-rollback")
    const kept =
      checkpoints === undefined
        ? undefined
        : {
            keeper: checkpoints,
            key: yield* keepCheckpoints(log, {
              place: checkpoints,
              issuer: served,
              everySeconds: given.checkpointInterval,
              onFault: told("no checkpoint"),
            }),
          }
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
    deferred.set(
      nodeListener(server, {
        mounted,
        limits: loginLimits(given.loginRate),
        trustedProxies: Option.match(given.trustedProxy, { onNone: () => [], onSome: words }),
        recordsOrigin: given.requestOrigin,
        onDefect: (defect) => tell(`grantlog: defect: ${inspect(defect)}`),
        onUnavailable: (sentence, cause) =>
          told("answered 503")(cause instanceof Error ? `${sentence}: ${cause.message}` : sentence),
      }),
    )

    const demo = yield* demoUser(server)
    const said = { issuer: served, port, store: location.name, pid: process.pid }
    const shown = {
      demo,
      console: admin === undefined ? undefined : { password: admin.isNew ? admin.password : undefined },
    }
    yield* printLine(given.json ? jsonText({ ...said, ...shown }) : welcome(server, location, port, shown))
    yield* Effect.never
  }, Effect.scoped),
).pipe(
  Command.withDescription("Serve until stopped by SIGTERM or SIGINT; running requests finish first"),
  Command.withExamples([
    { command: "grantlog serve --auto-approve alice", description: "Development: every loopback request is approved" },
    { command: "grantlog serve --issuer https://id.example.com --port 8080", description: "Behind a TLS proxy" },
  ]),
)
