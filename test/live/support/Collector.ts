/**
 * A collector of OpenTelemetry: it takes OTLP/JSON over HTTP, to the letter, and keeps what it was told.
 *
 * A member that the protocol does not have, an identifier of another length or a time that is none is an objection.
 */
import { createServer, type IncomingHttpHeaders } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Schema } from "effect"

const hexadecimal = (size: number) => Schema.String.check(Schema.isPattern(new RegExp(`^[0-9a-f]{${size * 2}}$`)))
const Nanos = Schema.String.check(Schema.isPattern(/^[1-9]\d{18}$/))
const Value = Schema.Union([
  Schema.Struct({ stringValue: Schema.String }),
  Schema.Struct({ intValue: Schema.Union([Schema.Int, Schema.String]) }),
  Schema.Struct({ boolValue: Schema.Boolean }),
])
const Attributes = Schema.Array(Schema.Struct({ key: Schema.NonEmptyString, value: Value }))
const Dropped = Schema.Literal(0)
const Resource = Schema.Struct({ attributes: Attributes, droppedAttributesCount: Dropped })
const Scope = Schema.Struct({ name: Schema.NonEmptyString, version: Schema.String })

const Span = Schema.Struct({
  traceId: hexadecimal(16),
  spanId: hexadecimal(8),
  parentSpanId: Schema.optionalKey(hexadecimal(8)),
  name: Schema.NonEmptyString,
  kind: Schema.Literals([1, 2]),
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: Attributes,
  droppedAttributesCount: Dropped,
  events: Schema.Tuple([]),
  droppedEventsCount: Dropped,
  status: Schema.Struct({ code: Schema.Literals([0, 2]) }),
  links: Schema.Tuple([]),
  droppedLinksCount: Dropped,
})
const Traces = Schema.Struct({
  resourceSpans: Schema.Array(
    Schema.Struct({
      resource: Resource,
      scopeSpans: Schema.Array(Schema.Struct({ scope: Scope, spans: Schema.Array(Span) })),
    }),
  ),
})

const Record = Schema.Struct({
  timeUnixNano: Nanos,
  observedTimeUnixNano: Nanos,
  severityNumber: Schema.Literals([9, 13, 17]),
  severityText: Schema.Literals(["INFO", "WARN", "ERROR"]),
  body: Schema.Struct({ stringValue: Schema.String }),
  attributes: Attributes,
  droppedAttributesCount: Dropped,
  traceId: Schema.optionalKey(hexadecimal(16)),
  spanId: Schema.optionalKey(hexadecimal(8)),
})
const Logs = Schema.Struct({
  resourceLogs: Schema.Array(
    Schema.Struct({
      resource: Resource,
      scopeLogs: Schema.Array(Schema.Struct({ scope: Scope, logRecords: Schema.Array(Record) })),
    }),
  ),
})

export type SpanSeen = typeof Span.Type
export type RecordSeen = typeof Record.Type

const strictly = { onExcessProperty: "error" } as const
const readTraces = Schema.decodeUnknownSync(Schema.fromJsonString(Traces), strictly)
const readLogs = Schema.decodeUnknownSync(Schema.fromJsonString(Logs), strictly)

/** Attributes as a record. */
export const attributesOf = ({ attributes }: { readonly attributes: typeof Attributes.Type }) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown]))

export const startCollector = async () => {
  const [spans, records, objections] = [[] as Array<SpanSeen>, [] as Array<RecordSeen>, [] as Array<string>]
  const [texts, headers] = [[] as Array<string>, [] as Array<IncomingHttpHeaders>]
  const resources = new Map<string, unknown>()
  const take = (url: string | undefined, body: string) => {
    if (url === "/in/v1/traces") {
      for (const { resource, scopeSpans } of readTraces(body).resourceSpans) {
        for (const [name, value] of Object.entries(attributesOf(resource))) resources.set(name, value)
        spans.push(...scopeSpans.flatMap((scope) => scope.spans))
      }
    } else if (url === "/in/v1/logs") {
      records.push(...readLogs(body).resourceLogs.flatMap((one) => one.scopeLogs.flatMap((scope) => scope.logRecords)))
    } else throw new Error(`nothing is at ${url}`)
  }
  const http = createServer(async (request, response) => {
    const body = await text(request)
    texts.push(body)
    headers.push(request.headers)
    try {
      if (request.headers["content-type"] !== "application/json") throw new Error("no JSON")
      take(request.url, body)
    } catch (cause) {
      objections.push(String(cause))
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}")
  }).listen(0, "localhost")
  await once(http, "listening")
  return {
    url: `http://localhost:${(http.address() as AddressInfo).port}/in`,
    spans,
    records,
    objections,
    /** Everything that came, as it came. */
    texts,
    headers,
    resources,
    close: () => {
      http.closeAllConnections()
      http.close()
    },
  }
}
