/** What somebody is called for: when, how urgently, and in words that say what to do. */
import { expect, it } from "vitest"
import { alertRules } from "../../../src/cli/observe/Alerts.ts"

const { groups } = alertRules()

it("a rule calls for what it is named after, once it has been so for long enough", () => {
  expect(groups.map(({ name }) => name)).toEqual(["grantlog"])
  expect(groups[0]!.rules.map(({ alert, for: lasting, labels, expr }) => [alert, lasting, labels, expr])).toEqual([
    ["GrantlogNotReady", "2m", { severity: "page" }, "grantlog_ready == 0"],
    ["GrantlogGone", "2m", { severity: "page" }, "absent(grantlog_ready)"],
    [
      "GrantlogCheckpointStale",
      "5m",
      { severity: "page" },
      "grantlog_log_entries > grantlog_checkpoint_entries and time() - grantlog_checkpoint_timestamp_seconds > 300",
    ],
    [
      "GrantlogTheftCaught",
      undefined,
      { severity: "ticket" },
      'sum by (job, reason) (increase(grantlog_grants_revoked_total{reason=~"code_replayed|refresh_token_reused"}[10m])) > 0',
    ],
    [
      "GrantlogConflicts",
      "10m",
      { severity: "ticket" },
      "sum by (job) (rate(grantlog_redecisions_total[5m])) / sum by (job) (rate(grantlog_appends_total[5m])) > 0.2",
    ],
    [
      "GrantlogFailing",
      "5m",
      { severity: "page" },
      'sum by (job) (rate(grantlog_requests_total{status=~"5.."}[5m])) / sum by (job) (rate(grantlog_requests_total[5m])) > 0.01',
    ],
    ["GrantlogPasswordsWait", "2m", { severity: "ticket" }, "grantlog_password_queue > 64"],
  ])
})

it("a rule says in a line what is so, and in sentences what to make of it", () => {
  for (const { alert, annotations } of groups[0]!.rules) {
    expect(Object.keys(annotations), alert).toEqual(["summary", "description"])
    expect(annotations.summary, alert).toMatch(/^[a-z{].{10,}[^.]$/)
    expect(annotations.description, alert).toMatch(/^[A-Z\d].{10,}\.$/)
  }
})
