/**
 * Every command beside a server that runs: what it does, what it prints for people and for programs, and how it ends.
 *
 * What is about a process of its own, its environment or its end, is run in one.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantlog, grantlogJson, MAIN, type Ran } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { grantOf, introspect, login, refresh, register, type Client, type Tokens } from "./support/Wire.ts"

const RESOURCE = "http://localhost:9999/mcp"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
let server: RunningServer

beforeAll(async () => {
  server = await serve(file)
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const run = (...args: ReadonlyArray<string>): Promise<Ran> => grantlogHere([...args, ...store])
const json = <A = Readonly<Record<string, unknown>>>(...args: ReadonlyArray<string>): Promise<A> =>
  grantlogJsonHere<A>([...args, ...store])

/** What a command lists, to its end. */
const list = async (kind: "client" | "grant" | "user", ...args: ReadonlyArray<string>) => {
  const page = await json<Readonly<Record<string, unknown>>>(kind, "list", ...args)
  expect(page["after"]).toBeNull()
  return page[{ client: "clients", grant: "grants", user: "accounts" }[kind]] as ReadonlyArray<
    Readonly<Record<string, unknown>>
  >
}

/** That a command failed with one line on standard error, and nothing else anywhere. */
const expectLine = ({ code, stdout, stderr }: Ran, expected: { readonly code: 1 | 2; readonly line: RegExp }): void => {
  expect(stderr).toMatch(/^grantlog: [^\n]+\n$/)
  expect(stderr).toMatch(expected.line)
  expect(stdout).toBe("")
  expect(code).toBe(expected.code)
}

const groups = {
  client: ["add", "list", "show", "disable", "enable", "delete", "rotate-secret"],
  grant: ["list", "show", "revoke"],
  user: ["add", "list", "disable", "enable"],
}
describe("help", () => {
  it("of the whole names every command; the version is the package's", async () => {
    const [whole, version] = await Promise.all([grantlogHere(["--help"]), grantlog(["--version"])])
    expect([whole.code, whole.stderr]).toEqual([0, ""])
    for (const name of ["serve", "rebuild", ...Object.keys(groups)]) expect(whole.stdout).toMatch(`\n  ${name} `)
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      readonly version: string
    }
    expect(version).toEqual({ code: 0, stdout: `grantlog v${manifest.version}\n`, stderr: "" })
  })

  it("of a group names what it does to its things, each with a line", async () => {
    for (const [group, names] of Object.entries(groups)) {
      const { code, stdout, stderr } = await grantlogHere([group, "--help"])
      expect([code, stderr]).toEqual([0, ""])
      for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} +[A-Z].+$`, "m"))
    }
  })

  it("of whatever deals with secrets offers no flag that takes one: argv can be read by everybody", async () => {
    const dealers = [["serve"], ["client", "add"], ["client", "rotate-secret"], ["user", "add"]]
    for (const { stdout } of await Promise.all(dealers.map((names) => grantlogHere([...names, "--help"])))) {
      const flags = [...stdout.matchAll(/^ {2}--([a-z-]+)(?: (string|integer))?/gm)].map(([, name, value]) => ({
        name: name!,
        takesValue: value !== undefined,
      }))
      expect(flags.length).toBeGreaterThan(3)
      // The key of a witness is public: its cosignatures are verified with it.
      expect(
        flags.filter(
          ({ name, takesValue }) => takesValue && /secret(?!-ttl$)|password|(?<!witness-)key(?!s-file$)/.test(name),
        ),
      ).toEqual([])
    }
  })
})

describe("client", () => {
  it("add makes a public client without secret, which can log in at once", async () => {
    const redirect = ["--redirect-uri", "http://127.0.0.1:8123/callback", "--redirect-uri", "https://app.example/cb"]
    const client = await json<Client>("client", "add", "--name", "app", "--public", "--scope", "read", ...redirect)
    expect(client).toMatchObject({
      client_name: "app",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: ["http://127.0.0.1:8123/callback", "https://app.example/cb"],
      scope: "read",
    })
    expect(client).not.toHaveProperty("client_secret")
    expect(await login(server.url, client)).toMatchObject({ scope: "read" })
  })

  it("add with an audience makes a resource server that sees tokens for exactly that", async () => {
    const audience = await json<Client>("client", "add", "--name", "rs", "--audience", RESOURCE)
    const client = await register(server.url)
    const inside = await login(server.url, client, { resource: RESOURCE })
    const outside = await login(server.url, client, { resource: `${RESOURCE}/below` })
    expect((await introspect(server.url, audience, inside.access_token)).body.active).toBe(true)
    expect((await introspect(server.url, audience, outside.access_token)).body).toEqual({ active: false })
  })

  it("list, show, disable, enable, rotate-secret and delete go with one client through its life", async () => {
    const added = await run("client", "add", "--name", "backend job", "--client-id", "job")
    expect([added.code, added.stderr]).toEqual([0, ""])
    expect(added.stdout).toMatch(/^client_id +job$/m)
    const secret = /^client_secret +(gls_\w{43})$/m.exec(added.stdout)![1]!
    const [listed, shown, table] = await Promise.all([
      list("client"),
      json("client", "show", "job"),
      run("client", "list"),
    ])
    expect(listed).toContainEqual(expect.objectContaining({ client_id: "job", name: "backend job", status: "enabled" }))
    expect(shown).toMatchObject({ clientId: "job", hasSecret: true, origin: "operator" })
    expect(table.stdout).toMatch(/^client_id +name +status/)
    for (const text of [JSON.stringify([listed, shown]), table.stdout]) expect(text).not.toContain(secret)

    expect((await run("client", "disable", "job")).stdout).toBe('client job ("backend job") is disabled\n')
    expect(await json("client", "show", "job")).toMatchObject({ status: "disabled" })
    expect(await json("client", "enable", "job")).toEqual({
      client_id: "job",
      client_name: "backend job",
      done: "enabled",
    })
    const rotated = await json<Client>("client", "rotate-secret", "job")
    const token = (client_secret: string) => selfToken({ client_id: "job", client_secret })
    expect([await token(secret), await token(rotated.client_secret!)]).toEqual([401, 200])
    expect((await run("client", "delete", "job")).stdout).toBe('client job ("backend job") is deleted\n')
    expect(await token(rotated.client_secret!)).toBe(401)
    expect(await list("grant", "--client", "job")).toMatchObject([{ status: "ended" }])
    expectLine(await run("client", "show", "job"), { code: 1, line: /there is no client `job`/ })
    expectLine(await run("client", "add", "--name", "again", "--client-id", "job"), { code: 1, line: /taken/ })
  })
})

/** The status of a client-credentials request. */
const selfToken = async ({ client_id, client_secret }: Client): Promise<number> => {
  const { status, body } = await fetch(`${server.url}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  })
  await body?.cancel()
  return status
}

describe("grant", () => {
  it("list finds it by client and by user, show draws it as a tree from the log, revoke ends it", async () => {
    const client = await register(server.url)
    const tokens = await login(server.url, client)
    const next = (await refresh(server.url, client, tokens.refresh_token)).body as Tokens
    const grantId = grantOf(tokens.access_token)

    const [byClient, byUser, tree, entries] = await Promise.all([
      list("grant", "--client", client.client_id),
      json<{ readonly grants: ReadonlyArray<unknown> }>("grant", "list", "--user", "alice", "--limit", "1"),
      run("grant", "show", grantId),
      json<{ readonly entries: ReadonlyArray<{ readonly event: { readonly _tag: string } }> }>(
        "grant",
        "show",
        grantId,
      ),
    ])
    expect(byClient).toEqual([expect.objectContaining({ grant_id: grantId, status: "open", scope: "read" })])
    expect(byUser.grants).toHaveLength(1)
    expect(entries).toMatchObject({ olderCount: 0, before: null })
    expect(entries.entries.map(({ event }) => event._tag)).toEqual([
      "GrantOpened",
      "AuthorizationCodeIssued",
      "AuthorizationCodeRedeemed",
      "AccessTokenIssued",
      "RefreshTokenIssued",
      "RefreshTokenRotated",
      "AccessTokenIssued",
    ])
    const [first, ...lines] = tree.stdout.trimEnd().split("\n")
    expect(first).toBe(`grant-${grantId}`)
    expect(lines).toHaveLength(entries.entries.length)
    expect(lines.find((line) => line.includes("RefreshTokenRotated"))).toMatch(/^│ {5}├─ .*generation 2/)
    for (const secret of [tokens.access_token, tokens.refresh_token, next.refresh_token]) {
      expect(tree.stdout + JSON.stringify(entries)).not.toContain(secret)
    }

    expect((await run("grant", "revoke", grantId)).stdout).toBe(`grant ${grantId} is revoked: nothing of it is alive\n`)
    expect((await refresh(server.url, client, next.refresh_token)).body.error).toBe("invalid_grant")
    expect(await list("grant", "--client", client.client_id)).toMatchObject([{ status: "revoked" }])
  })
})

describe("user", () => {
  it("add, list, disable and enable keep accounts; a password is read from standard input and shown nowhere", async () => {
    const password = "the password of carol"
    const options = { input: `${password}\n` }
    const added = await grantlog(["user", "add", "carol", "--password-stdin", ...store], options)
    expect(added.code).toBe(0)
    expect(await list("user")).toContainEqual(
      expect.objectContaining({ name: "carol", status: "enabled", password: "set" }),
    )
    expect(await json("user", "disable", "carol")).toEqual({ name: "carol", done: "disabled" })
    const disabled = await run("user", "list")
    expect(disabled.stdout).toMatch(/^carol +sub_\w+ +disabled +set/m)
    expect((await run("user", "enable", "carol")).stdout).toBe("account carol is enabled\n")
    expect(added.stdout + disabled.stdout).not.toContain(password)

    expectLine(await run("user", "add", "carol"), { code: 1, line: /the name `carol` is taken/ })
    const short = await grantlog(["user", "add", "dave", "--password-stdin", ...store], { input: "short" })
    expectLine(short, { code: 1, line: /at least 8 characters/ })
  })

  it("disable ends the sessions of the account, and enable does not bring them back", async () => {
    const client = await register(server.url)
    const tokens = await login(server.url, client)
    await json("user", "disable", "alice")
    expect((await refresh(server.url, client, tokens.refresh_token)).body.error).toBe("invalid_grant")
    await json("user", "enable", "alice")
    expect((await refresh(server.url, client, tokens.refresh_token)).body.error).toBe("invalid_grant")
    expect(await list("grant", "--client", client.client_id)).toMatchObject([{ status: "ended" }])
    expect(await login(server.url, client)).toMatchObject({ token_type: "Bearer" })
  })
})

describe("rebuild", () => {
  it("finds every row as served, and says so to people and to programs", async () => {
    const said = await run("rebuild")
    expect(said.stdout).toMatch(/^\d+ entries folded into \d+ rows; all of them were as served\n$/)
    expect(await json("rebuild")).toMatchObject({ differingRowCount: 0, entryCount: expect.any(Number) })
  })
})

describe("flags", () => {
  it("come before GRANTLOG_ variables, and these before the defaults", async () => {
    const env = { GRANTLOG_STORE: `sqlite:${file}` }
    const byEnvironment = await grantlogJson<{ readonly clients: ReadonlyArray<unknown> }>(["client", "list"], { env })
    expect(byEnvironment.clients.length).toBeGreaterThan(0)
    const byFlag = await grantlog(["client", "list", "--store", "sqlite:/nowhere/at-all.db"], { env })
    expectLine(byFlag, { code: 1, line: /at-all\.db` does not exist yet/ })
    expectLine(await grantlog(["serve"], { env: { GRANTLOG_PORT: "many" } }), { code: 2, line: /GRANTLOG_PORT/ })
  })

  it("set what is served: scopes, defaults, lifetimes, resources, how many clients register themselves", async () => {
    const flags = ["--scopes", "a b c", "--default-scopes", "a b", "--access-token-ttl", "120", "--resource", RESOURCE]
    const more = ["--refresh-retry-window", "7", "--max-dynamic-clients", "1"]
    await using configured = await serve(folder.at("flags.db"), ...flags, ...more)
    const client = await register(configured.url)
    expect(await register(configured.url)).toMatchObject({ error: "access_denied" })
    expect(await login(configured.url, client)).toMatchObject({ scope: "a b", expires_in: 120 })
    const response = await fetch(`${configured.url}/.well-known/oauth-authorization-server`)
    expect(await response.json()).toMatchObject({
      issuer: configured.issuer,
      scopes_supported: ["a", "b", "c"],
      grantlog_refresh_retry_window: { public: 7, confidential: 7 },
    })
    await expect(login(configured.url, client, { resource: `${RESOURCE}/other` })).rejects.toThrow()
    expect(await login(configured.url, client, { resource: RESOURCE })).toMatchObject({ scope: "a b" })
  })
})

describe("wrong usage ends with 2, one line and no stack trace", () => {
  it.for<readonly [ReadonlyArray<string>, RegExp]>([
    [["frobnicate"], /Unknown subcommand "frobnicate"/],
    [["client", "add"], /--name/],
    [["client", "show"], /client-id/],
    [["serve", "--colour", "red"], /--colour/],
    [
      ["key", "retire", "-Zk9"],
      /^grantlog: a word with a hyphen in front [^;]* goes last, behind `--` \(try grantlog key/,
    ],
    [["serve", "--port", "many"], /--port/],
    [["user", "add", "a\nb"], /<name>/],
    [["serve", "--store", "postgres:here"], /neither sqlite:FILE, postgres:\/\/… nor memory:/],
    [["serve", "--port", "70000", "--store", "memory:"], /--port `70000` is not between/],
    [["serve", "--host", "0.0.0.0", "--auto-approve", "alice", "--store", "memory:"], /for this machine/],
    [["client", "add", "--name", "x", "--public"], /needs --redirect-uri/],
  ])("%j", async ([args, line]) => {
    expectLine(await grantlogHere(args), { code: 2, line })
  })
})

describe("what cannot be served ends with 1, one line and no stack trace", () => {
  const memory = ["serve", "--port", "0", "--store", "memory:"]
  it.concurrent.for<readonly [ReadonlyArray<string>, RegExp]>([
    [["serve", "--port", "0", "--store", "sqlite:/nowhere/at-all.db"], /cannot be opened/],
    [["rebuild", "--store", "sqlite:/nowhere/at-all.db"], /there is no store/],
    [[...memory, "--issuer", "http://example.com"], /is not https/],
    [[...memory, "--issuer", "https://example.com", "--auto-approve", "alice"], /development/],
    [[...memory, "--access-token-ttl", "0"], /--access-token-ttl is `0`/],
    [[...memory, "--auto-approve", " alice\u001b[31m"], /--auto-approve is ` alice/],
  ])("%j", async ([args, line]) => {
    expectLine(await grantlog(args), { code: 1, line })
  })

  it("a port that is taken, an issuer that is not the log's, a redirect URI that is dangerous", async () => {
    const port = new URL(server.url).port
    const [taken, takenTiles, other, dangerous] = await Promise.all([
      grantlog(["serve", "--port", port, "--store", `sqlite:${folder.at("other.db")}`]),
      grantlog(["serve", "--port", "0", "--tiles-port", port, "--store", `sqlite:${folder.at("tiled.db")}`]),
      run("client", "list", "--issuer", "http://localhost:1"),
      run("client", "add", "--name", "x", "--public", "--redirect-uri", "javascript:alert(1)"),
    ])
    expectLine(taken, { code: 1, line: new RegExp(`port ${port} is taken .* with --port$`, "m") })
    expectLine(takenTiles, { code: 1, line: new RegExp(`port ${port} is taken .* with --tiles-port$`, "m") })
    expectLine(other, { code: 1, line: /this log belongs to the issuer/ })
    expectLine(dangerous, { code: 1, line: /javascript/ })
  })
})

it("a new client whose secret cannot be printed is said to be so", async () => {
  const full = openSync("/dev/full", "w")
  const args = ["client", "add", "--name", "lost", "--store", `sqlite:${folder.at("grantlog.db")}`]
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", full, "pipe"] })
  const [complaint, [code]] = await Promise.all([text(child.stderr!), once(child, "close")])
  closeSync(full)
  expect([code, complaint]).toEqual([1, expect.stringMatching(/^grantlog: standard output cannot be written/)])
})

it("what a client says about itself cannot write on the operator's terminal", async () => {
  const name = "\u001b[2Jcleared\nstatus  deleted"
  const registered = await fetch(`${server.url}/register`, {
    method: "POST",
    body: JSON.stringify({ redirect_uris: ["http://127.0.0.1/callback"], client_name: name, software_id: name }),
  })
  expect(registered.status).toBe(201)
  expect(JSON.stringify(await registered.json())).not.toContain("cleared")
})
