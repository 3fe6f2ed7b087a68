/** Watching a server that runs: what its metrics and its access log say of what was done, and what they never say. */
import { existsSync, readFileSync, renameSync, statSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { authorize, introspect, redeem, refresh, register, revoke, type Client } from "./support/Wire.ts"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const accessLog = folder.at("access.log")
const PLANTED = "planted-7c1f"
const secrets: Array<string> = []
let server: RunningServer

/** The value of a series, `undefined` where there is none. */
const seriesOf = (text: string, name: string): number | undefined => {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}
const metrics = async () => (await fetch(`${server.metricsUrl}/metrics`)).text()

/** The lines of the log, once it has that many: it is written behind the answers. */
const lines = async (path: string, count: number): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>> => {
  for (;;) {
    const found = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : []
    if (found.length >= count) return found.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    await fetch(`${server.metricsUrl}/readyz`)
  }
}

beforeAll(async () => {
  server = await serve(
    file,
    "--metrics-port",
    "0",
    "--access-log",
    accessLog,
    "--checkpoint-interval",
    "1",
    ...["--drain-seconds", "600"],
  )
  const app = await register(server.url, { client_name: PLANTED })
  const service: Client = await grantlogJsonHere([
    ...["client", "add", "--name", PLANTED, "--audience", "http://localhost:9999/mcp", "--store", `sqlite:${file}`],
  ])
  const approved = await authorize(server.url, app, { state: PLANTED })
  const { body: first } = await redeem(server.url, app, approved)
  const { body: second } = await refresh(server.url, app, first.refresh_token!)
  // A lost reply, and then a theft: the token before the last, which no lost reply explains.
  await refresh(server.url, app, first.refresh_token!)
  const { body: third } = await refresh(server.url, app, second.refresh_token!)
  await refresh(server.url, app, first.refresh_token!)
  await introspect(server.url, service, third.access_token)
  await revoke(server.url, app, PLANTED)
  await fetch(`${server.url}/${PLANTED}?token=${PLANTED}`, { headers: { "user-agent": PLANTED } })
  await fetch(`${server.url}/authorize?client_id=${PLANTED}&state=${PLANTED}`)
  secrets.push(PLANTED, approved.code, approved.verifier, app.client_id, service.client_secret!)
  secrets.push(...[first, second, third].flatMap((tokens) => [tokens.access_token, tokens.refresh_token!]))
})
afterAll(async () => {
  await server.kill()
  folder[Symbol.dispose]()
})

describe("the metrics", () => {
  it("are what was done: requests by endpoint and error, retries told from thefts, what was ended", async () => {
    const text = await metrics()
    const token = `grantlog_requests_total{endpoint="/token",method="POST",status=`
    expect(seriesOf(text, `${token}"200",error=""}`)).toBe(4)
    expect(seriesOf(text, `${token}"400",error="invalid_grant"}`)).toBe(1)
    expect(seriesOf(text, `grantlog_request_duration_seconds_count{endpoint="/token"}`)).toBe(5)
    expect(seriesOf(text, `grantlog_requests_total{endpoint="none",method="GET",status="404",error="not_found"}`)).toBe(
      1,
    )
    expect(seriesOf(text, `grantlog_events_total{type="RefreshTokenRetried"}`)).toBe(1)
    expect(seriesOf(text, `grantlog_events_total{type="RefreshTokenReused"}`)).toBe(1)
    expect(seriesOf(text, `grantlog_grants_revoked_total{reason="refresh_token_reused"}`)).toBe(1)
    expect(seriesOf(text, `grantlog_grants_revoked_total{reason="client"}`)).toBe(0)
    expect(seriesOf(text, "grantlog_commit_appends_count")).toBeGreaterThan(4)
    expect(seriesOf(text, "grantlog_store_bytes")).toBeGreaterThanOrEqual(statSync(file).size)
    expect(seriesOf(text, "process_resident_memory_bytes")).toBeGreaterThan(1e7)
  })

  it("count what this instance appended, and show the whole log", async () => {
    const text = await metrics()
    const counted = [...text.matchAll(/^grantlog_events_total\{[^}]*\} (\d+)$/gm)].map(([, value]) => Number(value))
    const { size } = await grantlogJsonHere<{ size: number }>(["verify", "--store", `sqlite:${file}`])
    expect(seriesOf(text, "grantlog_log_entries")).toBe(size)
    // The client was added by another process.
    expect(counted.reduce((sum, value) => sum + value, 0)).toBe(size - 1)
  })

  it("are for GET alone, at an address that answers nothing else", async () => {
    expect((await fetch(`${server.metricsUrl}/metrics`, { method: "POST" })).status).toBe(405)
    expect((await fetch(`${server.metricsUrl}/token`)).status).toBe(404)
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404)
  })
})

describe("the access log", () => {
  it("has a line for each request, with the id that the log knows it by", async () => {
    const said = await lines(accessLog, 11)
    expect(said.slice(0, 3)).toMatchObject([
      { method: "POST", endpoint: "/register", status: 201 },
      { method: "GET", endpoint: "/authorize", status: 303 },
      { method: "POST", endpoint: "/token", status: 200 },
    ])
    const refused = said.find(({ status, endpoint }) => endpoint === "/token" && status === 400)
    expect(refused).toMatchObject({ error: "invalid_grant", millis: expect.any(Number) as number })
    // What a request waited for is said of those that waited.
    const [registered, authorized] = said
    expect(registered).toMatchObject({ append_millis: expect.any(Number) as number })
    expect(registered!["append_millis"]).toBeLessThanOrEqual(registered!["millis"] as number)
    expect(authorized).not.toHaveProperty("password_millis")
    const { stdout } = await grantlogHere(["history", "--json", "--store", `sqlite:${file}`])
    expect(stdout).toContain(refused!["request_id"] as string)
    expect(statSync(accessLog).mode & 0o777).toBe(0o600)
  })

  it("goes on in a new file once the old one was moved and SIGHUP came", async () => {
    const moved = folder.at("access.log.1")
    const before = (await lines(accessLog, 11)).length
    renameSync(accessLog, moved)
    process.kill(server.pid, "SIGHUP")
    await lines(accessLog, 0)
    while (!existsSync(accessLog)) await fetch(`${server.metricsUrl}/readyz`)
    await fetch(`${server.url}/healthz`)
    expect(await lines(accessLog, 1)).toMatchObject([{ endpoint: "/healthz", status: 200 }])
    expect(await lines(moved, before)).toHaveLength(before)
  })
})

it("nothing of what clients and people sent is in any of it", async () => {
  await lines(accessLog, 1)
  const all = [await metrics(), readFileSync(accessLog, "utf8"), readFileSync(folder.at("access.log.1"), "utf8")].join()
  expect(secrets).toHaveLength(11)
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
  expect(all).not.toContain("127.0.0.1")
  expect(server.complaints()).not.toContain(PLANTED)
})

it("a server that is told to stop says that it is not ready, and answers until it has drained", async () => {
  expect(await (await fetch(`${server.metricsUrl}/readyz`)).text()).toBe("ready\n")
  process.kill(server.pid, "SIGTERM")
  let ready: Response
  do ready = await fetch(`${server.metricsUrl}/readyz`)
  while (ready.status === 200)
  expect([ready.status, await ready.text()]).toEqual([503, "stopping\n"])
  expect((await fetch(`${server.url}/.well-known/oauth-authorization-server`)).status).toBe(200)
})

it("an access log that cannot be written is told before anything is served", async () => {
  const { code, stderr } = await grantlogHere([
    "serve",
    "--store",
    "memory:",
    "--port",
    "0",
    "--access-log",
    folder.at("."),
  ])
  expect([code, stderr]).toEqual([1, expect.stringContaining("the access log")])
})
