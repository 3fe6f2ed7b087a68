/**
 * What is counted while `grantlog serve` runs, for Prometheus: requests, appends, what they came to, and the process.
 *
 * Counters are of this instance alone, so that those of several add up. Labels are words of ours, few in number: nothing
 * that a client or a person sent becomes one.
 */
import * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { Answered } from "../../http/index.ts"
import type { Append, AppendOutcome } from "../../log/index.ts"

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const BATCHES = [1, 2, 5, 10, 20, 50, 100]

const requests = Metric.counter("grantlog_requests_total", {
  description: "Requests that were answered, by endpoint, method, status and OAuth error",
  incremental: true,
})
const durations = Metric.histogram("grantlog_request_duration_seconds", {
  description: "How long requests took, by endpoint",
  boundaries: SECONDS,
})
const appends = Metric.counter("grantlog_appends_total", {
  description: "Appends to the log, by outcome; what conflicted was decided again",
  incremental: true,
})
const events = Metric.counter("grantlog_events_total", {
  description: "Events that were appended, by type; RefreshTokenRetried is a lost reply, RefreshTokenReused a theft",
  incremental: true,
})
const revocations = Metric.counter("grantlog_grants_revoked_total", {
  description: "Grants that were ended, by reason; code_replayed and refresh_token_reused are thefts that were caught",
  incremental: true,
})
const batches = Metric.histogram("grantlog_commit_appends", {
  description: "How many appends shared a commit",
  boundaries: BATCHES,
})
const passwords = Metric.gauge("grantlog_password_queue", {
  description: "Passwords that are looked at or wait for it",
})
const checkpointSize = Metric.gauge("grantlog_checkpoint_entries", {
  description: "Entries under the last checkpoint that this instance signed",
})
const checkpointTime = Metric.gauge("grantlog_checkpoint_timestamp_seconds", {
  description: "When this instance signed its last checkpoint, seconds since the epoch",
})
const logEntries = Metric.gauge("grantlog_log_entries", { description: "Entries in the log" })
const storeBytes = Metric.gauge("grantlog_store_bytes", { description: "Bytes of the files of the store" })
const memory = Metric.gauge("process_resident_memory_bytes", { description: "Resident memory of the process" })
const processor = Metric.gauge("process_cpu_seconds_total", { description: "CPU time that the process took" })

/** What is only known by asking, at the moment that somebody asks. */
export interface Asked {
  readonly logEntries: number
  readonly storeBytes: number
  readonly residentBytes: number
  readonly cpuSeconds: number
}

export interface Metrics {
  readonly answered: (answered: Answered) => void
  readonly appended: (append: Append, outcome: AppendOutcome) => void
  readonly committed: (appendCount: number) => void
  readonly passwordQueue: (length: number) => void
  /** `at` in milliseconds since the epoch. */
  readonly checkpointed: (size: number, at: number) => void
  /** Everything in Prometheus's text format. */
  readonly text: (asked: Asked) => string
}

/** Metrics that nobody else counts in. */
export const makeMetrics = (): Metrics => {
  const context = Context.make(Metric.MetricRegistry, new Map())
  const add = (counter: typeof requests, labels: Readonly<Record<string, string>>): void =>
    Metric.withAttributes(counter, labels).updateUnsafe(1, context)
  const set = (gauge: typeof passwords, value: number): void => gauge.updateUnsafe(value, context)
  return {
    answered: ({ endpoint, method, status, error, millis }) => {
      add(requests, { endpoint, method, status: String(status), error: error ?? "" })
      Metric.withAttributes(durations, { endpoint }).updateUnsafe(millis / 1000, context)
    },
    appended: (append, outcome) => {
      add(appends, { outcome: outcome._tag })
      if (outcome._tag !== "Appended") return
      for (const { event } of append.events) {
        add(events, { type: event._tag })
        if (event._tag === "GrantRevoked") add(revocations, { reason: event.reason })
      }
    },
    committed: (appendCount) => batches.updateUnsafe(appendCount, context),
    passwordQueue: (length) => set(passwords, length),
    checkpointed: (size, at) => {
      set(checkpointSize, size)
      set(checkpointTime, at / 1000)
    },
    text: (asked) => {
      set(logEntries, asked.logEntries)
      set(storeBytes, asked.storeBytes)
      set(memory, asked.residentBytes)
      set(processor, asked.cpuSeconds)
      return PrometheusMetrics.formatUnsafe(context)
    },
  }
}
