/** A request as a collector is told of it: whole spans and records, for each way in which it may end. */
import { describe, expect, it } from "vitest"
import { recordAt, tellingRequests, type Span } from "../../../src/cli/observe/Telemetry.ts"
import type { Answered } from "../../../src/http/Answered.ts"

const answered: Answered = {
  ...{ requestId: "request-1", at: 1_700_000_000_000, millis: 2.5, method: "POST", endpoint: "/token", status: 200 },
  steps: [],
}
const TRACE = "0af7651916cd43dd8448eb211c80319c"
const CALLER = "b7ad6b7169203331"

/** Numbers that are drawn one after the other: the first is 01 to its whole length. */
const told = (about: Partial<Answered> = {}, scheme: "http" | "https" = "https") => {
  let drawn = 0
  const tell = tellingRequests({ bytes: (size) => new Uint8Array(size).fill(++drawn) }, scheme)
  return tell({ ...answered, ...about })
}

const string = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const attributes = [
  string("http.request.method", "POST"),
  { key: "http.response.status_code", value: { intValue: 200 } },
  string("url.scheme", "https"),
  string("http.route", "/token"),
  string("url.path", "/token"),
  string("grantlog.request_id", "request-1"),
]
/** Of every span that nothing else is said of. */
const empty = { droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0 }

const shownOf = ({ attributes: said }: Pick<Span, "attributes">) =>
  Object.fromEntries(said.map(({ key, value }) => [key, Object.values(value)[0] as unknown]))

describe("a request", () => {
  it("is a span of its own and a record in the same trace, to the microsecond", () => {
    expect(told()).toEqual({
      spans: [
        {
          ...{ traceId: "01".repeat(16), spanId: "02".repeat(8), parentSpanId: undefined },
          ...{ name: "POST /token", kind: 2 },
          ...{ startTimeUnixNano: "1700000000000000000", endTimeUnixNano: "1700000000002500000" },
          ...{ attributes, status: { code: 0 } },
          ...empty,
        },
      ],
      record: {
        ...{ timeUnixNano: "1700000000002500000", observedTimeUnixNano: "1700000000002500000" },
        ...{ severityNumber: 9, severityText: "INFO", body: { stringValue: "POST /token 200" } },
        ...{ attributes, droppedAttributesCount: 0, traceId: "01".repeat(16), spanId: "02".repeat(8) },
      },
    })
  })

  it.each<[string, Partial<Answered>, string, string, number, object]>([
    [
      "of a client's mistake is no error of the server",
      { status: 400, error: "invalid_grant" },
      "POST /token 400 invalid_grant",
      "INFO",
      0,
      { "error.type": "invalid_grant" },
    ],
    ["that ended with 499 is none either", { status: 499 }, "POST /token 499", "INFO", 0, {}],
    ["that failed is called by its status", { status: 500 }, "POST /token 500", "ERROR", 2, { "error.type": "500" }],
    [
      "that failed with an error is called by that",
      { status: 503, error: "temporarily_unavailable" },
      "POST /token 503 temporarily_unavailable",
      "ERROR",
      2,
      { "error.type": "temporarily_unavailable" },
    ],
    [
      "by a method that is none of ours has no name of a stranger's making",
      { method: "other" },
      "HTTP /token 200",
      "INFO",
      0,
      { "http.request.method": "_OTHER" },
    ],
    [
      "to no endpoint has no path",
      { endpoint: "none", status: 404 },
      "POST 404",
      "INFO",
      0,
      { "http.route": undefined, "url.path": undefined },
    ],
    [
      "by no method of ours to no endpoint is one all the same",
      { endpoint: "none", method: "other" },
      "HTTP 200",
      "INFO",
      0,
      { "http.request.method": "_OTHER", "http.route": undefined, "url.path": undefined },
    ],
  ])("%s", (_, about, body, severity, code, others) => {
    const { spans, record } = told(about)
    const status = about.status ?? 200
    expect([record.body, record.severityText, record.severityNumber]).toEqual([
      { stringValue: body },
      severity,
      severity === "INFO" ? 9 : 17,
    ])
    const expected: Readonly<Record<string, unknown>> = {
      ...shownOf({ attributes } as Span),
      ...{ "http.response.status_code": status },
      ...others,
    }
    for (const one of [record, spans[0]!]) expect(shownOf(one as Span)).toEqual(expected)
    const [name] = body.split(` ${status}`)
    expect([spans[0]!.name, spans[0]!.status]).toEqual([name, { code }])
  })

  it("is said to come by the scheme of the issuer", () => {
    expect(shownOf(told({}, "http").spans[0]!)["url.scheme"]).toBe("http")
  })
})

describe("a step of a request", () => {
  it.each<[string, Answered["steps"][number], string, object, number]>([
    [
      "that appended",
      { name: "append", after: 1, millis: 0.5, outcome: "Appended" },
      "append to the log",
      { "grantlog.append.outcome": "Appended" },
      0,
    ],
    [
      "that met another append",
      { name: "append", after: 1, millis: 0.5, outcome: "CheckFailed" },
      "append to the log",
      { "grantlog.append.outcome": "CheckFailed", "error.type": "CheckFailed" },
      0,
    ],
    [
      "that did not end",
      { name: "append", after: 1, millis: 0.5, outcome: "failed" },
      "append to the log",
      { "grantlog.append.outcome": "failed", "error.type": "failed" },
      2,
    ],
    ["that looked at a password", { name: "password", after: 1, millis: 0.5 }, "look at a password", {}, 0],
    [
      "that could not look at a password",
      { name: "password", after: 1, millis: 0.5, outcome: "failed" },
      "look at a password",
      { "error.type": "failed" },
      2,
    ],
  ])("%s is a span below the request's, when it began and as long as it took", (_, step, name, said, code) => {
    const [request, below, ...more] = told({ steps: [step] }).spans
    expect(more).toEqual([])
    expect(request!.spanId).toBe("02".repeat(8))
    expect({ ...below, attributes: shownOf(below!) }).toEqual({
      ...{ traceId: "01".repeat(16), spanId: "03".repeat(8), parentSpanId: "02".repeat(8) },
      ...{ name, kind: 1, startTimeUnixNano: "1700000000001000000", endTimeUnixNano: "1700000000001500000" },
      ...{ attributes: said, status: { code } },
      ...empty,
    })
  })
})

describe("a request within a trace", () => {
  const step = { name: "append", after: 1, millis: 0.5, outcome: "Appended" } as const

  it("is a span below the caller's, and so is its record", () => {
    const { spans, record } = told({ traceparent: `00-${TRACE}-${CALLER}-01`, steps: [step] })
    const [spanId, below] = ["01".repeat(8), "02".repeat(8)]
    expect(spans).toMatchObject([
      { traceId: TRACE, spanId, parentSpanId: CALLER },
      { traceId: TRACE, spanId: below, parentSpanId: spanId },
    ])
    expect(record).toMatchObject({ traceId: TRACE, spanId })
  })

  it("that is not recorded is a record alone", () => {
    const { spans, record } = told({ traceparent: `00-${TRACE}-${CALLER}-00`, steps: [step] })
    expect(spans).toEqual([])
    expect(record).toMatchObject({ traceId: TRACE, spanId: "01".repeat(8) })
  })
})

it.each([
  ["INFO", 9],
  ["WARN", 13],
  ["ERROR", 17],
] as const)("a record that is %s says so by its number", (severity, severityNumber) => {
  expect(recordAt(1.5, severity, "a sentence", { count: 1 })).toEqual({
    ...{ timeUnixNano: "1500000", observedTimeUnixNano: "1500000", severityNumber, severityText: severity },
    ...{ body: { stringValue: "a sentence" }, attributes: [{ key: "count", value: { intValue: 1 } }] },
    droppedAttributesCount: 0,
  })
})
