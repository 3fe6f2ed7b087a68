/**
 * A request as OpenTelemetry tells it: a span by the conventions for HTTP servers, a span for each step, and a log record.
 *
 * It is made of what whoever watches is told of a request, so nothing that anybody sent is in it but the numbers of the
 * trace that a caller says it is part of.
 */
import * as Headers from "effect/http/Headers"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Option from "effect/Option"
import type { LogsData } from "effect/observability/OtlpLogger"
import { entriesToAttributes } from "effect/observability/OtlpResource"
import type { TraceData } from "effect/observability/OtlpTracer"
import type { Answered, Step } from "../../http/index.ts"
import type { Randomness } from "../../provider/index.ts"

export type Span = TraceData["resourceSpans"][number]["scopeSpans"][number]["spans"][number]
export type LogRecord = NonNullable<LogsData["resourceLogs"][number]["scopeLogs"][number]["logRecords"]>[number]

/** What there is to say of a request. */
export interface Told {
  /** None where the caller says that its trace is not recorded. */
  readonly spans: ReadonlyArray<Span>
  readonly record: LogRecord
}

/** Numbers of the protocol: kinds of spans, how they ended, and how grave a record is. */
const [INTERNAL, SERVER] = [1, 2]
const [UNSET, ERROR] = [0, 2] as const
const severities = { INFO: 9, WARN: 13, ERROR: 17 } as const

/** Nanoseconds since the epoch. */
const nanos = (millis: number): string => String(BigInt(Math.round(millis * 1000)) * 1000n)

const spanBetween = (
  name: string,
  kind: number,
  ids: Pick<Span, "traceId" | "spanId" | "parentSpanId">,
  { at, millis }: { readonly at: number; readonly millis: number },
  attributes: Readonly<Record<string, unknown>>,
  isError: boolean,
): Span => ({
  ...ids,
  name,
  kind,
  startTimeUnixNano: nanos(at),
  endTimeUnixNano: nanos(at + millis),
  attributes: entriesToAttributes(Object.entries(attributes)),
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  status: { code: isError ? ERROR : UNSET },
  links: [],
  droppedLinksCount: 0,
})

/** What an append came to where that is no error. */
const APPENDED = "Appended"

const stepAttributes = ({ name, outcome }: Step): Readonly<Record<string, unknown>> => {
  if (outcome === undefined) return {}
  return {
    ...(name === "append" ? { "grantlog.append.outcome": outcome } : {}),
    ...(outcome === APPENDED ? {} : { "error.type": outcome }),
  }
}

const stepNames: Readonly<Record<Step["name"], string>> = {
  append: "append to the log",
  password: "look at a password",
}

/** Of a server's answers, 5xx alone are errors of its own; the others may still say one. */
const isOwnError = (status: number): boolean => status >= 500

const attributesOf = ({ method, endpoint, status, error, requestId }: Answered, scheme: string) => {
  const errorType = error ?? (isOwnError(status) ? String(status) : undefined)
  return {
    "http.request.method": method === "other" ? "_OTHER" : method,
    "http.response.status_code": status,
    "url.scheme": scheme,
    ...(endpoint === "none" ? {} : { "http.route": endpoint, "url.path": endpoint }),
    ...(errorType === undefined ? {} : { "error.type": errorType }),
    "grantlog.request_id": requestId,
  }
}

/** What is said of requests that come by this scheme, under numbers drawn for it. */
export const tellingRequests = ({ bytes }: Pick<Randomness, "bytes">, scheme: "http" | "https") => {
  const hexadecimal = (size: number): string => Buffer.from(bytes(size)).toString("hex")
  return (answered: Answered): Told => {
    const { method, endpoint, status, error, at, millis, steps, traceparent } = answered
    const caller = Option.getOrUndefined(HttpTraceContext.w3c(Headers.fromInput({ traceparent })))
    const traceId = caller?.traceId ?? hexadecimal(16)
    const spanId = hexadecimal(8)
    const attributes = attributesOf(answered, scheme)
    const verb = method === "other" ? "HTTP" : method
    const name = endpoint === "none" ? verb : `${verb} ${endpoint}`
    const spans =
      caller?.sampled === false
        ? []
        : [
            spanBetween(
              name,
              SERVER,
              { traceId, spanId, parentSpanId: caller?.spanId },
              { at, millis },
              attributes,
              isOwnError(status),
            ),
            ...steps.map((step) =>
              spanBetween(
                stepNames[step.name],
                INTERNAL,
                { traceId, spanId: hexadecimal(8), parentSpanId: spanId },
                { at: at + step.after, millis: step.millis },
                stepAttributes(step),
                step.outcome === "failed",
              ),
            ),
          ]
    const record = recordAt(
      at + millis,
      isOwnError(status) ? "ERROR" : "INFO",
      [name, status, error].filter((part) => part !== undefined).join(" "),
      attributes,
    )
    return { spans, record: { ...record, traceId, spanId } }
  }
}

/** A log record, `at` in milliseconds since the epoch. */
export const recordAt = (
  at: number,
  severity: keyof typeof severities,
  body: string,
  attributes: Readonly<Record<string, unknown>>,
): LogRecord => ({
  timeUnixNano: nanos(at),
  observedTimeUnixNano: nanos(at),
  severityNumber: severities[severity],
  severityText: severity,
  body: { stringValue: body },
  attributes: entriesToAttributes(Object.entries(attributes)),
  droppedAttributesCount: 0,
})
