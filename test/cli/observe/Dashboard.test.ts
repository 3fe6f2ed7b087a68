/** The dashboard and the alarms ask for metrics that there are, by labels that they have. */
import { expect, it } from "vitest"
import { alertRules, alerts } from "../../../src/cli/observe/Alerts.ts"
import { dashboardModel } from "../../../src/cli/observe/Dashboard.ts"
import { metrics, type MetricDescription } from "../../../src/cli/observe/MetricNames.ts"
import { makeMetrics } from "../../../src/cli/observe/Metrics.ts"
import { rows } from "../../../src/cli/observe/Panels.ts"

const known: ReadonlyArray<MetricDescription> = Object.values(metrics)
const SUFFIX = { counter: [""], gauge: [""], histogram: ["_bucket", "_sum", "_count"] } as const
/** What Prometheus adds to every series, and to those of a histogram. */
const ADDED = ["job", "instance", "le"]

/** What a query asks for that is not there, a line each. */
const unknownIn = (expr: string): ReadonlyArray<string> => {
  const named = [...expr.matchAll(/\b((?:grantlog|process)_[a-z_]+)(?:\{([^}]*)\})?/g)]
  return named.flatMap(([, name, matchers = ""]) => {
    const metric = known.find((one) => SUFFIX[one.type].some((suffix) => one.name + suffix === name))
    if (metric === undefined) return [`${name} is no metric`]
    const grouped = [...(/ by \(([^)]*)\)/.exec(expr)?.[1]?.split(", ") ?? [])]
    const labels = [...[...matchers.matchAll(/([a-z]+)(?:=~|!=|=)"/g)].map(([, label]) => label!), ...grouped]
    return labels
      .filter((label) => !ADDED.includes(label) && !metric.labels.includes(label))
      .map((label) => `${name} has no label ${label}`)
  })
}

const exprs = [
  ...rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr))),
  ...alerts.map(({ expr }) => expr),
]

it("a metric or a label that is not there is noticed", () => {
  expect(unknownIn("sum by (endpoint) (rate(grantlog_request_total[5m]))")).toEqual([
    "grantlog_request_total is no metric",
  ])
  expect(unknownIn(`sum by (code) (grantlog_requests_total{state="200"})`)).toEqual([
    "grantlog_requests_total has no label state",
    "grantlog_requests_total has no label code",
  ])
  expect(unknownIn("grantlog_commit_appends")).toEqual(["grantlog_commit_appends is no metric"])
})

it("every query asks for what there is, and every metric is asked for", () => {
  expect(exprs.flatMap((expr) => unknownIn(expr))).toEqual([])
  expect(known.filter(({ name }) => !exprs.some((expr) => expr.includes(name)))).toEqual([])
})

it("a legend names the labels that its query keeps", () => {
  const queries = rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries))
  const lost = queries.filter(({ expr, legend }) => {
    const kept = / by \(([^)]*)\)/.exec(expr)?.[1]?.split(", ") ?? ADDED
    return [...legend.matchAll(/\{\{(\w+)\}\}/g)].some(([, label]) => !kept.includes(label!))
  })
  expect(lost).toEqual([])
})

it("what is scraped is what is listed, of the type that is listed, and 0 from the beginning", () => {
  const counted = makeMetrics("1.2.3", 1000)
  const asked = { isReady: true, logEntries: 1, storeBytes: 2, residentBytes: 3, cpuSeconds: 4 }
  counted.answered({
    ...{ requestId: "a", at: 0, millis: 5, method: "GET", endpoint: "/healthz", status: 200 },
    steps: [],
  })
  counted.committed(1)
  counted.checkpointed(1, 2)
  const text = counted.text(asked)
  const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
  expect(typed.toSorted()).toEqual(known.map(({ name, type }) => `${name} ${type}`).toSorted())
  expect(text).toContain(`grantlog_grants_revoked_total{reason="refresh_token_reused"} 0\n`)
  expect(text).toContain(`grantlog_appends_total{outcome="Unknown"} 0\n`)
  expect(text).toContain("grantlog_redecisions_total 0\n")
  // CPU time is the process's own count, so it rises to what it is, and not by it.
  expect(counted.text({ ...asked, cpuSeconds: 6 })).toContain("process_cpu_seconds_total 6\n")
})

it("panels have ids of their own and lie beside each other, and every alarm has its sentences", () => {
  const { panels } = dashboardModel()
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  expect(alertRules().groups[0]!.rules.map(({ alert }) => alert)).toEqual(alerts.map(({ alert }) => alert))
})
