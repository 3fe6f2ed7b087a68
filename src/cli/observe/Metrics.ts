/**
 * What is counted while `grantlog serve` runs, for Prometheus: requests, appends, what they came to, and the process.
 *
 * Counters are of this instance alone, so that those of several add up. What can be counted from the beginning stands at
 * 0 from the beginning: a counter that first appears as 1 has not risen, and an alarm that waits for a rise stays silent.
 */
import * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { Event, GrantEnd } from "../../core/index.ts"
import type { Answered } from "../../http/index.ts"
import type { Append, AppendOutcome } from "../../log/index.ts"
import { metrics, type MetricDescription } from "./MetricNames.ts"

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const BATCHES = [1, 2, 5, 10, 20, 50, 100]

const outcomes: Readonly<Record<AppendOutcome["_tag"], true>> = {
  Appended: true,
  WrongExpectedVersion: true,
  CheckFailed: true,
  RowCheckFailed: true,
  ClaimTaken: true,
  Rejected: true,
  Unknown: true,
}

/** What is only known by asking, at the moment that somebody asks. */
export interface Asked {
  readonly isReady: boolean
  readonly logEntries: number
  readonly storeBytes: number
  readonly residentBytes: number
  readonly cpuSeconds: number
}

export interface Metrics {
  readonly answered: (answered: Answered) => void
  readonly appended: (append: Append, outcome: AppendOutcome) => void
  readonly committed: (appendCount: number) => void
  readonly decidedAgain: () => void
  readonly passwordQueue: (length: number) => void
  /** `at` in milliseconds since the epoch. */
  readonly checkpointed: (size: number, at: number) => void
  /** Everything in Prometheus's text format. */
  readonly text: (asked: Asked) => string
}

type Labels = Readonly<Record<string, string>>

/** Metrics that nobody else counts in; `startedAt` in milliseconds since the epoch. */
export const makeMetrics = (version: string, startedAt: number): Metrics => {
  const context = Context.make(Metric.MetricRegistry, new Map())
  const labelled = <Input, State>(metric: Metric.Metric<Input, State>, labels: Labels) =>
    Metric.withAttributes(metric, labels)
  const counting = ({ name, description }: MetricDescription) => {
    const counter = Metric.counter(name, { description, incremental: true })
    return (labels: Labels = {}, amount = 1): void => labelled(counter, labels).updateUnsafe(amount, context)
  }
  const setting = ({ name, description }: MetricDescription) => {
    const gauge = Metric.gauge(name, { description })
    return (value: number, labels: Labels = {}): void => labelled(gauge, labels).updateUnsafe(value, context)
  }
  const sorting = ({ name, description }: MetricDescription, boundaries: ReadonlyArray<number>) => {
    const histogram = Metric.histogram(name, { description, boundaries })
    return (value: number, labels: Labels = {}): void => labelled(histogram, labels).updateUnsafe(value, context)
  }

  const count = {
    requests: counting(metrics.requests),
    appends: counting(metrics.appends),
    redecisions: counting(metrics.redecisions),
    events: counting(metrics.events),
    revocations: counting(metrics.revocations),
    processor: counting(metrics.processor),
  }
  const set = {
    passwords: setting(metrics.passwords),
    checkpointSize: setting(metrics.checkpointSize),
    checkpointTime: setting(metrics.checkpointTime),
    logEntries: setting(metrics.logEntries),
    storeBytes: setting(metrics.storeBytes),
    ready: setting(metrics.ready),
    memory: setting(metrics.memory),
  }
  const took = sorting(metrics.durations, SECONDS)
  const shared = sorting(metrics.batches, BATCHES)

  for (const outcome of Object.keys(outcomes)) count.appends({ outcome }, 0)
  for (const type of Object.keys(Event.cases)) count.events({ type }, 0)
  for (const reason of GrantEnd.literals) count.revocations({ reason }, 0)
  count.redecisions({}, 0)
  set.passwords(0)
  setting(metrics.build)(1, { version })
  setting(metrics.started)(startedAt / 1000)
  let cpuSeconds = 0

  return {
    answered: ({ endpoint, method, status, error, millis }) => {
      count.requests({ endpoint, method, status: String(status), error: error ?? "" })
      took(millis / 1000, { endpoint })
    },
    appended: (append, outcome) => {
      count.appends({ outcome: outcome._tag })
      if (outcome._tag !== "Appended") return
      for (const { event } of append.events) {
        count.events({ type: event._tag })
        if (event._tag === "GrantRevoked") count.revocations({ reason: event.reason })
      }
    },
    committed: (appendCount) => shared(appendCount),
    decidedAgain: () => count.redecisions(),
    passwordQueue: (length) => set.passwords(length),
    checkpointed: (size, at) => {
      set.checkpointSize(size)
      set.checkpointTime(at / 1000)
    },
    text: (asked) => {
      set.ready(asked.isReady ? 1 : 0)
      set.logEntries(asked.logEntries)
      set.storeBytes(asked.storeBytes)
      set.memory(asked.residentBytes)
      count.processor({}, asked.cpuSeconds - cpuSeconds)
      cpuSeconds = asked.cpuSeconds
      return PrometheusMetrics.formatUnsafe(context)
    },
  }
}
