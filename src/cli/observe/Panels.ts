/**
 * What a dashboard shows of the metrics: its panels, as queries with their units, and the alarms beside them.
 *
 * Queries are of Prometheus (PromQL). `$job` and `$instance` choose what is looked at; `$__rate_interval` and `$__range` are
 * Grafana's own. The names of the metrics are those of the code.
 */
import { metrics, THEFTS, type MetricDescription } from "./MetricNames.ts"

export interface Query {
  readonly expr: string
  /** What a line is called: words, and labels in double braces. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What to make of it, for whoever is called at night. */
  readonly description: string
  readonly kind: "stat" | "timeseries"
  /** A unit as Grafana calls it. */
  readonly unit: "short" | "s" | "reqps" | "ops" | "bytes" | "none"
  readonly queries: readonly [Query, ...ReadonlyArray<Query>]
}

export interface Row {
  readonly title: string
  readonly panels: ReadonlyArray<Panel>
}

const CHOSEN = `job=~"$job",instance=~"$instance"`
const series = ({ name }: MetricDescription, suffix = "", ...matchers: ReadonlyArray<string>) =>
  `${name}${suffix}{${[CHOSEN, ...matchers].join(",")}}`
const perSecond = (metric: MetricDescription, suffix = "", ...matchers: ReadonlyArray<string>) =>
  `rate(${series(metric, suffix, ...matchers)}[$__rate_interval])`
const ofRange = (metric: MetricDescription, ...matchers: ReadonlyArray<string>) =>
  `increase(${series(metric, "", ...matchers)}[$__range])`
const by = (labels: string, expr: string) => `sum by (${labels}) (${expr})`
const shareOf = (share: number, metric: MetricDescription, ...labels: ReadonlyArray<string>) =>
  `histogram_quantile(${share}, ${by(["le", ...labels].join(", "), perSecond(metric, "_bucket"))})`

const panel = (
  kind: Panel["kind"],
  unit: Panel["unit"],
  title: string,
  description: string,
  ...queries: readonly [Query, ...ReadonlyArray<Query>]
): Panel => ({ kind, unit, title, description, queries })
const query = (expr: string, legend: string): Query => ({ expr, legend })

const thefts = `reason=~"${THEFTS.join("|")}"`

export const rows: ReadonlyArray<Row> = [
  {
    title: "At a glance",
    panels: [
      panel(
        "stat",
        "none",
        "Ready instances",
        "Instances that are to be sent requests. One that is stopping is not ready, nor is one whose store cannot be read.",
        query(`sum(${series(metrics.ready)})`, "ready"),
      ),
      panel(
        "stat",
        "short",
        "Thefts caught",
        "Grants that ended because a code or a refresh token came a second time. `grantlog history` with the type RefreshTokenReused or AuthorizationCodeReplayed names them, `grantlog explain` tells what the thief got.",
        query(by("reason", ofRange(metrics.revocations, thefts)), "{{reason}}"),
      ),
      panel(
        "stat",
        "s",
        "Checkpoint age",
        "How long ago an instance signed the last checkpoint. It may grow while nothing is appended: see the entries without one.",
        query(`time() - max(${series(metrics.checkpointTime)})`, "age"),
      ),
      panel(
        "stat",
        "short",
        "Entries without a checkpoint",
        "Entries that no signed checkpoint covers yet. If it stays above 0, standard error says why none can be signed.",
        query(`max(${series(metrics.logEntries)}) - max(${series(metrics.checkpointSize)})`, "entries"),
      ),
    ],
  },
  {
    title: "Requests",
    panels: [
      panel(
        "timeseries",
        "reqps",
        "Requests by endpoint",
        "Requests a second that were answered, however they were answered.",
        query(by("endpoint", perSecond(metrics.requests)), "{{endpoint}}"),
      ),
      panel(
        "timeseries",
        "reqps",
        "Errors by endpoint and code",
        "Answers a second that say an OAuth error. invalid_grant comes with every expired login; what deserves a look is a change.",
        query(by("endpoint, error", perSecond(metrics.requests, "", `error!=""`)), "{{endpoint}} {{error}}"),
      ),
      panel(
        "timeseries",
        "reqps",
        "Failures of the server",
        "Answers a second with 5xx. 503 says that the store or the clock kept it from answering, 500 is a defect: standard error has both.",
        query(by("endpoint, status", perSecond(metrics.requests, "", `status=~"5.."`)), "{{endpoint}} {{status}}"),
      ),
      panel(
        "timeseries",
        "s",
        "Duration",
        "How long requests took: the half, 95 and 99 of a hundred took at most so long.",
        query(shareOf(0.5, metrics.durations), "half"),
        query(shareOf(0.95, metrics.durations), "95 %"),
        query(shareOf(0.99, metrics.durations), "99 %"),
      ),
      panel(
        "timeseries",
        "s",
        "Duration by endpoint",
        "95 of a hundred requests to an endpoint took at most so long. A login takes as long as a password is hashed.",
        query(shareOf(0.95, metrics.durations, "endpoint"), "{{endpoint}}"),
      ),
      panel(
        "timeseries",
        "short",
        "Passwords that wait",
        "Passwords that are looked at or wait for it. Three are looked at together; from 256 on whoever comes is told to come again.",
        query(`sum(${series(metrics.passwords)})`, "passwords"),
      ),
    ],
  },
  {
    title: "Grants and tokens",
    panels: [
      panel(
        "timeseries",
        "ops",
        "Events by type",
        "Events a second that were appended.",
        query(by("type", perSecond(metrics.events)), "{{type}}"),
      ),
      panel(
        "timeseries",
        "ops",
        "Lost replies and reuse",
        "Refresh tokens that came a second time, a second: retried is a lost reply that was given again, reused and replayed are thefts.",
        query(
          by(
            "type",
            perSecond(metrics.events, "", `type=~"RefreshTokenRetried|RefreshTokenReused|AuthorizationCodeReplayed"`),
          ),
          "{{type}}",
        ),
      ),
      panel(
        "timeseries",
        "ops",
        "Grants ended by reason",
        "Grants a second that were ended, and by whom or what.",
        query(by("reason", perSecond(metrics.revocations)), "{{reason}}"),
      ),
    ],
  },
  {
    title: "Log and store",
    panels: [
      panel(
        "timeseries",
        "ops",
        "Appends by outcome",
        "Appends a second. Rejected and Unknown are faults of the store; the others are races and claims that were taken.",
        query(by("outcome", perSecond(metrics.appends)), "{{outcome}}"),
      ),
      panel(
        "timeseries",
        "ops",
        "Conflicts, and decisions made again",
        "Appends a second that met a newer entry, and commands that were decided again for it. Many mean that one grant or client is used by many at once.",
        query(`sum(${perSecond(metrics.appends, "", `outcome=~"WrongExpectedVersion|CheckFailed"`)})`, "conflicts"),
        query(`sum(${perSecond(metrics.redecisions)})`, "decided again"),
      ),
      panel(
        "timeseries",
        "short",
        "Appends that share a commit",
        "How many appends a commit had on average, and how many 95 of a hundred commits had at most.",
        query(
          `sum(${perSecond(metrics.batches, "_sum")}) / sum(${perSecond(metrics.batches, "_count")})`,
          "on average",
        ),
        query(shareOf(0.95, metrics.batches), "95 %"),
      ),
      panel(
        "timeseries",
        "short",
        "Entries",
        "Entries in the log, archived ones included.",
        query(`max(${series(metrics.logEntries)})`, "entries"),
      ),
      panel(
        "timeseries",
        "bytes",
        "Size of the store",
        "Bytes of the files, or of the tables with their indexes. `grantlog archive` makes it smaller.",
        query(`max(${series(metrics.storeBytes)})`, "store"),
      ),
    ],
  },
  {
    title: "Processes",
    panels: [
      panel(
        "timeseries",
        "bytes",
        "Memory",
        "Resident memory of each instance.",
        query(series(metrics.memory), "{{instance}}"),
      ),
      panel(
        "timeseries",
        "s",
        "CPU",
        "Seconds of CPU time that each instance takes in a second. One that takes a whole one cannot take more.",
        query(perSecond(metrics.processor), "{{instance}}"),
      ),
      panel(
        "timeseries",
        "s",
        "Running for",
        "How long ago each instance was started.",
        query(`time() - ${series(metrics.started)}`, "{{instance}}"),
      ),
      panel(
        "stat",
        "none",
        "Versions",
        "How many instances run which version.",
        query(by("version", series(metrics.build)), "{{version}}"),
      ),
    ],
  },
]
