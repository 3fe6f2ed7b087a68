/** Traces and logs as they are sent by default, in Protocol Buffers, read by OpenTelemetry's own definition of them. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { buffer, text } from "node:stream/consumers"
import { expect, test } from "vitest"
import { serveAs } from "../live/support/ServeProcess.ts"
import { authorize, redeem, register } from "../live/support/Wire.ts"
import { PYTHON } from "./Environment.ts"

interface Read {
  readonly read: ReadonlyArray<{
    readonly resourceSpans?: ReadonlyArray<{
      readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Record<string, unknown>> }>
    }>
    readonly resourceLogs?: ReadonlyArray<{
      readonly scopeLogs: ReadonlyArray<{ readonly logRecords: ReadonlyArray<Record<string, unknown>> }>
    }>
  }>
  readonly objections: ReadonlyArray<string>
}

const readBy = async (taken: ReadonlyArray<readonly [path: string, body: string]>): Promise<Read> => {
  const child = spawn(PYTHON, [join(import.meta.dirname, "otlp", "read.py")])
  child.stdin.end(JSON.stringify(taken))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (stdout === "") throw new Error(`nothing was read: ${stderr}`)
  return JSON.parse(stdout) as Read
}

test("a collector that reads OpenTelemetry's messages understands every field of spans and log records", async () => {
  const taken: Array<readonly [string, string]> = []
  const collector = createServer(async (request, response) => {
    taken.push([request.url!, (await buffer(request)).toString("base64")])
    response.writeHead(200, { "content-type": request.headers["content-type"]! }).end()
  }).listen(0, "localhost")
  await once(collector, "listening")
  const server = await serveAs(
    ...["--store", "memory:", "--otlp", `http://localhost:${(collector.address() as AddressInfo).port}`],
  )
  const app = await register(server.url)
  const approved = await authorize(server.url, app)
  await redeem(server.url, app, approved)
  await redeem(server.url, app, approved)
  await server.stop()
  collector.close()

  const { read, objections } = await readBy(taken)
  expect(objections).toEqual([])
  const spans = read.flatMap(({ resourceSpans = [] }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  )
  const records = read.flatMap(({ resourceLogs = [] }) =>
    resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
  )
  const requests = spans.filter(({ kind }) => kind === "SPAN_KIND_SERVER")
  expect(requests.map(({ name }) => name)).toEqual(["POST /register", "GET /authorize", "POST /token", "POST /token"])
  const last = requests.at(-1)!
  expect(last["attributes"]).toContainEqual({ key: "error.type", value: { stringValue: "invalid_grant" } })
  expect(last["attributes"]).toContainEqual({ key: "http.response.status_code", value: { intValue: "400" } })
  const below = spans.filter(({ parentSpanId }) => parentSpanId === last["spanId"])
  expect(below.map(({ name, traceId }) => [name, traceId])).toEqual([["append to the log", last["traceId"]]])
  expect(records.filter(({ severityText }) => severityText === "INFO").map(({ body }) => body)).toEqual(
    ["POST /register 201", "GET /authorize 303", "POST /token 200", "POST /token 400 invalid_grant"].map(
      (stringValue) => ({ stringValue }),
    ),
  )
})
