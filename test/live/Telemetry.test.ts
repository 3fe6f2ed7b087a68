/** Traces and logs by OpenTelemetry: what a collector is told of what was done, what it is never told, and what it may do. */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { newBrowser } from "../support/FrontDoor.ts"
import { attributesOf, startCollector, type SpanSeen } from "./support/Collector.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere } from "./support/InProcess.ts"
import { serve, serveWith } from "./support/ServeProcess.ts"
import { authorize, redeem, refresh, register, revoke } from "./support/Wire.ts"

const PLANTED = "planted-7c1f"
const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const TRACE = "0af7651916cd43dd8448eb211c80319c"
const secrets: Array<string> = [PLANTED]
let collector: Awaited<ReturnType<typeof startCollector>>
let ids: ReadonlyArray<string | null> = []

const health = async (url: string, traceparent: string) =>
  (await fetch(`${url}/healthz`, { headers: { traceparent, tracestate: `a=${PLANTED}` } })).headers.get("x-request-id")

beforeAll(async () => {
  collector = await startCollector()
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a%20tenant,authorization=Bearer%20of-the-collector",
    OTEL_SERVICE_NAME: "logins",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=trial",
  }
  const server = await serveWith(environment, "--store", `sqlite:${file}`)
  const app = await register(server.url, { client_name: PLANTED })
  const approved = await authorize(server.url, app, { state: PLANTED })
  const { body: first } = await redeem(server.url, app, approved)
  await refresh(server.url, app, first.refresh_token)
  await redeem(server.url, app, approved)
  await revoke(server.url, app, PLANTED)
  await fetch(`${server.url}/${PLANTED}?token=${PLANTED}`, { method: "REPORT", headers: { "user-agent": PLANTED } })
  await newBrowser(server.url).walk("/account", PLANTED, PLANTED)
  ids = [
    await health(server.url, `00-${TRACE}-b7ad6b7169203331-01`),
    await health(server.url, `00-${TRACE}-b7ad6b7169203331-00`),
    await health(server.url, `00-${PLANTED}-b7ad6b7169203331-01`),
  ]
  secrets.push(approved.code, approved.verifier, app.client_id, first.access_token, first.refresh_token)
  // What waits is sent before the process ends: nothing else is waited for.
  expect(await server.stop()).toBe(0)
})
afterAll(() => {
  collector.close()
  folder[Symbol.dispose]()
})

const spanOf = (isIt: (attributes: Readonly<Record<string, unknown>>) => boolean): SpanSeen => {
  const found = collector.spans.filter((span) => span.kind === 2 && isIt(attributesOf(span)))
  expect(found).toHaveLength(1)
  return found[0]!
}
const childrenOf = ({ spanId }: SpanSeen) => collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId)

describe("a collector is told", () => {
  it("by the protocol to the letter, with the headers and the resource that the variables say", () => {
    expect(collector.objections).toEqual([])
    expect(collector.headers).not.toEqual([])
    for (const headers of collector.headers) {
      expect(headers).toMatchObject({ authorization: "Bearer of-the-collector", "x-tenant": "a tenant" })
    }
    expect(Object.fromEntries(collector.resources)).toMatchObject({
      "service.name": "logins",
      "service.version": "0.1.0",
      "service.instance.id": expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      "deployment.environment.name": "trial",
    })
  })

  it("of each request by a span, with the id that the log knows, and what its error was", async () => {
    const refused = spanOf((told) => told["error.type"] === "invalid_grant")
    expect(refused.name).toBe("POST /token")
    expect(refused.status).toEqual({ code: 0 })
    const attributes = attributesOf(refused)
    expect(attributes).toEqual({
      "http.request.method": "POST",
      "http.response.status_code": 400,
      "http.route": "/token",
      "url.path": "/token",
      "url.scheme": "http",
      "error.type": "invalid_grant",
      "grantlog.request_id": expect.any(String) as string,
    })
    const { stdout } = await grantlogHere(["history", "--json", "--store", `sqlite:${file}`])
    expect(stdout).toContain(attributes["grantlog.request_id"])
    expect(BigInt(refused.endTimeUnixNano)).toBeGreaterThan(BigInt(refused.startTimeUnixNano))
  })

  it("of no path that is none, and of no method of a stranger's making", () => {
    const stray = spanOf((told) => told["http.request.method"] === "_OTHER")
    expect([stray.name, attributesOf(stray)["http.route"]]).toEqual(["HTTP", undefined])
  })

  it("of appends and passwords by spans below those of their requests", () => {
    const redeemed = collector.spans.filter((span) => span.name === "POST /token")
    expect(redeemed.map((span) => childrenOf(span).map(({ name }) => name))).toEqual([
      ["append to the log"],
      ["append to the log"],
      ["append to the log"],
    ])
    const [append] = childrenOf(redeemed[0]!)
    expect([append!.kind, append!.traceId, attributesOf(append!)]).toEqual([
      1,
      redeemed[0]!.traceId,
      { "grantlog.append.outcome": "Appended" },
    ])
    const signingIn = spanOf((told) => told["http.route"] === "/login" && told["http.request.method"] === "POST")
    expect(childrenOf(signingIn).map(({ name }) => name)).toEqual(["look at a password"])
  })

  it("of a request within the trace that it says it is part of, unless that is not recorded", () => {
    const told = (id: string | null | undefined) =>
      collector.spans.filter((span) => attributesOf(span)["grantlog.request_id"] === id)
    expect(told(ids[0])).toMatchObject([{ traceId: TRACE, parentSpanId: "b7ad6b7169203331" }])
    expect(told(ids[1])).toEqual([])
    const [own] = told(ids[2])
    expect(own).not.toHaveProperty("parentSpanId")
  })

  it("of each request by a log record, in its trace, whether that is recorded or not", () => {
    expect(collector.records.filter(({ severityText }) => severityText === "INFO")).toHaveLength(
      new Set(collector.records.map((record) => attributesOf(record)["grantlog.request_id"])).size,
    )
    const record = collector.records.find((one) => attributesOf(one)["grantlog.request_id"] === ids[1])
    expect(record).toMatchObject({ body: { stringValue: "GET /healthz 200" }, traceId: TRACE })
    const span = spanOf((told) => told["error.type"] === "invalid_grant")
    const refused = collector.records.find(({ body }) => body.stringValue === "POST /token 400 invalid_grant")
    expect([refused?.traceId, refused?.spanId]).toEqual([span.traceId, span.spanId])
  })

  it("nothing of what clients and people sent", () => {
    const all = collector.texts.join("\n")
    expect(all.length).toBeGreaterThan(5000)
    expect(secrets).toHaveLength(6)
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
    expect(all).not.toContain("127.0.0.1")
  })
})

describe("a collector that", () => {
  it("is not there fails no request, is told of once, and keeps no server from ending", async () => {
    await using server = await serve(folder.at("none.db"), "--otlp", "http://localhost:1")
    for (let count = 0; count < 20; count++) expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
    expect(server.complaints().match(/takes nothing/g)).toHaveLength(1)
  })

  it("never answers delays no request, and keeps no server from ending", async () => {
    const silent = createServer(() => {}).listen(0, "localhost")
    await once(silent, "listening")
    const asked = once(silent, "request")
    const url = `http://localhost:${(silent.address() as AddressInfo).port}`
    await using server = await serve(folder.at("silent.db"), "--otlp", url)
    await fetch(`${server.url}/healthz`)
    await asked
    const app = await register(server.url)
    expect((await redeem(server.url, app, await authorize(server.url, app))).status).toBe(200)
    expect(await server.stop()).toBe(0)
    silent.closeAllConnections()
    silent.close()
  })
})

it.each([
  [["--otlp", "localhost:4318"], {}, "--otlp is no address of a collector"],
  [["--otlp", "http://u:p@localhost"], {}, "credentials in a header"],
  [[], { OTEL_EXPORTER_OTLP_ENDPOINT: "collector" }, "OTEL_EXPORTER_OTLP_ENDPOINT is no address"],
  [["--otlp", "http://localhost"], { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "give http/protobuf or http/json"],
  [["--otlp", "http://localhost"], { OTEL_EXPORTER_OTLP_HEADERS: "authorization=%zz" }, "is no list of headers"],
  [["--otlp", "http://localhost"], { OTEL_RESOURCE_ATTRIBUTES: "service.name=%zz" }, "is no list of attributes"],
])("what is wrong in %j with %j is told before anything is opened", async (flags, env, said) => {
  const { code, stderr } = await grantlogHere(["serve", "--store", "memory:", "--port", "0", ...flags], { env })
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  expect(stderr).not.toContain("%zz")
})
