/**
 * Watching a server that runs: its store with every append counted, and who is told of what.
 *
 * Where nothing is watched, nothing stands between the server and its store.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { asStep, httpServer, type EndpointOptions } from "../../http/index.ts"
import type { ServerStore } from "../../provider/index.ts"
import type { CommandFault, UsageFault } from "../Failure.ts"
import { listen } from "../Listen.ts"
import { version } from "../Version.ts"
import { openAccessLog } from "./AccessLog.ts"
import { makeMetrics, type Metrics } from "./Metrics.ts"
import { metricsListener } from "./MetricsListener.ts"
import type { Otlp } from "./Otlp.ts"
import { otlpSettings } from "./OtlpSettings.ts"

export interface ObserveFlags {
  readonly metricsPort: Option.Option<number>
  readonly metricsHost: Option.Option<string>
  readonly accessLog: Option.Option<string>
  readonly otlp: Option.Option<string>
  readonly issuer: Option.Option<string>
  readonly drainSeconds: number
}

/** Who is told of what, as far as somebody asked for it. */
export interface Watching {
  readonly metrics: Metrics | undefined
  readonly otlp: Otlp | undefined
}

/** What was asked for, for as long as the scope lives; `tell` has the operator know what goes wrong with it. */
export const watching = Effect.fnUntraced(function* (
  { metricsPort, otlp, issuer }: ObserveFlags,
  tell: (about: string, sentence: string) => void,
): Effect.fn.Return<Watching, UsageFault, Scope.Scope> {
  const settings = yield* otlpSettings(otlp)
  const metrics = Option.isSome(metricsPort) ? makeMetrics(version(), performance.timeOrigin) : undefined
  if (settings === undefined) return { metrics, otlp: undefined }
  const { openOtlp } = yield* Effect.promise(() => import("./Otlp.ts"))
  const scheme = Option.exists(issuer, (url) => url.startsWith("https:")) ? "https" : "http"
  return { metrics, otlp: yield* openOtlp(settings, scheme, (sentence) => tell("traces and logs", sentence)) }
})

/** The store, with every append told to the metrics, and noted as a step of its request. */
export const observed = (store: ServerStore, { accessLog }: ObserveFlags, { metrics, otlp }: Watching): ServerStore =>
  metrics === undefined && otlp === undefined && Option.isNone(accessLog)
    ? store
    : {
        ...store,
        append: (append) =>
          asStep(
            "append",
            Effect.tap(store.append(append), (outcome) => Effect.sync(() => metrics?.appended(append, outcome))),
            ({ _tag }) => _tag,
          ),
      }

/** Who is told of requests, for as long as the scope lives. */
export const observers = Effect.fnUntraced(function* (
  { accessLog }: ObserveFlags,
  { metrics, otlp }: Watching,
  onFault: (sentence: string) => void,
): Effect.fn.Return<Pick<EndpointOptions, "onAnswered" | "onPasswordQueue">, CommandFault, Scope.Scope> {
  const write = Option.isSome(accessLog) ? yield* openAccessLog(accessLog.value, onFault) : undefined
  if (write === undefined && metrics === undefined && otlp === undefined) return {}
  return {
    onAnswered: (answered) => {
      metrics?.answered(answered)
      write?.(answered)
      otlp?.answered(answered)
    },
    ...(metrics === undefined ? {} : { onPasswordQueue: metrics.passwordQueue }),
  }
})

/** Serves the metrics, and drains before the server stops: the port that was chosen, `undefined` where there is none. */
export const watchable = Effect.fnUntraced(function* (
  { metricsPort, metricsHost, drainSeconds }: ObserveFlags,
  metrics: Metrics | undefined,
  log: ServerStore,
): Effect.fn.Return<number | undefined, CommandFault, Scope.Scope> {
  let isStopping = false
  const host = Option.getOrUndefined(metricsHost)
  const port =
    metrics === undefined || Option.isNone(metricsPort)
      ? undefined
      : yield* listen(
          () => httpServer(metricsListener({ metrics, log, isStopping: () => isStopping, host })),
          host,
          metricsPort.value,
          "metrics-",
        )
  // The last that is acquired is released first: whoever asks whether it is ready is told so while requests still come.
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Effect.sync(() => {
        isStopping = true
      }),
      Effect.sleep(drainSeconds * 1000),
    ),
  )
  return port
})

/** Told that a checkpoint was signed. */
export const signedTeller = (metrics: Metrics | undefined) => (size: number) =>
  Effect.map(Clock.currentTimeMillis, (now) => metrics?.checkpointed(size, now))
