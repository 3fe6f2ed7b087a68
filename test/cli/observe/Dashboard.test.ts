/** The dashboard and the alarms ask for metrics that there are, by labels that they have. */
import { expect, it } from "vitest"
import { alertRules, alerts } from "../../../src/cli/observe/Alerts.ts"
import { dashboardModel } from "../../../src/cli/observe/Dashboard.ts"
import { metrics, type MetricDescription } from "../../../src/cli/observe/MetricNames.ts"
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

it("is a dashboard that can be imported anywhere: whose metrics, of which job and which instance is chosen in it", () => {
  const { panels: _, ...model } = dashboardModel()
  const datasource = { type: "prometheus", uid: "${datasource}" }
  const chosen = {
    ...{ type: "query", datasource, refresh: 2, sort: 1, multi: true, includeAll: true, allValue: ".+" },
    current: { text: ["All"], value: ["$__all"] },
  }
  expect(model).toEqual({
    ...{ uid: "grantlog", title: "grantlog", tags: ["grantlog", "oauth"] },
    description: "Requests, grants, the log and the processes of grantlog",
    ...{ schemaVersion: 39, editable: true, graphTooltip: 1, timezone: "browser", refresh: "30s" },
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        { name: "datasource", label: "Data source", type: "datasource", query: "prometheus", refresh: 1 },
        { ...chosen, name: "job", label: "Job", query: { query: "label_values(grantlog_ready, job)", refId: "job" } },
        {
          ...chosen,
          ...{ name: "instance", label: "Instance" },
          query: { query: `label_values(grantlog_ready{job=~"$job"}, instance)`, refId: "instance" },
        },
      ],
    },
  })
})

it("a row, a number and a drawing are as Grafana has them, with all that was written for them", () => {
  const { panels } = dashboardModel()
  const [atAGlance, requests] = rows
  const { title, description } = atAGlance!.panels[0]!
  const datasource = { type: "prometheus", uid: "${datasource}" }
  expect(panels.slice(0, 2)).toEqual([
    {
      ...{ id: 1, type: "row", title: "At a glance", collapsed: false, panels: [] },
      gridPos: { x: 0, y: 0, w: 24, h: 1 },
    },
    {
      ...{ id: 2, type: "stat", title, description, datasource },
      gridPos: { x: 0, y: 1, w: 6, h: 4 },
      fieldConfig: { defaults: { unit: "none", min: 0 }, overrides: [] },
      options: {
        reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        ...{ orientation: "auto", textMode: "auto", colorMode: "value", graphMode: "none", justifyMode: "auto" },
      },
      targets: [
        {
          ...{ refId: "A", datasource, legendFormat: "ready" },
          expr: `sum(grantlog_ready{job=~"$job",instance=~"$instance"})`,
        },
      ],
    },
  ])
  const duration = requests!.panels.find((panel) => panel.title === "Duration")!
  expect(panels.find((panel) => panel.title === "Duration")).toMatchObject({
    ...{ type: "timeseries", gridPos: { x: 12, y: 14, w: 12, h: 8 } },
    options: {
      legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: true },
      tooltip: { mode: "multi", sort: "desc" },
    },
    targets: duration.queries.map(({ expr, legend }, index) => ({
      ...{ refId: ["A", "B", "C"][index], expr, legendFormat: legend },
    })),
  })
})

it("panels lie below the title of their row, from left to right, as many as there is room for", () => {
  const { panels } = dashboardModel()
  const places = panels.map(({ type, gridPos: { x, y } }) => `${type === "row" ? "row" : "-"} ${x} ${y}`)
  expect(places).toEqual([
    ...["row 0 0", "- 0 1", "- 6 1", "- 12 1", "- 18 1"],
    ...["row 0 5", "- 0 6", "- 12 6", "- 0 14", "- 12 14", "- 0 22", "- 12 22"],
    ...["row 0 30", "- 0 31", "- 12 31", "- 0 39"],
    ...["row 0 47", "- 0 48", "- 12 48", "- 0 56", "- 12 56", "- 0 64"],
    ...["row 0 72", "- 0 73", "- 12 73", "- 0 81", "- 12 81"],
  ])
  expect(panels.map(({ id }) => id)).toEqual(panels.map((_, index) => index + 1))
})

it("every alarm has its rule", () => {
  expect(alertRules().groups[0]!.rules.map(({ alert }) => alert)).toEqual(alerts.map(({ alert }) => alert))
})
