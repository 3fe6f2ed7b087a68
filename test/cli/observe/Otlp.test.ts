/** What a collector that never answers costs: a few batches, and then nothing is kept. */
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { setImmediate } from "node:timers/promises"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { expect, it } from "vitest"
import { openOtlp } from "../../../src/cli/observe/Otlp.ts"
import type { Answered } from "../../../src/entry/http.ts"
import { startCollector } from "../../live/support/Collector.ts"
import { standingClock } from "../../support/StandingClock.ts"

const answered: Answered = {
  ...{ requestId: "one", at: 1_700_000_000_000, millis: 1, method: "GET", endpoint: "/healthz", status: 200 },
  steps: [],
}
const BATCH = 512

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
        while (askedCount < 4) await setImmediate()
        for (let count = 0; count < 20 * BATCH; count++) {
          otlp.answered(answered)
          if (count % BATCH === 0) await setImmediate()
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
        yield* Effect.promise(() => setImmediate())
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

it("a collector that sends elsewhere is not followed there with the headers, which may be credentials", async () => {
  const asked: Array<string> = []
  const listen = async (listener: RequestListener) => {
    const http = createServer(listener).listen(0, "localhost")
    await once(http, "listening")
    return { http, url: `http://localhost:${(http.address() as AddressInfo).port}` }
  }
  const elsewhere = await listen((request, response) => {
    asked.push(`elsewhere ${request.headers["x-credential"]}`)
    response.end()
  })
  const collector = await listen((_, response) => {
    asked.push("collector")
    response.writeHead(307, { location: elsewhere.url }).end()
  })
  const traces = { url: collector.url, headers: { "x-credential": "a secret" } }
  const telling = Effect.flatMap(
    openOtlp({ protocol: "http/json", traces }, "https", () => {}),
    (otlp) => Effect.sync(() => otlp.answered(answered)),
  )
  await Effect.runPromise(Effect.scoped(telling))
  expect(new Set(asked)).toEqual(new Set(["collector"]))
  for (const { http } of [collector, elsewhere]) {
    http.closeAllConnections()
    http.close()
  }
})
