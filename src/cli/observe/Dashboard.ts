/**
 * The panels as a dashboard of Grafana, in its JSON model (schema version 39, Grafana 10.4 and newer).
 *
 * Where the data comes from is a variable, so that it can be imported anywhere.
 */
import { metrics } from "./MetricNames.ts"
import { rows, type Panel } from "./Panels.ts"

const [COLUMNS, ROW_HEIGHT] = [24, 1]
const datasource = { type: "prometheus", uid: "${datasource}" }

const sizes = { stat: { w: 6, h: 4 }, timeseries: { w: 12, h: 8 } } as const

const options = {
  stat: {
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    orientation: "auto",
    textMode: "auto",
    colorMode: "value",
    graphMode: "none",
    justifyMode: "auto",
  },
  timeseries: {
    legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: true },
    tooltip: { mode: "multi", sort: "desc" },
  },
} as const

interface Place {
  readonly x: number
  readonly y: number
}

const shown = ({ kind, title, description, unit, queries }: Panel, id: number, { x, y }: Place) => ({
  id,
  type: kind,
  title,
  description,
  datasource,
  gridPos: { ...sizes[kind], x, y },
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  options: options[kind],
  targets: queries.map(({ expr, legend }, index) => ({
    refId: String.fromCodePoint(65 + index),
    datasource,
    expr,
    legendFormat: legend,
  })),
})

/** Rows below each other, and the panels of a row beside each other as far as there is room. */
const placed = () => {
  let [id, y] = [0, 0]
  return rows.flatMap(({ title, panels }) => {
    const header = {
      id: ++id,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: ROW_HEIGHT },
    }
    y += ROW_HEIGHT
    let [x, height] = [0, 0]
    const below = panels.map((panel) => {
      const { w, h } = sizes[panel.kind]
      if (x + w > COLUMNS) {
        y += height
        ;[x, height] = [0, 0]
      }
      const one = shown(panel, ++id, { x, y })
      x += w
      height = Math.max(height, h)
      return one
    })
    y += height
    return [header, ...below]
  })
}

const chosenBy = (name: string, label: string, query: string) => ({
  name,
  label,
  type: "query",
  datasource,
  query: { query, refId: name },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: ".+",
  current: { text: ["All"], value: ["$__all"] },
})

/** The dashboard, for Grafana to import. */
export const dashboardModel = () => ({
  uid: "grantlog",
  title: "grantlog",
  description: "Requests, grants, the log and the processes of grantlog",
  tags: ["grantlog", "oauth"],
  schemaVersion: 39,
  editable: true,
  graphTooltip: 1,
  timezone: "browser",
  refresh: "30s",
  time: { from: "now-6h", to: "now" },
  templating: {
    list: [
      { name: "datasource", label: "Data source", type: "datasource", query: "prometheus", refresh: 1 },
      chosenBy("job", "Job", `label_values(${metrics.ready.name}, job)`),
      chosenBy("instance", "Instance", `label_values(${metrics.ready.name}{job=~"$job"}, instance)`),
    ],
  },
  panels: placed(),
})
