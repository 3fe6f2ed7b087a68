/** What is counted of a store, whichever it is: appends, commits, conflicts, decisions made again, entries and bytes. */
import { afterAll, describe, expect, it } from "vitest"
import { postAtOnce } from "./support/AtOnce.ts"
import { databases, hasPostgres } from "./support/Databases.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serveAs, type RunningServer } from "./support/ServeProcess.ts"
import { authorize, redeem, register } from "./support/Wire.ts"

const folder = temporaryFolder()
const made = databases()
afterAll(async () => {
  await made.drop()
  folder[Symbol.dispose]()
})

const stores: ReadonlyArray<readonly [name: string, open: () => Promise<RunningServer>]> = [
  ["memory", () => serveAs("--store", "memory:", "--metrics-port", "0")],
  ["SQLite", () => serveAs("--store", `sqlite:${folder.at("grantlog.db")}`, "--metrics-port", "0")],
  ...(hasPostgres
    ? ([
        [
          "PostgreSQL",
          async () =>
            serveAs(
              ...["--store", await made.make(), "--beside", await made.make()],
              ...["--keys-file", folder.at("keys.json"), "--metrics-port", "0"],
            ),
        ],
      ] as const)
    : []),
]

describe.each(stores)("%s", (name, open) => {
  it("tells what was appended, in how many commits, and what was decided again", async () => {
    await using server = await open()
    const app = await register(server.url)
    const approved = await authorize(server.url, app)
    const { body } = await redeem(server.url, app, approved)
    const form = { grant_type: "refresh_token", refresh_token: body.refresh_token, client_id: app.client_id }
    expect(await postAtOnce(server.url, "/token", [form, form, form, form])).toEqual([200, 200, 200, 200])
    const text = await (await fetch(`${server.metricsUrl}/metrics`)).text()
    const value = (series: string) =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${series} `))
          ?.split(" ")
          .at(-1),
      )
    expect(value(`grantlog_events_total{type="RefreshTokenRotated"}`)).toBe(1)
    expect(value(`grantlog_events_total{type="RefreshTokenRetried"}`)).toBe(3)
    const conflicts = ["WrongExpectedVersion", "CheckFailed"].map((outcome) =>
      value(`grantlog_appends_total{outcome="${outcome}"}`),
    )
    expect(value("grantlog_redecisions_total")).toBe(conflicts[0]! + conflicts[1]!)
    // In memory a commit is made before another request is looked at.
    expect(value("grantlog_redecisions_total") > 0).toBe(name !== "memory")
    const appended = value(`grantlog_appends_total{outcome="Appended"}`)
    expect(value("grantlog_commit_appends_sum")).toBe(appended)
    expect(value("grantlog_commit_appends_count")).toBeLessThanOrEqual(appended)
    expect(value("grantlog_log_entries")).toBeGreaterThan(appended)
    expect(value("grantlog_store_bytes") > 0).toBe(name !== "memory")
    expect(value("grantlog_ready")).toBe(1)
    expect(value(`grantlog_build_info{version="0.1.0"}`)).toBe(1)
    expect(value("process_start_time_seconds")).toBeLessThan(Date.now() / 1000)
  })
})
