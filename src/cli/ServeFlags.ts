/** What `grantlog serve` is told: its flags, and the configuration that they make. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Flag from "effect/cli/Flag"
import type * as Command from "effect/cli/Command"
import { defaultLimits } from "../http/index.ts"
import type { Config } from "../provider/index.ts"
import { UsageFault } from "./Failure.ts"
import { witnessFlags } from "./witness/WitnessFlags.ts"
import { featureFlags, openedGrants } from "./ServeFeatures.ts"
import {
  adminCredentialFile,
  appSchemes,
  checkpointCopy,
  choice,
  count,
  json,
  located,
  onOff,
  optional,
  rate,
  switched,
  text,
  words,
} from "./Flags.ts"

const atLeastOne = (name: string, description: string) =>
  count(name, description).pipe(Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))))

export const serveFlags = {
  port: count("port", "the port to listen on; 0 chooses a free one").pipe(Flag.withDefault(4000)),
  host: text("host", "the address to listen on; by default both loopbacks").pipe(Flag.optional),
  issuer: text("issuer", "the issuer identifier, as clients know it; by default http://localhost and the port").pipe(
    Flag.optional,
  ),
  ...located,
  registration: choice(
    "registration",
    ["open", "invited", "off"],
    "whether clients may register themselves; invited: with a token of grantlog client invite",
  ).pipe(Flag.withDefault("open")),
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
  clientSecretTtl: count(
    "client-secret-ttl",
    "seconds that the secret of a client which registered itself is good for; by default for ever",
  ).pipe(Flag.optional),
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
  ...witnessFlags,
  witnessInterval: atLeastOne(
    "witness-interval",
    "seconds between requests to the witnesses while something is appended",
  ).pipe(Flag.withDefault(60)),
  acceptRollback: Flag.Boolean("accept-rollback").pipe(
    Flag.withDescription(
      "serve an old copy of the store that was put back, though the last checkpoint contradicts it: every grant that was opened in it ends",
    ),
    Flag.withDefault(false),
  ),
  ...featureFlags,
  metricsPort: count("metrics-port", "a port for /metrics (Prometheus) and /readyz; 0 chooses a free one").pipe(
    Flag.optional,
  ),
  metricsHost: text("metrics-host", "the address of --metrics-port; by default both loopbacks").pipe(Flag.optional),
  tilesPort: count(
    "tiles-port",
    "a port for the log's tree and its checkpoint, to be read by anybody (C2SP tlog-tiles); 0 chooses a free one",
  ).pipe(Flag.optional),
  tilesHost: text("tiles-host", "the address of --tiles-port; by default both loopbacks").pipe(Flag.optional),
  accessLog: text(
    "access-log",
    "a file that gets a line of JSON for each request, without anything that was sent; SIGHUP opens it anew",
  ).pipe(Flag.optional),
  otlp: text(
    "otlp",
    "a collector of OpenTelemetry that gets traces and logs over HTTP, such as http://localhost:4318; OTEL_EXPORTER_OTLP_HEADERS has its credentials",
  ).pipe(Flag.optional),
  drainSeconds: count(
    "drain-seconds",
    "seconds between being told to stop, when /readyz says so, and taking no more connections",
  ).pipe(Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 600 }))), Flag.withDefault(0)),
  adminPort: count("admin-port", "a port for the admin API; 0 chooses a free one").pipe(Flag.optional),
  adminHost: text("admin-host", "the address of --admin-port; by default both loopbacks").pipe(Flag.optional),
  adminCredentialFile,
  autoApprove: text("auto-approve", "development only: approve every loopback request as this account").pipe(
    Flag.optional,
  ),
  console: switched("console", "a page at /console that shows what the log knows, behind GRANTLOG_CONSOLE_PASSWORD"),
  json,
}

export type ServeFlags = Command.Command.Config.Infer<typeof serveFlags>

/** The descriptions as given: what is wrong in them is found when the configuration is decoded. */
export const descriptionsOf = (given: string) =>
  Effect.try({
    try: () => JSON.parse(given) as NonNullable<Config["scopeDescriptions"]>,
    catch: () => new UsageFault({ message: "--scope-descriptions is no JSON object" }),
  })

/** The grant types as given, likewise. */
const grantTypes = (given: string) => words(given) as ReadonlyArray<string> as NonNullable<Config["registrationGrants"]>

export const configOf = (
  given: ServeFlags,
  port: number,
  scopeDescriptions: Option.Option<NonNullable<Config["scopeDescriptions"]>>,
): Config => ({
  issuer: Option.getOrElse(given.issuer, () => `http://localhost:${port}`),
  scopes: words(given.scopes),
  ...optional("defaultScopes", Option.map(given.defaultScopes, words)),
  ...optional(
    "resources",
    Option.map(given.resource, (value) => (value === "any" ? "any" : words(value))),
  ),
  ...optional("defaultResource", given.defaultResource),
  registration: given.registration,
  registrationGrants: [...new Set([...grantTypes(given.registrationGrants), ...openedGrants(given)])],
  maxDynamicClients: given.maxDynamicClients,
  registrationRate: given.registrationRate,
  tokenRate: given.tokenRate,
  unusedClientLifetime: given.unusedClientTtl,
  ...optional("clientSecretLifetime", given.clientSecretTtl),
  ...optional("appSchemes", Option.map(given.appSchemes, words)),
  lifetimes: {
    accessToken: given.accessTokenTtl,
    code: given.codeTtl,
    refreshIdle: given.refreshIdleTtl,
    grant: given.grantTtl,
  },
  retryWindow: { public: given.refreshRetryWindow, confidential: given.refreshRetryWindow },
  session: { idle: given.sessionIdle, absolute: given.sessionMax },
  displayName: given.displayName,
  ...optional("logo", given.logo),
  ...optional("scopeDescriptions", scopeDescriptions),
  ...optional("autoApprove", given.autoApprove),
})
