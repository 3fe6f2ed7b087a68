/**
 * The dashboard and the alarms, judged by others: Grafana's model of its JSON, promtool, and a real Prometheus that scraped a
 * server while a known load was on it.
 */
import { execFile, spawn } from "node:child_process"
import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it as anyIt } from "vitest"
import { alerts } from "../../src/cli/observe/Alerts.ts"
import type { dashboardModel } from "../../src/cli/observe/Dashboard.ts"
import { postAtOnce } from "../live/support/AtOnce.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere } from "../live/support/InProcess.ts"
import { serve, type RunningServer } from "../live/support/ServeProcess.ts"
import { authorize, REDIRECT_URI, redeem, refresh, register, type Client } from "../live/support/Wire.ts"
import { blocksOf, pageAt } from "../support/Pages.ts"
import { PYTHON } from "./Environment.ts"
import { bucketOf, readExposition, risen, sums, type Series } from "./Exposition.ts"
import { prometheusTools } from "./PrometheusTools.ts"
import { JOB, startPrometheus, until, type Sample } from "./Scraping.ts"

const run = promisify(execFile)
const tools = prometheusTools()
/** Where it is skipped, `npm run test:peers` says so, and fails in CI. */
const it = anyIt.skipIf(tools === undefined)

const folder = temporaryFolder()
const file = folder.at("grantlog.db")

const printed = async (...flags: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await grantlogHere(["dashboard", ...flags])
  if (code !== 0) throw new Error(`grantlog dashboard ended with ${code}: ${stderr}`)
  return stdout
}

type Dashboard = ReturnType<typeof dashboardModel>
const panelsOf = ({ panels }: Dashboard) => panels.flatMap((panel) => ("targets" in panel ? [panel] : []))

anyIt("Grafana's model of a dashboard has every member of it, each of its type", async () => {
  const child = spawn(PYTHON, [join(import.meta.dirname, "grafana", "schema.py")])
  child.stdin.end(await printed())
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect([stderr, JSON.parse(stdout || "null")]).toEqual(["", []])
})

describe("promtool", () => {
  it("takes the rules, and has each alarm when it is due, and none when all is well", async () => {
    const rules = folder.at("alerts.yml")
    writeFileSync(rules, await printed("--alerts"))
    await run(tools!.promtool, ["check", "rules", "--lint-fatal", rules])
    const labels = `{job="${JOB}",instance="a:1"}`
    const bad: Readonly<Record<string, ReadonlyArray<readonly [series: string, values: string]>>> = {
      GrantlogNotReady: [[`grantlog_ready${labels}`, "0x30"]],
      GrantlogGone: [[`something${labels}`, "1x30"]],
      GrantlogCheckpointStale: [
        [`grantlog_log_entries${labels}`, "9x30"],
        [`grantlog_checkpoint_entries${labels}`, "8x30"],
        [`grantlog_checkpoint_timestamp_seconds${labels}`, "0x30"],
      ],
      GrantlogTheftCaught: [
        [`grantlog_grants_revoked_total{job="${JOB}",instance="a:1",reason="code_replayed"}`, "0x25 1x5"],
      ],
      GrantlogConflicts: [
        [`grantlog_redecisions_total${labels}`, "0+3x30"],
        [`grantlog_appends_total{job="${JOB}",instance="a:1",outcome="Appended"}`, "0+10x30"],
      ],
      GrantlogFailing: [
        [`grantlog_requests_total{job="${JOB}",instance="a:1",status="503"}`, "0+1x30"],
        [`grantlog_requests_total{job="${JOB}",instance="a:1",status="200"}`, "0+50x30"],
      ],
      GrantlogPasswordsWait: [[`grantlog_password_queue${labels}`, "65x30"]],
    }
    const well: (typeof bad)[string] = [
      [`grantlog_ready${labels}`, "1x30"],
      [`grantlog_log_entries${labels}`, "9x30"],
      [`grantlog_checkpoint_entries${labels}`, "9x30"],
      [`grantlog_checkpoint_timestamp_seconds${labels}`, "0x30"],
      [`grantlog_grants_revoked_total{job="${JOB}",instance="a:1",reason="code_replayed"}`, "1x30"],
      [`grantlog_grants_revoked_total{job="${JOB}",instance="a:1",reason="client"}`, "0+1x30"],
      [`grantlog_redecisions_total${labels}`, "0+1x30"],
      [`grantlog_appends_total{job="${JOB}",instance="a:1",outcome="Appended"}`, "0+10x30"],
      [`grantlog_requests_total{job="${JOB}",instance="a:1",status="503"}`, "0x30"],
      [`grantlog_requests_total{job="${JOB}",instance="a:1",status="200"}`, "0+50x30"],
      [`grantlog_password_queue${labels}`, "64x30"],
    ]
    const words: Sample["labels"] = { "$labels.instance": "a:1", "$labels.reason": "code_replayed" }
    const saying = (sentence: string) => sentence.replaceAll(/\{\{ (\S+) \}\}/g, (_, name: string) => words[name]!)
    const due: Readonly<Record<string, Sample["labels"]>> = {
      GrantlogGone: {},
      GrantlogTheftCaught: { job: JOB, reason: "code_replayed" },
      GrantlogConflicts: { job: JOB },
      GrantlogFailing: { job: JOB },
    }
    const tried = (input: (typeof bad)[string], alertname: string, isDue: boolean) => {
      const { severity, summary, description } = alerts.find(({ alert }) => alert === alertname)!
      const exp_labels = { severity, ...(due[alertname] ?? { job: JOB, instance: "a:1" }) }
      const exp_annotations = { summary: saying(summary), description: saying(description) }
      return {
        interval: "1m",
        input_series: input.map(([series, values]) => ({ series, values })),
        alert_rule_test: [{ eval_time: "28m", alertname, exp_alerts: isDue ? [{ exp_labels, exp_annotations }] : [] }],
      }
    }
    const names = alerts.map(({ alert }) => alert)
    const tests = names.flatMap((name) => [tried(bad[name]!, name, true), tried(well, name, false)])
    const spec = folder.at("tests.yml")
    writeFileSync(spec, JSON.stringify({ rule_files: [rules], evaluation_interval: "1m", tests }))
    const { stdout } = await run(tools!.promtool, ["test", "rules", spec])
    expect(stdout).toContain("SUCCESS")
  })
})

it("promtool takes the configuration that the guide shows", async () => {
  const [shown] = blocksOf(pageAt("src/cli/README.md").split("### Dashboard and alarms")[1]!, "yaml")
  const configuration = folder.at("prometheus.yml")
  writeFileSync(configuration, shown!)
  writeFileSync(folder.at("alerts.yml"), await printed("--alerts"))
  const { stdout } = await run(tools!.promtool, ["check", "config", "--lint-fatal", configuration])
  expect(stdout).toContain("1 rule files found")
})

describe("a server under a known load", () => {
  let server: RunningServer
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  let shown: Dashboard
  let [from, to] = [0, 0]
  /** What each series of the server rose by between the two times, and what it was at the second. */
  let [rose, now] = [[] as ReadonlyArray<Series>, [] as ReadonlyArray<Series>]

  const metricsText = async () => (await fetch(`${server.metricsUrl}/metrics`)).text()

  /** Requests that nobody can write for while somebody else holds the head: each ends with 503. */
  const whileHeld = async (app: Client, count: number): Promise<void> => {
    using database = new DatabaseSync(file)
    database.exec("BEGIN IMMEDIATE")
    await Promise.all(
      Array.from({ length: count }, () =>
        fetch(`${server.url}/register`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ redirect_uris: ["http://127.0.0.1:8123/callback"], client_name: app.client_id }),
        }),
      ),
    )
    database.exec("ROLLBACK")
  }

  /** So many logins, of which each is refreshed and retried; then some thefts, mistakes and faults. */
  const load = async (
    app: Client,
    { logins, thefts, mistakes, faults }: Record<"logins" | "thefts" | "mistakes" | "faults", number>,
  ) => {
    for (let count = 0; count < logins; count++) {
      const approved = await authorize(server.url, app)
      const { body } = await redeem(server.url, app, approved)
      await refresh(server.url, app, body.refresh_token)
      await refresh(server.url, app, body.refresh_token)
      if (count < thefts) await redeem(server.url, app, approved)
    }
    for (let count = 0; count < mistakes; count++) await refresh(server.url, { client_id: "nobody" }, "nothing")
    const { code, verifier } = await authorize(server.url, app)
    const form = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: REDIRECT_URI }
    const twice = [form, form].map((one) => ({ ...one, client_id: app.client_id }))
    // Both are begun before one of them is decided.
    expect(await postAtOnce(server.url, "/token", twice)).toEqual([200, 400])
    await whileHeld(app, faults)
  }

  beforeAll(async () => {
    if (tools === undefined) return
    shown = JSON.parse(await printed()) as Dashboard
    server = await serve(file, "--metrics-port", "0", "--checkpoint-interval", "1")
    const rules = await printed("--alerts")
    prometheus = await startPrometheus(tools.prometheus, folder.at("prometheus"), server, rules)
    const app = await register(server.url)
    await load(app, { logins: 1, thefts: 1, mistakes: 1, faults: 1 })
    from = await prometheus.nextScrape()
    const before = readExposition(await metricsText())
    await load(app, { logins: 5, thefts: 2, mistakes: 3, faults: 2 })
    const value = (series: ReadonlyArray<Series>, name: string) => series.find((one) => one.name === name)?.value
    now = await until(
      async () => readExposition(await metricsText()),
      (series) => value(series, "grantlog_checkpoint_entries") === value(series, "grantlog_log_entries"),
    )
    to = await prometheus.nextScrape()
    rose = risen(before, now)
  })
  afterAll(async () => {
    await prometheus?.stop()
    await server?.stop()
    folder[Symbol.dispose]()
  })

  /** A little more than the time between: a range that has both ends in it. */
  const asked = (expr: string): string =>
    expr
      .replaceAll(/\$__(?:rate_interval|range)/g, `${Math.round((to - from) * 1000) + 40}ms`)
      .replaceAll("$job", JOB)
      .replaceAll("$instance", ".+")

  const answered = async (title: string, index = 0): Promise<ReadonlyArray<Sample>> => {
    const panel = panelsOf(shown).find((one) => one.title === title)!
    return prometheus.query(asked(panel.targets[index]!.expr), to)
  }
  const keyed = (samples: ReadonlyArray<Sample>, labels: ReadonlyArray<string>, factor = 1) =>
    Object.fromEntries(samples.map((one) => [labels.map((label) => one.labels[label]).join(" "), one.value * factor]))

  const seconds = () => to - from
  /** Rates as the counts that they come from. */
  const counted = async (title: string, labels: ReadonlyArray<string>, index = 0) =>
    keyed(await answered(title, index), labels, seconds())
  const almost = (numbers: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, expect.closeTo(value, 0) as number]))

  const single = async (title: string, index = 0): Promise<number> => {
    const samples = await answered(title, index)
    expect(samples).toHaveLength(1)
    return samples[0]!.value
  }

  const judges: Readonly<Record<string, () => Promise<void>>> = {
    "Ready instances": async () => expect(await single("Ready instances")).toBe(1),
    "Thefts caught": async () => {
      const caught = keyed(await answered("Thefts caught"), ["reason"])
      expect(caught).toEqual(almost({ code_replayed: 3, refresh_token_reused: 0 }))
    },
    "Checkpoint age": async () =>
      expect(await single("Checkpoint age")).toSatisfy((age: number) => age >= 0 && age < 60),
    "Entries without a checkpoint": async () => expect(await single("Entries without a checkpoint")).toBe(0),
    "Requests by endpoint": async () => {
      const counts = await counted("Requests by endpoint", ["endpoint"])
      expect(counts).toEqual(almost({ "/token": 5 * 3 + 2 + 3 + 2, "/authorize": 6, "/register": 2 }))
    },
    "Errors by endpoint and code": async () => {
      const counts = await counted("Errors by endpoint and code", ["endpoint", "error"])
      expect(counts).toEqual(
        almost({ "/token invalid_grant": 3, "/token invalid_client": 3, "/register temporarily_unavailable": 2 }),
      )
    },
    "Failures of the server": async () =>
      expect(await counted("Failures of the server", ["endpoint", "status"])).toEqual(almost({ "/register 503": 2 })),
    Duration: async () => {
      for (const [index, share] of [0.5, 0.95, 0.99].entries()) {
        const [least, most] = bucketOf(rose, "grantlog_request_duration_seconds", share)
        const value = await single("Duration", index)
        expect([value >= least, value <= most]).toEqual([true, true])
      }
    },
    "Duration by endpoint": async () => {
      const durations = keyed(await answered("Duration by endpoint"), ["endpoint"])
      expect(Object.keys(durations).toSorted()).toEqual(["/authorize", "/register", "/token"])
      const [least, most] = bucketOf(
        rose,
        "grantlog_request_duration_seconds",
        0.95,
        ({ endpoint }) => endpoint === "/register",
      )
      expect([durations["/register"]! >= least, durations["/register"]! <= most]).toEqual([true, true])
      // It waited until nobody believed any more that the head would be free.
      expect(durations["/register"]).toBeGreaterThan(1)
    },
    "Passwords that wait": async () => expect(await single("Passwords that wait")).toBe(0),
    "Events by type": async () => {
      const counts = await counted("Events by type", ["type"])
      expect(counts).toEqual(almost(sums(rose, "grantlog_events_total", ["type"])))
      expect(counts).toMatchObject(almost({ GrantOpened: 6, RefreshTokenRotated: 5, ClientRegistered: 0 }))
    },
    "Lost replies and reuse": async () =>
      expect(await counted("Lost replies and reuse", ["type"])).toEqual(
        almost({ RefreshTokenRetried: 5, RefreshTokenReused: 0, AuthorizationCodeReplayed: 3 }),
      ),
    "Grants ended by reason": async () =>
      expect(await counted("Grants ended by reason", ["reason"])).toEqual(
        almost({ code_replayed: 3, refresh_token_reused: 0, client: 0, subject: 0, operator: 0 }),
      ),
    "Appends by outcome": async () =>
      expect(await counted("Appends by outcome", ["outcome"])).toEqual(
        almost(sums(rose, "grantlog_appends_total", ["outcome"])),
      ),
    "Conflicts, and decisions made again": async () => {
      const title = "Conflicts, and decisions made again"
      const [conflicts, again] = [await single(title, 0), await single(title, 1)].map((rate) => rate * seconds())
      const outcomes = sums(rose, "grantlog_appends_total", ["outcome"])
      expect(conflicts).toBeCloseTo(outcomes["WrongExpectedVersion"]! + outcomes["CheckFailed"]!, 0)
      expect(again).toBeCloseTo(sums(rose, "grantlog_redecisions_total", [])[""]!, 0)
      expect(Math.round(again!)).toBeGreaterThan(0)
    },
    "Appends that share a commit": async () => {
      const [sum, count] = ["sum", "count"].map((end) => sums(rose, `grantlog_commit_appends_${end}`, [])[""]!)
      expect(await single("Appends that share a commit", 0)).toBeCloseTo(sum! / count!, 3)
      const [least, most] = bucketOf(rose, "grantlog_commit_appends", 0.95)
      expect(await single("Appends that share a commit", 1)).toSatisfy(
        (value: number) => value >= least && value <= most,
      )
    },
    Entries: async () => {
      const { stdout } = await grantlogHere(["verify", "--json", "--store", `sqlite:${file}`])
      expect(await single("Entries")).toBe((JSON.parse(stdout) as { readonly size: number }).size)
    },
    "Size of the store": async () =>
      expect(await single("Size of the store")).toBeGreaterThanOrEqual(statSync(file).size),
    Memory: async () => expect(await single("Memory")).toBeGreaterThan(1e7),
    CPU: async () => {
      expect((await single("CPU")) * seconds()).toBeCloseTo(sums(rose, "process_cpu_seconds_total", [])[""]!, 0)
      expect(await single("CPU")).toBeGreaterThan(0)
    },
    "Running for": async () =>
      expect(await single("Running for")).toSatisfy((age: number) => age > seconds() && age < seconds() + 600),
    Versions: async () => expect(keyed(await answered("Versions"), ["version"])).toEqual({ "0.1.0": 1 }),
  }

  it("has every panel of the dashboard show what the load has done", async () => {
    expect(panelsOf(shown).map(({ title }) => title)).toEqual(Object.keys(judges))
    for (const [title, judge] of Object.entries(judges)) {
      await judge().catch((cause: unknown) => {
        throw new Error(`${title}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
      })
    }
  })

  it("has the alarm of a theft sound, and none of the others", async () => {
    const sounding = () => prometheus.query(`ALERTS{alertstate="firing"}`)
    await until(sounding, (found) => found.length > 0)
    expect((await sounding()).map(({ labels }) => [labels["alertname"], labels["reason"]])).toEqual([
      ["GrantlogTheftCaught", "code_replayed"],
    ])
  })

  it("has metrics that promtool finds nothing to say against", async () => {
    const child = spawn(tools!.promtool, ["check", "metrics"])
    child.stdin.end(await metricsText())
    const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect([said, complaints]).toEqual(["", ""])
  })
})
