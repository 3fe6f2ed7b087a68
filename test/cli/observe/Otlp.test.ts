/** What a collector that never answers costs: a few batches, and then nothing is kept. */
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { setImmediate } from "node:timers/promises"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { openOtlp, type Otlp } from "../../../src/cli/observe/Otlp.ts"
import type { OtlpSettings } from "../../../src/cli/observe/OtlpSettings.ts"
import { version } from "../../../src/cli/Version.ts"
import type { Answered } from "../../../src/entry/http.ts"
import { startCollector } from "../../live/support/Collector.ts"
import { standingClock } from "../../support/StandingClock.ts"

const answered: Answered = {
  ...{ requestId: "one", at: 1_700_000_000_000, millis: 1, method: "GET", endpoint: "/healthz", status: 200 },
  steps: [],
}
const BATCH = 512

/** Aborted where the test took too long: nothing waits for what does not come. */
let ending: AbortSignal
beforeEach(({ signal }) => {
  ending = signal
})

const turn = async () => {
  ending.throwIfAborted()
  await setImmediate()
}

const until = (isSo: () => boolean) =>
  Effect.promise(async () => {
    while (!isSo()) await turn()
  })

it("a collector that never answers is asked with four batches at once and no more, and told of once", async () => {
  let askedCount = 0
  const silent = createServer(() => askedCount++).listen(0, "localhost")
  await once(silent, "listening")
  const url = `http://localhost:${(silent.address() as AddressInfo).port}`
  const told: Array<string> = []
  let isOver = false
  const sending = Effect.scoped(
    Effect.gen(function* () {
      const settings = { protocol: "http/protobuf", traces: { url, headers: {} } } as const
      const otlp = yield* openOtlp(settings, "https", (sentence) => told.push(sentence))
      yield* Effect.promise(async () => {
        for (let batch = 0; batch < 4; batch++) {
          for (let count = 0; count < BATCH; count++) otlp.answered(answered)
        }
        while (askedCount < 4) await turn()
        for (let count = 0; count < 20 * BATCH; count++) {
          otlp.answered(answered)
          if (count % BATCH === 0) await turn()
        }
        isOver = true
      })
    }),
  )
  // Only the time that it takes to give up at the end passes, which is too short for another attempt.
  await Effect.runPromise(
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(sending)
      while (fiber.pollUnsafe() === undefined) {
        yield* Effect.promise(turn)
        if (isOver) yield* TestClock.adjust("1 millis")
      }
    }).pipe(Effect.provide(standingClock)),
  )
  expect(askedCount).toBe(4)
  expect(told).toEqual(["the collector takes nothing (too slow): what is to be sent is left out until it does"])
  silent.closeAllConnections()
  silent.close()
})

it("what the operator is told is sent without what stands in backticks, and what waits is sent at the end", async () => {
  const collector = await startCollector()
  const settings = { protocol: "http/json", logs: { url: `${collector.url}/v1/logs`, headers: {} } } as const
  const telling = Effect.flatMap(
    openOtlp(settings, "https", () => {}),
    (otlp) => Effect.sync(() => otlp.said("signing out", "`somebody's` client did not answer, nor did `another`")),
  )
  await Effect.runPromise(Effect.scoped(telling))
  const bodies = collector.records.map(({ body, severityText }) => [severityText, body.stringValue])
  expect(bodies).toEqual([["WARN", "signing out: `…` client did not answer, nor did `…`"]])
  expect(collector.objections).toEqual([])
  collector.close()
})

/** A server that answers with what `answer` says, as long as the test lasts; `undefined` is no answer. */
const listening = async (answer: RequestListener) => {
  const http = createServer(answer).listen(0, "localhost")
  await once(http, "listening")
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return `http://localhost:${(http.address() as AddressInfo).port}`
}

/** What happens while traces are sent there, by a clock that goes on only where it is told to. */
const sending = (
  url: string,
  body: (batch: Effect.Effect<void>, told: ReadonlyArray<string>, otlp: Otlp) => Effect.Effect<void>,
  settings: Partial<OtlpSettings> = {},
) => {
  const told: Array<string> = []
  const traces = { url, headers: { "x-credential": "a secret" } }
  const run = Effect.flatMap(
    openOtlp({ protocol: "http/json", traces, ...settings }, "https", (sentence) => told.push(sentence)),
    (otlp) => {
      const batch = Effect.sync(() => {
        for (let count = 0; count < BATCH; count++) otlp.answered(answered)
      })
      return body(batch, told, otlp)
    },
  )
  return Effect.runPromise(Effect.provide(Effect.scoped(run), standingClock))
}

const told = (reason: string) => `the collector takes nothing (${reason}): what is to be sent is left out until it does`

it("a collector that sends elsewhere is not followed there with the headers, which may be credentials", async () => {
  const asked: Array<string> = []
  const elsewhere = await listening((request, response) => {
    asked.push(`elsewhere ${request.headers["x-credential"]}`)
    response.end()
  })
  const collector = await listening((request, response) => {
    asked.push(`collector ${request.headers["x-credential"]}`)
    response.writeHead(307, { location: elsewhere }).end()
  })
  await sending(collector, (batch, complaints) =>
    Effect.gen(function* () {
      yield* batch
      for (const [count, pause] of ["500 millis", "1 second", "2 seconds"].entries()) {
        yield* until(() => asked.length > count)
        yield* TestClock.adjust(pause as "1 second")
      }
      yield* until(() => complaints.length > 0 || asked.some((one) => one.startsWith("elsewhere")))
    }),
  )
  expect(new Set(asked)).toEqual(new Set(["collector a secret"]))
})

it("a collector that does not answer in time is asked again, ever later, and given up after 20 seconds", async () => {
  let askedCount = 0
  const silent = await listening(() => askedCount++)
  await sending(silent, (batch, complaints) =>
    Effect.gen(function* () {
      yield* batch
      for (const [index, pause] of [500, 1000, 2000].entries()) {
        yield* until(() => askedCount === index + 1)
        yield* TestClock.adjust(5000 + pause - 1)
        expect(askedCount).toBe(index + 1)
        yield* TestClock.adjust(1)
      }
      yield* until(() => askedCount === 4)
      yield* TestClock.adjust(1499)
      expect(complaints).toEqual([])
      yield* TestClock.adjust(1)
      yield* until(() => complaints.length > 0)
      expect(complaints).toEqual([told("too slow")])
      // Nothing is kept for a minute.
      yield* batch
      yield* TestClock.adjust("39 seconds")
      expect(askedCount).toBe(4)
    }),
  )
})

it("a collector that refuses is told of once, and once more where it took something in between", async () => {
  let [status, askedCount] = [400, 0]
  const collector = await listening((_, response) => {
    askedCount++
    response.writeHead(status).end()
  })
  await sending(collector, (batch, complaints) =>
    Effect.gen(function* () {
      const asked = function* (isSo: () => boolean) {
        const before = askedCount
        yield* batch
        yield* until(() => askedCount > before && isSo())
        yield* TestClock.adjust("61 seconds")
      }
      yield* asked(() => complaints.length === 1)
      yield* asked(() => true)
      status = 200
      yield* asked(() => true)
      expect(complaints).toEqual([told("StatusCodeError")])
      // One after the other, however many: none of them is under way for good.
      for (let count = 0; count < 5; count++) yield* asked(() => true)
      status = 400
      yield* asked(() => complaints.length === 2)
      expect(complaints).toEqual([told("StatusCodeError"), told("StatusCodeError")])
    }),
  )
})

it("what there is to tell is sent each second, as protobuf where that is said, and of one kind alone", async () => {
  const asked: Array<string> = []
  const collector = await listening((request, response) => {
    asked.push(`${request.headers["content-type"]} ${request.headers["user-agent"]?.split("/")[0]}`)
    response.end()
  })
  let heard: ReadonlyArray<string> | undefined
  await sending(
    collector,
    (_, complaints, otlp) =>
      Effect.gen(function* () {
        otlp.answered(answered)
        otlp.said("a sentence", "for nobody")
        yield* TestClock.adjust("999 millis")
        expect(asked).toEqual([])
        yield* TestClock.adjust("1 millis")
        yield* until(() => asked.length > 0)
        heard = complaints
      }),
    { protocol: "http/protobuf" },
  )
  expect(heard).toEqual([])
  expect(asked).toEqual(["application/x-protobuf OTel-OTLP-Exporter-JavaScript-Effect-traces"])
})

describe("who sends it", () => {
  const sentWith = async (env: Readonly<Record<string, string>>) => {
    Object.assign(process.env, env)
    const collector = await startCollector()
    onTestFinished(() => {
      for (const name of Object.keys(env)) delete process.env[name]
      collector.close()
    })
    const settings = {
      protocol: "http/json",
      traces: { url: `${collector.url}/v1/traces`, headers: {} },
      logs: { url: `${collector.url}/v1/logs`, headers: {} },
    } as const
    const telling = Effect.map(
      openOtlp(settings, "https", () => {}),
      (otlp) => otlp.answered(answered),
    )
    const failure = await Effect.runPromise(
      Effect.match(Effect.scoped(telling), { onFailure: String, onSuccess: () => undefined }),
    )
    return { failure, ...Object.fromEntries(collector.resources), ...collector }
  }

  it.each<[string, Readonly<Record<string, string>>]>([
    ["grantlog", {}],
    ["grantlog", { OTEL_SERVICE_NAME: "" }],
    ["logins", { OTEL_SERVICE_NAME: "logins" }],
    ["logins", { OTEL_SERVICE_NAME: "logins", OTEL_RESOURCE_ATTRIBUTES: "service.name=other" }],
    ["other", { OTEL_RESOURCE_ATTRIBUTES: "service.name=other" }],
    ["other", { OTEL_RESOURCE_ATTRIBUTES: "a=b, service.name=other" }],
    ["grantlog", { OTEL_RESOURCE_ATTRIBUTES: "another.service.name=other" }],
    ["grantlog", { OTEL_RESOURCE_ATTRIBUTES: "service.names=other" }],
  ])("is called %s, where the variables are %j", async (name, env) => {
    const sent = await sentWith(env)
    expect([sent.failure, sent.objections]).toEqual([undefined, []])
    expect(Object.fromEntries(sent.resources)).toMatchObject({
      "service.name": name,
      "service.version": version(),
      "service.instance.id": expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    })
    expect([sent.spans.length, sent.records.length]).toEqual([1, 1])
    const agents = sent.headers.map((headers) => headers["user-agent"]?.split("/")[0])
    expect(agents.toSorted()).toEqual(["logs", "traces"].map((kind) => `OTel-OTLP-Exporter-JavaScript-Effect-${kind}`))
  })

  it("is told in a sentence where it cannot be read", async () => {
    const { failure } = await sentWith({ OTEL_RESOURCE_ATTRIBUTES: "service.name=%zz" })
    expect(failure).toContain("OTEL_RESOURCE_ATTRIBUTES is no list of attributes: give name=value, percent-encoded")
  })
})
