/** `grantlog dashboard`: the metrics of `serve --metrics-port` as a dashboard for Grafana, or as alarms for Prometheus. */
import * as Flag from "effect/cli/Flag"
import { alertRules } from "../observe/Alerts.ts"
import { dashboardModel } from "../observe/Dashboard.ts"
import { makeCommand } from "../Defaults.ts"
import { printJson } from "../Print.ts"

const alerts = Flag.Boolean("alerts").pipe(
  Flag.withDescription("print a file of alerting rules for Prometheus instead"),
  Flag.withDefault(false),
)

export const dashboard = makeCommand("dashboard", { alerts }, (given) =>
  // What is JSON is YAML as well, which a file of rules is in.
  printJson(given.alerts ? alertRules() : dashboardModel()),
)
