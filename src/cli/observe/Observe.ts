/**
 * Watching a server that runs: its store with every append counted, and who is told of what.
 *
 * Where nothing is watched, nothing stands between the server and its store.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { httpServer, type EndpointOptions } from "../../http/index.ts"
import type { ServerStore } from "../../provider/index.ts"
import type { CommandFault } from "../Failure.ts"
import { listen } from "../Listen.ts"
import { openAccessLog } from "./AccessLog.ts"
import { makeMetrics, type Metrics } from "./Metrics.ts"
import { metricsListener } from "./MetricsListener.ts"

export interface ObserveFlags {
  readonly metricsPort: Option.Option<number>
  readonly metricsHost: Option.Option<string>
  readonly accessLog: Option.Option<string>
  readonly drainSeconds: number
}

/** Metrics, where they are asked for. */
export const metricsFor = ({ metricsPort }: ObserveFlags): Metrics | undefined =>
  Option.isSome(metricsPort) ? makeMetrics() : undefined

/** The store, with every append told to the metrics. */
export const observed = (store: ServerStore, metrics: Metrics | undefined): ServerStore =>
  metrics === undefined
    ? store
    : {
        ...store,
        append: (append) =>
          Effect.tap(store.append(append), (outcome) => Effect.sync(() => metrics.appended(append, outcome))),
      }

/** Who is told of requests, for as long as the scope lives. */
export const observers = Effect.fnUntraced(function* (
  { accessLog }: ObserveFlags,
  metrics: Metrics | undefined,
  onFault: (sentence: string) => void,
): Effect.fn.Return<Pick<EndpointOptions, "onAnswered" | "onPasswordQueue">, CommandFault, Scope.Scope> {
  const write = Option.isSome(accessLog) ? yield* openAccessLog(accessLog.value, onFault) : undefined
  if (write === undefined && metrics === undefined) return {}
  return {
    onAnswered: (answered) => {
      metrics?.answered(answered)
      write?.(answered)
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
  const port =
    metrics === undefined
      ? undefined
      : yield* listen(
          () => httpServer(metricsListener({ metrics, log, isStopping: () => isStopping })),
          Option.getOrUndefined(metricsHost),
          Option.getOrElse(metricsPort, () => 0),
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
