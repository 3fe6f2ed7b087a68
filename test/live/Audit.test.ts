/** Asking a log while a server writes it: every command of the audit, for people and for programs. */
import { hash } from "node:crypto"
import { once } from "node:events"
import { readFileSync, statSync } from "node:fs"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Alarm, BlastRadius, Explained, EventLine } from "../../src/audit/index.ts"
import { endOf, grantlog, grantlogJson, startGrantlog, type Ran } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { authorize, grantOf, login, redeem, refresh, register, type Client, type Tokens } from "./support/Wire.ts"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
const digestOf = (secret: string) => hash("sha256", secret, "base64url")

let server: RunningServer
let client: Client
let stolen: Tokens
let successor: Tokens

beforeAll(async () => {
  server = await serve(file, "--refresh-retry-window", "0")
  client = await register(server.url)
  stolen = await login(server.url, client)
  successor = (await refresh(server.url, client, stolen.refresh_token)).body
  const thief = await refresh(server.url, client, stolen.refresh_token)
  expect(thief.status).toBe(400)
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const run = (args: ReadonlyArray<string>, input?: string): Promise<Ran> =>
  grantlogHere([...args, ...store], input === undefined ? {} : { input })
const json = <A>(args: ReadonlyArray<string>, input?: string): Promise<A> =>
  grantlogJsonHere<A>([...args, ...store], input === undefined ? {} : { input })

/** Nothing that anybody could present. */
const expectNoSecret = ({ stdout, stderr }: Ran): void => {
  for (const { access_token, refresh_token } of [stolen, successor]) {
    for (const secret of [access_token, refresh_token, access_token.slice(26), refresh_token.slice(26)]) {
      expect(stdout).not.toContain(secret)
      expect(stderr).not.toContain(secret)
    }
  }
}

describe("explain", () => {
  it("tells from standard input what became of a stolen token, and never shows it", async () => {
    const ran = await run(["explain"], `${stolen.refresh_token}\n`)
    expect([ran.code, ran.stderr]).toEqual([0, ""])
    expectNoSecret(ran)
    expect(ran.stdout).toContain(`refresh token with SHA-256 ${digestOf(stolen.refresh_token)}`)
    expect(ran.stdout).toMatch(/^DEAD since \d{4}-\d\d-\d\dT[\d:.]+Z: /m)
    for (const part of ["refresh-token-reused", "where it came from", "what to do next", "how to prove it"]) {
      expect(ran.stdout).toContain(part)
    }
    expect(ran.stdout).not.toContain("\u001b")
    const data = await json<Explained>(["explain", digestOf(successor.access_token)])
    expect(data).toMatchObject({
      isOurs: true,
      kind: "access token",
      clientId: client.client_id,
      standing: { status: "dead", cause: { rule: "refresh-token-reused" } },
    })
  })

  it("leaves an index beside the database that is its owner's alone and knows no secret", async () => {
    await grantlog(["explain", client.client_id, ...store])
    expect((statSync(`${file}.audit`).mode & 0o777).toString(8)).toBe("600")
    const bytes = readFileSync(`${file}.audit`).toString("latin1")
    expect(bytes).not.toContain(stolen.refresh_token.slice(26))
  })

  it("refuses a token among the arguments of any command with exit code 2, without repeating it", async () => {
    const calls = [
      ["explain", stolen.refresh_token],
      ["explain", "--whatever", `Bearer ${stolen.access_token}`],
      ["blast-radius", successor.access_token],
      ["history", "--grant", stolen.access_token],
      ["grant", "show", stolen.access_token],
      ["at", "3", "explain", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"],
    ]
    for (const ran of await Promise.all(calls.map((args) => run(args)))) {
      expect([ran.code, ran.stdout]).toEqual([2, ""])
      expect(ran.stderr).toMatch(/^grantlog: a token or secret is among the arguments[^\n]+\n$/)
      expectNoSecret(ran)
    }
  })

  it("ends with 1 for what is not ours and with 2 for nothing at all, in a line", async () => {
    const foreign = await run(["explain"], "ghp_0123456789abcdef0123456789abcdef0123\n")
    expect(foreign.code).toBe(1)
    expect(foreign.stderr).toMatch(/^grantlog: [^\n]+\n$/)
    expect(foreign.stdout + foreign.stderr).not.toContain("ghp_")
    const ran = await run(["explain", "--json"], "ghp_0123456789abcdef0123456789abcdef0123\n")
    expect(ran.code).toBe(1)
    expect(JSON.parse(ran.stdout)).toMatchObject({ isOurs: false })
    expect(await run(["explain"], "")).toMatchObject({ code: 2, stdout: "" })
    expect(await run(["explain", client.client_id, "--json", "--html"])).toMatchObject({ code: 2, stdout: "" })
    expect(await grantlogHere(["explain", "x", "--store", `sqlite:${folder.at("none.db")}`])).toMatchObject({ code: 1 })
  })

  it("is one page without script or network as --html", async () => {
    const ran = await run(["explain", "--html"], stolen.refresh_token)
    expect([ran.code, ran.stderr]).toEqual([0, ""])
    expectNoSecret(ran)
    expect(ran.stdout).toMatch(/^<!doctype html>/)
    expect(ran.stdout).not.toMatch(/<script|<link|<img|src=|href=/)
    expect(ran.stdout).toContain("refresh-token-reused")
  })
})

describe("at", () => {
  it("explains as of a position and as of a time: what is dead now was alive then", async () => {
    const now = await json<Explained>(["explain"], stolen.refresh_token)
    const spentAt = now.chain[0]!
    const before = await json<Explained>(["at", String(spentAt.position - 1), "explain"], stolen.refresh_token)
    expect(before.standing.status).toBe("alive")
    const later = await json<Explained>(["at", "0s", "explain"], stolen.refresh_token)
    expect(later.standing).toEqual(now.standing)
    const early = await run(["at", "2020-01-01", "explain", digestOf(stolen.refresh_token)])
    expect([early.code, early.stderr]).toEqual([
      1,
      "grantlog: nothing of that name or digest was ever issued or registered here\n",
    ])
    expect(await run(["at", "yesterday", "explain", client.client_id])).toMatchObject({ code: 2, stdout: "" })
    expect(await run(["at", "999999", "explain", client.client_id])).toMatchObject({ code: 1, stdout: "" })
  })
})

interface Page {
  readonly entries: ReadonlyArray<EventLine & { readonly stream: string }>
  readonly before: number | null
  readonly after: number | null
}

describe("history", () => {
  it("finds by whatever it was about, page by page, and says when there is more", async () => {
    const grantId = grantOf(stolen.access_token)
    const all = await json<Page>(["history", "--grant", grantId])
    expect(all.entries.map(({ type }) => type).slice(0, 2)).toEqual(["GrantRevoked", "RefreshTokenReused"])
    expect([all.before, all.after]).toEqual([null, null])
    const first = await json<Page>(["history", "--grant", grantId, "--limit", "3"])
    expect(first.entries).toEqual(all.entries.slice(0, 3))
    const rest = await json<Page>(["history", "--grant", grantId, "--before", String(first.before)])
    expect(rest.entries).toEqual(all.entries.slice(3))

    const { correlationId } = all.entries[0]!
    const request = await json<Page>(["history", "--correlation", correlationId, "--reverse"])
    expect(request.entries.map(({ type }) => type)).toEqual(["RefreshTokenReused", "GrantRevoked"])
    const byClient = await json<Page>(["history", "--client", client.client_id, "--type", "RefreshTokenReused"])
    expect(byClient.entries).toEqual([request.entries[0]])
    expect((await json<Page>(["history", "--until", "1d"])).entries).toEqual([])
    const reused = await json<Page>(["history", "--since", "1h", "--type", "RefreshTokenReused"])
    expect(reused.entries).toEqual([request.entries[0]])

    const shown = await run(["history", "--grant", grantId, "--limit", "1"])
    expect(shown.stdout).toMatch(/^#\d+ {2}\d{4}-[\dT:.-]+Z {2}[^\n]+\n$/)
    expect(shown.stderr).toMatch(/^there is more: --before \d+\n$/)
    const local = await grantlog(["history", "--grant", grantId, "--limit", "1", "--local", ...store], {
      env: { TZ: "Asia/Kathmandu" },
    })
    expect(local.stdout).toContain("+05:45")
    for (const args of [
      ["--since", "soon"],
      ["--type", "Nothing"],
      ["--limit", "0"],
      ["--follow", "--until", "1h"],
    ]) {
      expect(await run(["history", ...args])).toMatchObject({ code: 2, stdout: "" })
    }
  })

  it("--follow goes on with what the server writes, until it is told to stop", async () => {
    const follower = startGrantlog(["history", "--type", "AuthorizationCodeIssued", "--follow", "--json", ...store])
    follower.stdin.end()
    const lines = createInterface(follower.stdout)
    await once(lines, "line")
    const next = once(lines, "line")
    const { code } = await authorize(server.url, client)
    const [line] = (await next) as [string]
    expect(JSON.parse(line)).toMatchObject({ type: "AuthorizationCodeIssued", event: { digest: digestOf(code) } })
    follower.kill("SIGTERM")
    expect(await endOf(follower)).toBe(0)
  })
})

describe("blast-radius", () => {
  it("shows what is alive as a tree, ends nothing unless told twice, and then all of it", async () => {
    const other = await register(server.url)
    const [one, two] = [await login(server.url, other), await login(server.url, other)]
    const outside = await login(server.url, client)
    const id = other.client_id
    const found = await json<BlastRadius>(["blast-radius", id])
    expect(found.counts).toMatchObject({ grants: 2, clients: 1, refreshTokens: 2, accessTokens: 2 })
    const tree = await run(["blast-radius", id])
    expect(tree.stdout).toMatch(new RegExp(`^client ${id}  2 grants of 1 client and 1 subject`))
    expect(tree.stdout).toContain(`└─ client ${id}  2 grants`)

    const dry = await run(["blast-radius", id, "--revoke"])
    expect([dry.code, dry.stderr]).toEqual([0, ""])
    expect(dry.stdout).toContain("nothing was changed: 2 grants would end; give --yes to end them")
    expect((await json<BlastRadius>(["blast-radius", id])).counts.grants).toBe(2)

    const done = await run(["blast-radius", id, "--revoke", "--yes"])
    expect(done).toEqual({ code: 0, stdout: "2 grants ended; left: 0\n", stderr: "" })
    for (const { refresh_token } of [one, two]) {
      expect((await refresh(server.url, other, refresh_token)).status).toBe(400)
    }
    expect((await refresh(server.url, client, outside.refresh_token)).status).toBe(200)
    const since = await json<BlastRadius>(["blast-radius", "--since", "1h"])
    expect(since.grants.map(({ grantId }) => grantId)).toContain(grantOf(outside.access_token))
    for (const args of [[], [id, "--yes"], ["--since", "never"]]) {
      expect(await run(["blast-radius", ...args])).toMatchObject({ code: 2, stdout: "" })
    }
    expect(await run(["blast-radius", "nobody"])).toMatchObject({ code: 1, stdout: "" })
  })
})

describe("blast-radius --since", () => {
  it("spares a grant that was opened before, also when it is named, and when it is to be ended", async () => {
    const other = await register(server.url)
    const { access_token, refresh_token } = await login(server.url, other)
    const id = grantOf(access_token)
    const [grant] = (await json<BlastRadius>(["blast-radius", id])).grants
    const since = (millis: number) => ["--since", new Date(millis).toISOString()]
    const [then, later] = [since(grant!.openedAt), since(grant!.openedAt + 1)]
    for (const named of [id, digestOf(access_token), other.client_id]) {
      expect((await json<BlastRadius>(["blast-radius", named, ...then])).counts.grants).toBe(1)
      expect((await json<BlastRadius>(["blast-radius", named, ...later])).counts.grants).toBe(0)
      const ended = await run(["blast-radius", named, ...later, "--revoke", "--yes"])
      expect(ended).toEqual({ code: 0, stdout: "0 grants ended; left: 0\n", stderr: "" })
    }
    const next = await refresh(server.url, other, refresh_token)
    expect(next.status).toBe(200)
    const ended = await run(["blast-radius", id, ...then, "--revoke", "--yes"])
    expect(ended).toEqual({ code: 0, stdout: "1 grants ended; left: 0\n", stderr: "" })
  })
})

describe("watch", () => {
  it("reports a theft that the server finds while it watches, as a line", async () => {
    const watcher = startGrantlog(["watch", "--json", "--after", "-1", ...store])
    watcher.stdin.end()
    const lines = createInterface(watcher.stdout)
    const [before] = (await once(lines, "line")) as [string]
    expect(JSON.parse(before)).toMatchObject({ alarm: "reuse", grantId: grantOf(stolen.access_token) })
    const next = once(lines, "line")
    const authorized = await authorize(server.url, client)
    await redeem(server.url, client, authorized)
    await redeem(server.url, client, authorized)
    const alarm = JSON.parse(((await next) as [string])[0]) as Alarm
    expect(alarm).toMatchObject({ alarm: "replay", type: "AuthorizationCodeReplayed", actor: client.client_id })
    const complaints = text(watcher.stderr)
    watcher.kill("SIGTERM")
    expect([await endOf(watcher), await complaints]).toEqual([0, expect.stringMatching(/^watching sqlite:[^\n]*\n$/)])
  })
})

it("two processes may bring the index up to date at once, beside the server", async () => {
  await Promise.all([login(server.url, client), login(server.url, client)])
  const both = await Promise.all([1, 2, 3].map(() => grantlogJson<Page>(["history", "--limit", "10000", ...store])))
  const counts = both.map(({ entries }) => entries.length)
  expect(new Set(counts).size).toBe(1)
  expect(both[0]!.entries.map(({ position }) => position)).toEqual(
    both[0]!.entries.map((_, index) => counts[0]! - 1 - index),
  )
})
