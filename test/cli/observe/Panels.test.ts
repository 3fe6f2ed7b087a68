/** What the panels show: a counter by how fast it rises, everything of those that were chosen, and a word for each line. */
import { describe, expect, it } from "vitest"
import { metrics } from "../../../src/cli/observe/MetricNames.ts"
import { rows } from "../../../src/cli/observe/Panels.ts"

const panels = rows.flatMap((row) => row.panels)
const queries = panels.flatMap((panel) => panel.queries)
const CHOSEN = `{job=~"$job",instance=~"$instance"`

/** What a panel asks, without whom it asks, which is the same for all. */
const asked = (title: string): ReadonlyArray<readonly [expr: string, legend: string]> =>
  panels
    .find((panel) => panel.title === title)!
    .queries.map(({ expr, legend }) => [
      expr.replaceAll(/\{job=~"\$job",instance=~"\$instance"(?:,|(?=\}))/g, "{"),
      legend,
    ])

it("a panel has a title of its own, and sentences that say what to make of it", () => {
  expect(rows.map(({ title }) => title)).toEqual([
    ...["At a glance", "Requests", "Grants and tokens", "Log and store", "Processes"],
  ])
  for (const { title, description } of panels) expect(description, title).toMatch(/^[A-Z\d].{10,}\.$/)
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
})

describe("a query", () => {
  it("asks only those that were chosen", () => {
    for (const { expr } of queries) {
      const named = [...expr.matchAll(/(?:grantlog|process)_[a-z_]+/g)]
      expect(named.length, expr).toBeGreaterThan(0)
      expect(expr.split(CHOSEN).length - 1, expr).toBe(named.length)
    }
  })

  it("asks of a counter how fast it rises, and of a gauge what it is", () => {
    for (const { expr } of queries)
      for (const [, name] of expr.matchAll(/(?<!(?:rate|increase)\()\b((?:grantlog|process)_[a-z_]+)/g))
        expect([expr, Object.values(metrics).find((metric) => metric.name === name)?.type]).toEqual([expr, "gauge"])
  })
})

it("a panel asks what its title says, and calls each line by what tells it from the others", () => {
  const rate = (series: string) => `rate(${series}[$__rate_interval])`
  const took = (share: number, labels: string, name = "grantlog_request_duration_seconds") =>
    `histogram_quantile(${share}, sum by (${labels}) (${rate(`${name}_bucket{}`)}))`
  const expected: Readonly<Record<string, ReturnType<typeof asked>>> = {
    "Ready instances": [["sum(grantlog_ready{})", "ready"]],
    "Thefts caught": [
      [
        'sum by (reason) (increase(grantlog_grants_revoked_total{reason=~"code_replayed|refresh_token_reused"}[$__range]))',
        "{{reason}}",
      ],
    ],
    "Checkpoint age": [["time() - max(grantlog_checkpoint_timestamp_seconds{})", "age"]],
    "Entries without a checkpoint": [["max(grantlog_log_entries{}) - max(grantlog_checkpoint_entries{})", "entries"]],
    "Requests by endpoint": [[`sum by (endpoint) (${rate("grantlog_requests_total{}")})`, "{{endpoint}}"]],
    "Errors by endpoint and code": [
      [`sum by (endpoint, error) (${rate('grantlog_requests_total{error!=""}')})`, "{{endpoint}} {{error}}"],
    ],
    "Failures of the server": [
      [`sum by (endpoint, status) (${rate('grantlog_requests_total{status=~"5.."}')})`, "{{endpoint}} {{status}}"],
    ],
    Duration: [
      [took(0.5, "le"), "half"],
      [took(0.95, "le"), "95 %"],
      [took(0.99, "le"), "99 %"],
    ],
    "Duration by endpoint": [[took(0.95, "le, endpoint"), "{{endpoint}}"]],
    "Passwords that wait": [["sum(grantlog_password_queue{})", "passwords"]],
    "Events by type": [[`sum by (type) (${rate("grantlog_events_total{}")})`, "{{type}}"]],
    "Lost replies and reuse": [
      [
        `sum by (type) (${rate('grantlog_events_total{type=~"RefreshTokenRetried|RefreshTokenReused|AuthorizationCodeReplayed"}')})`,
        "{{type}}",
      ],
    ],
    "Grants ended by reason": [[`sum by (reason) (${rate("grantlog_grants_revoked_total{}")})`, "{{reason}}"]],
    "Appends by outcome": [[`sum by (outcome) (${rate("grantlog_appends_total{}")})`, "{{outcome}}"]],
    "Conflicts, and decisions made again": [
      [`sum(${rate('grantlog_appends_total{outcome=~"WrongExpectedVersion|CheckFailed"}')})`, "conflicts"],
      [`sum(${rate("grantlog_redecisions_total{}")})`, "decided again"],
    ],
    "Appends that share a commit": [
      [`sum(${rate("grantlog_commit_appends_sum{}")}) / sum(${rate("grantlog_commit_appends_count{}")})`, "on average"],
      [took(0.95, "le", "grantlog_commit_appends"), "95 %"],
    ],
    Entries: [["max(grantlog_log_entries{})", "entries"]],
    "Size of the store": [["max(grantlog_store_bytes{})", "store"]],
    Memory: [["process_resident_memory_bytes{}", "{{instance}}"]],
    CPU: [[rate("process_cpu_seconds_total{}"), "{{instance}}"]],
    "Running for": [["time() - process_start_time_seconds{}", "{{instance}}"]],
    Versions: [["sum by (version) (grantlog_build_info{})", "{{version}}"]],
  }
  expect(Object.fromEntries(panels.map(({ title }) => [title, asked(title)]))).toEqual(expected)
})

it("a panel is of the kind and the unit of what it shows", () => {
  const shown = Map.groupBy(panels, ({ kind, unit }) => `${kind} ${unit}`)
  expect(Object.fromEntries([...shown].map(([as, ones]) => [as, ones.map(({ title }) => title)]))).toEqual({
    "stat none": ["Ready instances", "Versions"],
    "stat short": ["Thefts caught", "Entries without a checkpoint"],
    "stat s": ["Checkpoint age"],
    "timeseries reqps": ["Requests by endpoint", "Errors by endpoint and code", "Failures of the server"],
    "timeseries s": ["Duration", "Duration by endpoint", "CPU", "Running for"],
    "timeseries short": ["Passwords that wait", "Appends that share a commit", "Entries"],
    "timeseries ops": [
      ...["Events by type", "Lost replies and reuse", "Grants ended by reason", "Appends by outcome"],
      "Conflicts, and decisions made again",
    ],
    "timeseries bytes": ["Size of the store", "Memory"],
  })
})
