/** Who is told of what while a server runs, as far as somebody asked for it; and that it says so before it stops. */
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Exit, Fiber, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it, onTestFinished } from "vitest"
import { makeMetrics } from "../../../src/cli/observe/Metrics.ts"
import { observed, observers, signedTeller, watchable, watching } from "../../../src/cli/observe/Observe.ts"
import type { Otlp } from "../../../src/cli/observe/Otlp.ts"
import { version } from "../../../src/cli/Version.ts"
import type { Answered } from "../../../src/http/Answered.ts"
import { RequestSteps } from "../../../src/http/Steps.ts"
import type { Append, AppendOutcome } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"
import { attributesOf, startCollector } from "../../live/support/Collector.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const nothing = {
  metricsPort: Option.none<number>(),
  metricsHost: Option.none<string>(),
  accessLog: Option.none<string>(),
  otlp: Option.none<string>(),
  issuer: Option.none<string>(),
  drainSeconds: 0,
}
const answered: Answered = {
  ...{ requestId: "request-1", at: 1_700_000_000_000, millis: 1, method: "GET", endpoint: "/healthz", status: 200 },
  steps: [],
}
const asked = { isReady: true, logEntries: 1, storeBytes: 2, residentBytes: 3, cpuSeconds: 4 }
const newMetrics = () => makeMetrics("1.2.3", 0)

const withEnvironment = (name: string, value: string): void => {
  process.env[name] = value
  onTestFinished(() => void delete process.env[name])
}

describe("what was asked for", () => {
  const watched = (flags: Partial<typeof nothing>, tell: (about: string, sentence: string) => void = () => {}) =>
    watching({ ...nothing, ...flags }, tell)

  it("is nothing, where nobody asked", async () => {
    expect(await Effect.runPromise(Effect.scoped(watched({})))).toEqual({ metrics: undefined, otlp: undefined })
  })

  it("is metrics of this version and this process, where they have a port", async () => {
    const { metrics, otlp } = await Effect.runPromise(Effect.scoped(watched({ metricsPort: Option.some(0) })))
    const text = metrics!.text(asked)
    expect(text).toContain(`grantlog_build_info{version="${version()}"} 1\n`)
    expect(text).toContain(`process_start_time_seconds ${performance.timeOrigin / 1000}\n`)
    expect(otlp).toBeUndefined()
  })

  it.each([
    ["https", Option.some("https://login.example")],
    ["http", Option.some("http://localhost:4000")],
    ["http", Option.none<string>()],
  ])("is traces by the scheme %s, where the issuer is %o", async (scheme, issuer) => {
    withEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
    const collector = await startCollector()
    onTestFinished(collector.close)
    const telling = Effect.map(watched({ otlp: Option.some(collector.url), issuer }), ({ metrics, otlp }) => {
      otlp!.answered(answered)
      return metrics
    })
    expect(await Effect.runPromise(Effect.scoped(telling))).toBeUndefined()
    expect(collector.spans.map((span) => attributesOf(span)["url.scheme"])).toEqual([scheme])
  })

  it("that a collector takes is told of as traces and logs where it takes nothing", async () => {
    const refusing = createServer((_, response) => response.writeHead(400).end())
    await once(refusing.listen(0, "localhost"), "listening")
    onTestFinished(() => void refusing.close())
    const otlp = Option.some(`http://localhost:${(refusing.address() as AddressInfo).port}`)
    const told: Array<readonly [string, string]> = []
    const telling = Effect.map(
      watched({ otlp }, (...words) => told.push(words)),
      (watch) => watch.otlp!.answered(answered),
    )
    await Effect.runPromise(Effect.scoped(telling))
    refusing.closeAllConnections()
    expect(told).toEqual([
      [
        "traces and logs",
        "the collector takes nothing (StatusCodeError): what is to be sent is left out until it does",
      ],
    ])
  })
})

describe("a store that is watched", () => {
  const outcome = { _tag: "Appended" } as AppendOutcome
  const append = { events: [{ event: { _tag: "AccessTokenIssued" } }] } as unknown as Append
  const store = { ...memoryStore(), append: () => Effect.succeed(outcome) }
  const otlp: Otlp = { answered: () => {}, said: () => {} }

  it("is the store itself, where nobody watches", () => {
    expect(observed(store, nothing, { metrics: undefined, otlp: undefined })).toBe(store)
  })

  it.each([
    ["metrics", nothing, { metrics: newMetrics(), otlp: undefined }],
    ["a collector", nothing, { metrics: undefined, otlp }],
    ["an access log", { ...nothing, accessLog: Option.some("log") }, { metrics: undefined, otlp: undefined }],
  ])("notes each append as a step of its request, for %s", async (_, flags, watch) => {
    const { append: appendTo, ...others } = observed(store, flags, watch)
    const { append: _own, ...rest } = store
    expect(others).toEqual(rest)
    const steps = { began: 0n, taken: [] }
    expect(await Effect.runPromise(Effect.provideService(appendTo(append), RequestSteps, steps))).toBe(outcome)
    expect(steps.taken).toMatchObject([{ name: "append", outcome: "Appended" }])
    const counted = watch.metrics?.text(asked).match(/^grantlog_events_total\{type="AccessTokenIssued"\} (\d)$/m)?.[1]
    expect(counted).toBe(watch.metrics && "1")
  })
})

describe("who is told of requests", () => {
  const told = (...args: Parameters<typeof observers>) => Effect.runPromise(Effect.scoped(observers(...args)))
  const ignored = () => {}

  it("is nobody, where nobody asked", async () => {
    expect(await told(nothing, { metrics: undefined, otlp: undefined }, ignored)).toEqual({})
  })

  it("are the metrics, of passwords that wait, too", async () => {
    const metrics = newMetrics()
    const { onAnswered, onPasswordQueue } = await told(nothing, { metrics, otlp: undefined }, ignored)
    onAnswered!(answered)
    onPasswordQueue!(3)
    const text = metrics.text(asked)
    expect(text).toContain(`grantlog_requests_total{endpoint="/healthz",method="GET",status="200",error=""} 1\n`)
    expect(text).toContain("grantlog_password_queue 3\n")
  })

  it("is the collector", async () => {
    const heard: Array<Answered> = []
    const otlp: Otlp = { answered: (one) => heard.push(one), said: ignored }
    const observing = await told(nothing, { metrics: undefined, otlp }, ignored)
    observing.onAnswered!(answered)
    expect([heard, Object.keys(observing)]).toEqual([[answered], ["onAnswered"]])
  })

  it("is the access log, and the operator of what goes wrong with it", async () => {
    using folder = temporaryFolder()
    const path = folder.at("access.log")
    const flags = { ...nothing, accessLog: Option.some(path) }
    const observing = Effect.tap(observers(flags, { metrics: undefined, otlp: undefined }, ignored), ({ onAnswered }) =>
      Effect.sync(() => onAnswered!(answered)),
    )
    expect(Object.keys(await Effect.runPromise(Effect.scoped(observing)))).toEqual(["onAnswered"])
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ request_id: "request-1", endpoint: "/healthz" })
  })
})

describe("the address of the metrics", () => {
  const host = Option.some("127.0.0.1")
  const flags = { ...nothing, metricsPort: Option.some(0), metricsHost: host }

  it("is none where there are no metrics", async () => {
    for (const [given, metrics] of [
      [nothing, undefined],
      [flags, undefined],
      [nothing, newMetrics()],
    ] as const)
      expect(await Effect.runPromise(Effect.scoped(watchable(given, metrics, memoryStore())))).toBeUndefined()
  })

  it("says that the server is stopping for as long as it drains, and is gone then", async () => {
    const serving = Effect.gen(function* () {
      const scope = Scope.makeUnsafe()
      const port = yield* Scope.provide(watchable({ ...flags, drainSeconds: 30 }, newMetrics(), memoryStore()), scope)
      const ask = Effect.promise(async () => {
        const response = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: "close" } })
        return `${response.status} ${await response.text()}`
      })
      const before = yield* ask
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      const draining = yield* ask
      yield* TestClock.adjust("29 seconds")
      expect(closing.pollUnsafe()).toBeUndefined()
      const still = yield* ask
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(closing)
      const gone = Exit.isFailure(yield* Effect.exit(ask))
      return [before, draining, still, gone]
    })
    expect(await Effect.runPromise(Effect.provide(serving, TestClock.layer()))).toEqual([
      ...["200 ready\n", "503 stopping\n", "503 stopping\n"],
      true,
    ])
  })

  it("that is taken is told of by its own flag", async () => {
    const taken = createServer()
    await once(taken.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as AddressInfo
    const opening = watchable({ ...flags, metricsPort: Option.some(port) }, newMetrics(), memoryStore())
    expect(await Effect.runPromise(Effect.flip(Effect.scoped(opening)))).toMatchObject({
      message: `port ${port} is taken on 127.0.0.1: choose another with --metrics-port`,
    })
  })
})

it("a checkpoint is told with its size and the time at which it was signed, where somebody counts", async () => {
  const metrics = newMetrics()
  const signing = Effect.gen(function* () {
    yield* TestClock.setTime(5000)
    yield* signedTeller(metrics)(7)
    yield* signedTeller(undefined)(7)
  })
  await Effect.runPromise(Effect.provide(signing, TestClock.layer()))
  const text = metrics.text(asked)
  expect(text).toContain("grantlog_checkpoint_entries 7\n")
  expect(text).toContain("grantlog_checkpoint_timestamp_seconds 5\n")
})
