/**
 * The metrics of a server: what each is called, what it counts, and by what. Whoever counts, draws or watches takes the
 * names from here, so that no dashboard asks for a metric that there is not.
 *
 * Labels are words of ours, few in number: nothing that a client or a person sent becomes one.
 */
export interface MetricDescription {
  readonly name: string
  readonly type: "counter" | "gauge" | "histogram"
  readonly labels: ReadonlyArray<string>
  readonly description: string
}

const of =
  (type: MetricDescription["type"]) =>
  (name: string, description: string, ...labels: ReadonlyArray<string>): MetricDescription => ({
    name,
    type,
    labels,
    description,
  })
const [counter, gauge, histogram] = [of("counter"), of("gauge"), of("histogram")]

export const metrics = {
  requests: counter(
    "grantlog_requests_total",
    "Requests that were answered, by endpoint, method, status and OAuth error",
    ...["endpoint", "method", "status", "error"],
  ),
  durations: histogram("grantlog_request_duration_seconds", "How long requests took, by endpoint", "endpoint"),
  appends: counter("grantlog_appends_total", "Appends to the log, by outcome", "outcome"),
  redecisions: counter(
    "grantlog_redecisions_total",
    "Commands that were decided again, because something else had been appended meanwhile",
  ),
  events: counter(
    "grantlog_events_total",
    "Events that were appended, by type; RefreshTokenRetried is a lost reply, RefreshTokenReused a theft",
    "type",
  ),
  revocations: counter(
    "grantlog_grants_revoked_total",
    "Grants that were ended, by reason; code_replayed and refresh_token_reused are thefts that were caught",
    "reason",
  ),
  batches: histogram("grantlog_commit_appends", "How many appends shared a commit"),
  passwords: gauge("grantlog_password_queue", "Passwords that are looked at or wait for it"),
  checkpointSize: gauge("grantlog_checkpoint_entries", "Entries under the last checkpoint that this instance signed"),
  checkpointTime: gauge(
    "grantlog_checkpoint_timestamp_seconds",
    "When this instance signed its last checkpoint, seconds since the epoch",
  ),
  logEntries: gauge("grantlog_log_entries", "Entries in the log"),
  storeBytes: gauge("grantlog_store_bytes", "Bytes that the store takes: its files, or its tables with their indexes"),
  ready: gauge("grantlog_ready", "1 while this instance is to be sent requests, as /readyz says, and else 0"),
  build: gauge("grantlog_build_info", "1, by the version of this instance", "version"),
  memory: gauge("process_resident_memory_bytes", "Resident memory of the process"),
  processor: counter("process_cpu_seconds_total", "CPU time that the process took"),
  started: gauge("process_start_time_seconds", "When the process began, seconds since the epoch"),
} as const

/** Ends of grants that are thefts which were caught. */
export const THEFTS = ["code_replayed", "refresh_token_reused"] as const
