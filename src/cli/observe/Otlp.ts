/**
 * Traces and logs for a collector of OpenTelemetry, by OTLP over HTTP, sent behind the answers.
 *
 * A collector that is slow or down costs what it is not told, and neither a request nor more memory than a few batches:
 * so many are under way at most, each for so long, and then nothing is kept for a minute. Loaded only where it is asked for.
 */
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { HttpBody } from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpResource from "effect/observability/OtlpResource"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import type { Answered } from "../../http/index.ts"
import { liveRandomness } from "../../provider/index.ts"
import { UsageFault } from "../Failure.ts"
import { version } from "../Version.ts"
import type { Destination, OtlpSettings } from "./OtlpSettings.ts"
import { recordAt, tellingRequests, type LogRecord, type Span } from "./Telemetry.ts"

/** What collectors are told. */
export interface Otlp {
  readonly answered: (answered: Answered) => void
  /** Something that the operator was told; what stands in backticks may be anybody's, and is left out. */
  readonly said: (about: string, sentence: string) => void
}

const MAX_BATCH = 512
const MAX_UNDER_WAY = 4
const ATTEMPT = "5 seconds"
const ALL_ATTEMPTS = "20 seconds"

/** A client that has few requests under way and gives up; its failures are final. `onFault` is told of the first of them. */
const patientClient = (client: HttpClient.HttpClient, onFault: (sentence: string) => void): HttpClient.HttpClient => {
  let underWay = 0
  let isTold = false
  const told = (reason: string) =>
    Effect.sync(() => {
      if (!isTold) onFault(`the collector takes nothing (${reason}): what is to be sent is left out until it does`)
      isTold = true
    })
  const tried = client.pipe(
    HttpClient.filterStatusOk,
    HttpClient.transformResponse(Effect.timeout(ATTEMPT)),
    HttpClient.retryTransient({ schedule: Schedule.exponential("500 millis"), times: 3 }),
    HttpClient.transformResponse(Effect.timeout(ALL_ATTEMPTS)),
    HttpClient.tap(() => Effect.sync(() => (isTold = false))),
    HttpClient.tapError((error) => told(error._tag === "HttpClientError" ? error.reason._tag : "too slow")),
  )
  return HttpClient.transformResponse(
    HttpClient.make((request) =>
      Effect.suspend(() => {
        if (underWay >= MAX_UNDER_WAY) return Effect.andThen(told("too slow"), Effect.die("too many under way"))
        underWay++
        return Effect.ensuring(
          Effect.orDie(tried.execute(request)),
          Effect.sync(() => underWay--),
        )
      }),
    ),
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "error" }),
  )
}

const RESOURCE = "OTEL_RESOURCE_ATTRIBUTES"

/** Who sends it: the name is `OTEL_SERVICE_NAME`, that among the attributes, or ours. */
const thisInstance = Effect.suspend(() => {
  const named = process.env["OTEL_SERVICE_NAME"] || undefined
  const isNamedAmong = /(?:^|,)\s*service\.name=/.test(process.env[RESOURCE] ?? "")
  const resource = OtlpResource.fromConfig({
    serviceName: named ?? (isNamedAmong ? undefined : "grantlog"),
    serviceVersion: version(),
    attributes: { "service.instance.id": crypto.randomUUID() },
  })
  // The variables as they are now, whenever the first of them was read.
  return Effect.provideService(resource, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv())
}).pipe(
  Effect.catchDefect(() =>
    Effect.fail(new UsageFault({ message: `${RESOURCE} is no list of attributes: give name=value, percent-encoded` })),
  ),
)

/** What is sent while the scope lives, and a last time at its end; `scheme` is that of the issuer. */
export const openOtlp = Effect.fnUntraced(function* (
  { traces, logs, protocol }: OtlpSettings,
  scheme: "http" | "https",
  onFault: (sentence: string) => void,
): Effect.fn.Return<Otlp, UsageFault, Scope.Scope> {
  const isJson = protocol === "http/json"
  const base = yield* Layer.build(
    Layer.mergeAll(
      OtlpExporter.layerFlusher,
      isJson ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf,
      FetchHttpClient.layer,
    ),
  )
  const context = Context.add(
    base,
    HttpClient.HttpClient,
    patientClient(Context.get(base, HttpClient.HttpClient), onFault),
  )
  const serialization = Context.get(context, OtlpSerialization.OtlpSerialization)
  const resource = yield* thisInstance
  const scope = { name: "grantlog", version: version() }
  const exporter = <One>(
    label: string,
    destination: Destination | undefined,
    body: (data: Array<One>) => HttpBody,
  ): Effect.Effect<{ readonly push: (one: One) => void }, never, Scope.Scope> =>
    destination === undefined
      ? Effect.succeed({ push: () => {} })
      : OtlpExporter.make({
          label,
          ...destination,
          exportInterval: "1 second",
          maxBatchSize: MAX_BATCH,
          shutdownTimeout: "3 seconds",
          body: (data: Array<One>) => [body(data), Effect.void],
        }).pipe(Effect.provideContext(context))
  const spans = yield* exporter<Span>("traces", traces, (data) =>
    serialization.traces({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: data }] }] }),
  )
  const records = yield* exporter<LogRecord>("logs", logs, (data) =>
    serialization.logs({ resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: data }] }] }),
  )
  const clock = yield* Clock.Clock
  const tell = tellingRequests(liveRandomness, scheme)
  return {
    answered: (answered) => {
      const told = tell(answered)
      for (const span of told.spans) spans.push(span)
      records.push(told.record)
    },
    said: (about, sentence) => {
      const body = `${about}: ${sentence.replaceAll(/`[^`]*`/g, "`…`")}`
      records.push(recordAt(clock.currentTimeMillisUnsafe(), "WARN", body, {}))
    },
  }
})
