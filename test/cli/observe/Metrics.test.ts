/** What Prometheus is given: every metric under its own name, from the beginning, and by as much as was counted. */
import { beforeEach, describe, expect, it } from "vitest"
import { metrics, type MetricDescription } from "../../../src/cli/observe/MetricNames.ts"
import { makeMetrics, type Metrics } from "../../../src/cli/observe/Metrics.ts"
import { Event, GrantEnd } from "../../../src/core/index.ts"
import type { Answered } from "../../../src/http/Answered.ts"
import type { Append, AppendOutcome } from "../../../src/log/index.ts"

const known: ReadonlyArray<MetricDescription> = Object.values(metrics)
const asked = { isReady: true, logEntries: 1, storeBytes: 2, residentBytes: 3, cpuSeconds: 4 }
const answered: Answered = {
  ...{ requestId: "a", at: 0, millis: 5, method: "GET", endpoint: "/healthz", status: 200 },
  steps: [],
}

let counted: Metrics
beforeEach(() => {
  counted = makeMetrics("1.2.3", 1500)
})

/** The series of a metric that are not 0, or all of them. */
const seriesOf = ({ name }: MetricDescription, isAll = false): ReadonlyArray<string> =>
  counted
    .text(asked)
    .split("\n")
    .filter((line) => new RegExp(`^${name}(?:_bucket|_sum|_count)?[{ ]`).test(line) && (isAll || !line.endsWith(" 0")))
    .map((line) => line.slice(name.length))

/** What is on dashboards of others stays there. */
it("a metric is of this name, of this type, by these labels, and says what it counts", () => {
  expect(known.map(({ name, type, labels }) => [name, type, ...labels].join(" "))).toEqual([
    "grantlog_requests_total counter endpoint method status error",
    "grantlog_request_duration_seconds histogram endpoint",
    "grantlog_appends_total counter outcome",
    "grantlog_redecisions_total counter",
    "grantlog_events_total counter type",
    "grantlog_grants_revoked_total counter reason",
    "grantlog_commit_appends histogram",
    "grantlog_password_queue gauge",
    "grantlog_checkpoint_entries gauge",
    "grantlog_checkpoint_timestamp_seconds gauge",
    "grantlog_log_entries gauge",
    "grantlog_store_bytes gauge",
    "grantlog_ready gauge",
    "grantlog_build_info gauge version",
    "process_resident_memory_bytes gauge",
    "process_cpu_seconds_total counter",
    "process_start_time_seconds gauge",
  ])
  for (const { name, description } of known) expect(description, name).toMatch(/^[A-Z1].{10,}[^.]$/)
})

it("what is scraped is what is listed, of the type and with the words that are listed", () => {
  counted.answered(answered)
  counted.committed(1)
  counted.checkpointed(1, 2)
  const comments = counted
    .text(asked)
    .split("\n")
    .filter((line) => line.startsWith("# "))
  expect(comments.toSorted()).toEqual(
    known
      .flatMap(({ name, type, description }) => [`# HELP ${name} ${description}`, `# TYPE ${name} ${type}`])
      .toSorted(),
  )
})

describe("a counter", () => {
  it("of what can be listed is 0 from the beginning, so that its first rise is one", () => {
    const words = [
      ...["Appended", "WrongExpectedVersion", "CheckFailed", "RowCheckFailed", "ClaimTaken", "Rejected", "Unknown"],
    ]
    expect(seriesOf(metrics.appends, true)).toEqual(words.map((outcome) => `{outcome="${outcome}"} 0`))
    expect(seriesOf(metrics.events, true)).toEqual(Object.keys(Event.cases).map((type) => `{type="${type}"} 0`))
    expect(seriesOf(metrics.revocations, true)).toEqual(GrantEnd.literals.map((reason) => `{reason="${reason}"} 0`))
    expect(seriesOf(metrics.redecisions, true)).toEqual([" 0"])
    expect(seriesOf(metrics.passwords, true)).toEqual([" 0"])
    expect(counted.text(asked)).not.toContain("grantlog_checkpoint")
  })

  it("of requests rises by each, and says how they were answered", () => {
    for (const _ of [1, 2]) counted.answered(answered)
    counted.answered({ ...answered, method: "POST", endpoint: "/token", status: 400, error: "invalid_grant" })
    expect(seriesOf(metrics.requests)).toEqual([
      `{endpoint="/healthz",method="GET",status="200",error=""} 2`,
      `{endpoint="/token",method="POST",status="400",error="invalid_grant"} 1`,
    ])
  })

  it("of appends rises by each outcome, and of events by each that was appended", () => {
    const events = [
      { _tag: "RefreshTokenReused" },
      { _tag: "GrantRevoked", reason: "refresh_token_reused" },
      { _tag: "AccessTokenIssued" },
    ].map((event) => ({ event }))
    const append = { events } as unknown as Append
    counted.appended(append, { _tag: "Appended" } as AppendOutcome)
    for (const _ of [1, 2]) counted.appended(append, { _tag: "WrongExpectedVersion" } as AppendOutcome)
    counted.decidedAgain()
    expect(
      [metrics.appends, metrics.events, metrics.revocations, metrics.redecisions].map((one) => seriesOf(one)),
    ).toEqual([
      [`{outcome="Appended"} 1`, `{outcome="WrongExpectedVersion"} 2`],
      ...[[`{type="AccessTokenIssued"} 1`, `{type="RefreshTokenReused"} 1`, `{type="GrantRevoked"} 1`]],
      [`{reason="refresh_token_reused"} 1`],
      [" 1"],
    ])
  })

  it("of CPU time is the process's own, so it rises to what that is, and not by it", () => {
    expect(counted.text(asked)).toContain("process_cpu_seconds_total 4\n")
    expect(counted.text({ ...asked, cpuSeconds: 6 })).toContain("process_cpu_seconds_total 6\n")
    // A counter that falls would be a process that was started anew.
    expect(counted.text({ ...asked, cpuSeconds: 5 })).toContain("process_cpu_seconds_total 6\n")
  })
})

it("a gauge is what it was set to, times in seconds", () => {
  counted.passwordQueue(4)
  counted.checkpointed(7, 2500)
  const values = counted
    .text({ ...asked, isReady: false })
    .split("\n")
    .filter((line) => /^(?:grantlog|process)_/.test(line) && !/_total|_bucket/.test(line))
  expect(values.toSorted()).toEqual([
    `grantlog_build_info{version="1.2.3"} 1`,
    "grantlog_checkpoint_entries 7",
    "grantlog_checkpoint_timestamp_seconds 2.5",
    "grantlog_log_entries 1",
    "grantlog_password_queue 4",
    "grantlog_ready 0",
    "grantlog_store_bytes 2",
    "process_resident_memory_bytes 3",
    "process_start_time_seconds 1.5",
  ])
  expect(counted.text(asked)).toContain("grantlog_ready 1\n")
})

describe("a histogram", () => {
  const bucketsOf = (metric: MetricDescription, labels: string) =>
    seriesOf(metric, true)
      .filter((line) => line.startsWith("_bucket"))
      .map((line) => line.replace(`_bucket{${labels}le="`, "").replace('"}', ""))

  it("of durations is in seconds, from a millisecond to ten seconds", () => {
    counted.answered(answered)
    counted.answered({ ...answered, millis: 40_000 })
    expect(bucketsOf(metrics.durations, 'endpoint="/healthz",')).toEqual([
      ...["0.001 0", "0.0025 0", "0.005 1", "0.01 1", "0.025 1", "0.05 1", "0.1 1", "0.25 1", "0.5 1", "1 1"],
      ...["2.5 1", "5 1", "10 1", "+Inf 2"],
    ])
    expect(seriesOf(metrics.durations).slice(-2)).toEqual([
      `_sum{endpoint="/healthz"} 40.005`,
      `_count{endpoint="/healthz"} 2`,
    ])
  })

  it("of commits says how many appends shared one", () => {
    counted.committed(3)
    expect(bucketsOf(metrics.batches, "")).toEqual([
      ...["1 0", "2 0", "5 1", "10 1", "20 1", "50 1", "100 1", "+Inf 1"],
    ])
    expect(seriesOf(metrics.batches).slice(-2)).toEqual(["_sum 3", "_count 1"])
  })
})
