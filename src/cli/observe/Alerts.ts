/** What somebody is to be called for, as alerting rules of Prometheus. */
import { metrics, THEFTS } from "./MetricNames.ts"

export interface Alert {
  readonly alert: string
  readonly expr: string
  /** How long it has to be so; at once where it is absent. */
  readonly for?: string
  readonly severity: "page" | "ticket"
  readonly summary: string
  readonly description: string
}

const { ready, logEntries, checkpointSize, checkpointTime, revocations, appends, redecisions, requests, passwords } =
  metrics
const perSecond = (series: string) => `sum by (job) (rate(${series}[5m]))`

export const alerts: ReadonlyArray<Alert> = [
  {
    alert: "GrantlogNotReady",
    expr: `${ready.name} == 0`,
    for: "2m",
    severity: "page",
    summary: "{{ $labels.instance }} is not ready",
    description: "It is stopping, or its store cannot be read: `/readyz` at its metrics port says which.",
  },
  {
    alert: "GrantlogGone",
    expr: `absent(${ready.name})`,
    for: "2m",
    severity: "page",
    summary: "nobody answers for grantlog",
    description: "No instance is scraped: they are down, or the metrics port cannot be reached.",
  },
  {
    alert: "GrantlogCheckpointStale",
    expr: `${logEntries.name} > ${checkpointSize.name} and time() - ${checkpointTime.name} > 300`,
    for: "5m",
    severity: "page",
    summary: "{{ $labels.instance }} signs no checkpoints",
    description: "Entries are appended that no signed checkpoint covers: standard error says why none can be signed.",
  },
  {
    alert: "GrantlogTheftCaught",
    expr: `sum by (job, reason) (increase(${revocations.name}{reason=~"${THEFTS.join("|")}"}[10m])) > 0`,
    severity: "ticket",
    summary: "a stolen code or refresh token was presented ({{ $labels.reason }})",
    description: "The grant has ended. `grantlog history` names it, `grantlog explain` tells what the thief got.",
  },
  {
    alert: "GrantlogConflicts",
    expr: `${perSecond(redecisions.name)} / ${perSecond(appends.name)} > 0.2`,
    for: "10m",
    severity: "ticket",
    summary: "more than a fifth of the appends are decided again",
    description: "Many use one grant or one client at once, and each waits for the others.",
  },
  {
    alert: "GrantlogFailing",
    expr: `${perSecond(`${requests.name}{status=~"5.."}`)} / ${perSecond(requests.name)} > 0.01`,
    for: "5m",
    severity: "page",
    summary: "more than one request in a hundred fails",
    description:
      "503 says that the store or the clock kept the server from answering, 500 is a defect: see standard error.",
  },
  {
    alert: "GrantlogPasswordsWait",
    expr: `${passwords.name} > 64`,
    for: "2m",
    severity: "ticket",
    summary: "passwords wait in line at {{ $labels.instance }}",
    description:
      "More people sign in, or guess, than passwords can be looked at: see the sources in front of the server.",
  },
]

/** The rules, as the content of a rule file. */
export const alertRules = () => ({
  groups: [
    {
      name: "grantlog",
      rules: alerts.map(({ severity, summary, description, ...rule }) => ({
        ...rule,
        labels: { severity },
        annotations: { summary, description },
      })),
    },
  ],
})
