/** What `serve` would have by its flags, judged before anything is opened or listened on: for `serve`, and for `doctor`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isThisMachine } from "../protocol/index.ts"
import {
  featuresOf,
  isLoopbackIssuer,
  settingsOf,
  tokenLifetimes,
  type Config,
  type ConfigFault,
  type Feature,
} from "../provider/index.ts"
import { byFlag } from "./ConfigFlags.ts"
import { dependenceFault } from "./DependentFlags.ts"
import { UsageFault } from "./Failure.ts"
import { checkPort } from "./Listen.ts"
import { profileFault } from "./Profile.ts"
import { featuresFor } from "./ServeFeatures.ts"
import { configOf, descriptionsOf, type ServeFlags } from "./ServeFlags.ts"

/** Fails for a port that is none, and with the first two flags that cannot both be meant, or the first that would do nothing. */
export const refuseContradictions = Effect.fnUntraced(function* (
  given: ServeFlags,
): Effect.fn.Return<void, UsageFault> {
  yield* checkPort(given.port, "")
  if (Option.isSome(given.metricsPort)) yield* checkPort(given.metricsPort.value, "metrics-")
  if (Option.isSome(given.adminPort)) yield* checkPort(given.adminPort.value, "admin-")
  if (Option.isSome(given.tilesPort)) yield* checkPort(given.tilesPort.value, "tiles-")
  const isElsewhere = Option.exists(given.issuer, (issuer) => !isLoopbackIssuer(issuer))
  const isListeningToAll = Option.exists(given.host, (host) => !isThisMachine(host))
  const message =
    Option.isSome(given.autoApprove) && isListeningToAll
      ? "--auto-approve is for this machine: leave out --host"
      : given.allowLoopbackCimd && isElsewhere
        ? "--allow-loopback-cimd is for development: leave out --issuer"
        : (profileFault(given) ?? dependenceFault(given))
  if (message !== undefined) return yield* new UsageFault({ message })
})

/** The configuration and the features; a fault is told by the flag that it came from. */
export const servedSettings = Effect.fnUntraced(function* (
  given: ServeFlags,
  port: number,
): Effect.fn.Return<{ readonly config: Config; readonly features: ReadonlyArray<Feature> }, UsageFault | ConfigFault> {
  const descriptions = yield* Effect.transposeOption(Option.map(given.scopeDescriptions, descriptionsOf))
  const config = configOf(given, port, descriptions)
  const features = yield* Effect.try({ try: () => featuresFor(given), catch: (cause) => cause as ConfigFault })
  yield* Effect.try({
    try: () => {
      const listed = featuresOf(features)
      return tokenLifetimes(settingsOf(config, listed), listed.accessTokenFormats)
    },
    catch: (cause) => byFlag(cause as ConfigFault, config),
  })
  return { config, features }
})
