/**
 * Every command against a server and a store that write on the terminal where they can: titles, colours, the cursor,
 * the direction of text, lines that look like ours. None of it gets out, neither for people nor for programs.
 */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { endOf, grantlog, startGrantlog, type Ran } from "./support/Command.ts"
import { logInByCommand } from "./support/CommandLogin.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere } from "./support/InProcess.ts"
import { serve } from "./support/ServeProcess.ts"
import { login, register } from "./support/Wire.ts"

const FORGED = "FORGED by a stranger"
const HOSTILE = `seen\u001b]0;owned\u0007\u001b[31m\u009b2J\u0085\u0090\u007f\u202e\u2066\u200b\u2028\u2029\ufeff\b\r\n${FORGED}\n`

/** Nothing but lines and what can be seen; and no line is a stranger's. */
const expectClean = ({ stdout, stderr }: Pick<Ran, "stdout" | "stderr">) => {
  for (const text of [stdout, stderr]) {
    expect(JSON.stringify(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u.exec(text)?.[0] ?? "clean")).toBe('"clean"')
    expect(text.split("\n").filter((line) => line.startsWith("FORGED"))).toEqual([])
  }
}

const listening = async (listenerFor: (origin: string) => RequestListener): Promise<string> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  server.on("request", listenerFor(origin))
  return origin
}

type Step = "ok" | "access token" | "metadata" | "registration" | "authorization" | "token" | "revocation"

/** A resource and its authorization server, which say more than they should at one of the steps. */
const hostile =
  (step: Step) =>
  (origin: string): RequestListener =>
  (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, origin)
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    const refuse = () => json(400, { error: `invalid_${HOSTILE}`, error_description: HOSTILE })
    const issuer = `${origin}/${step === "ok" ? HOSTILE : ""}`
    if (pathname.startsWith("/.well-known/oauth-protected-resource")) {
      return json(200, { resource: `${origin}/mcp`, authorization_servers: [issuer], scopes_supported: [HOSTILE] })
    }
    if (pathname.startsWith("/.well-known/")) {
      return json(200, {
        issuer: step === "metadata" ? HOSTILE : issuer,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        revocation_endpoint: `${origin}/revoke`,
        introspection_endpoint: `${origin}/introspect`,
        code_challenge_methods_supported: ["S256"],
        scopes_supported: [HOSTILE],
      })
    }
    switch (pathname) {
      case "/register":
        return step === "registration" ? refuse() : json(201, { client_id: `app-${HOSTILE}`, redirect_uris: [] })
      case "/authorize": {
        const answer = new URLSearchParams({ state: searchParams.get("state")! })
        if (step === "authorization") {
          answer.set("error", "invalid_request")
          answer.set("error_description", HOSTILE)
        } else answer.set("code", "code")
        return response.writeHead(302, { location: `${searchParams.get("redirect_uri")}?${answer}` }).end()
      }
      case "/token": {
        if (step === "token") return refuse()
        const access_token = step === "access token" ? `token-${HOSTILE}` : "token-seen"
        return json(200, { access_token, token_type: "Bearer", expires_in: 3600, scope: HOSTILE })
      }
      case "/introspect":
        return json(200, { active: true, scope: HOSTILE, aud: HOSTILE })
      default:
        return refuse()
    }
  }

describe("a server that writes on the terminal", () => {
  it.each(["metadata", "registration", "authorization", "token"] as const)(
    "gets nothing out of `login` by its %s",
    async (step) => {
      using folder = temporaryFolder()
      const origin = await listening(hostile(step))
      const env = { GRANTLOG_CREDENTIALS: folder.at("logins") }
      const asked = await logInByCommand([`${origin}/mcp`], env).catch((error: Error) => ({
        stdout: "",
        stderr: error.message,
      }))
      expectClean(asked)
      expect(asked.stderr).toContain("grantlog: ")
      expect(asked.stderr).toContain("seen")
    },
  )

  it("gets no token accepted that writes on the terminal, nor repeated by `login`", async () => {
    using folder = temporaryFolder()
    const url = `${await listening(hostile("access token"))}/mcp`
    const asked = await logInByCommand([url], { GRANTLOG_CREDENTIALS: folder.at("logins") })
    expectClean(asked)
    expect([asked.code, asked.stdout, asked.stderr.includes("token-seen")]).toEqual([1, "", false])
    expect(asked.stderr).toContain("grantlog: ")
  })

  it("gets nothing out of `login`, `token` and `logout`, with --json or without", async () => {
    using folder = temporaryFolder()
    const url = `${await listening(hostile("ok"))}/mcp`
    const env = { GRANTLOG_CREDENTIALS: folder.at("logins") }
    const plain = await logInByCommand([url], env)
    expectClean(plain)
    expect([plain.code, plain.stdout]).toEqual([0, expect.stringContaining("seen")])
    const json = await logInByCommand([url, "--json"], env)
    expectClean(json)
    expect(JSON.parse(json.stdout)).toMatchObject({ scope: HOSTILE, issuer: expect.stringContaining(HOSTILE) })
    const token = await grantlog(["token", url], { env })
    expectClean(token)
    expect(token.stdout).toContain("token-seen")
    expectClean(await grantlog(["logout", url], { env }))
  })

  it.each([[[]], [["--json"]]])("gets nothing out of `check` %j", async (flags) => {
    let shown = ""
    for (const step of ["ok", "registration", "authorization", "token"] as const) {
      const origin = await listening(hostile(step))
      const asked = await grantlogHere(["check", origin, "--auto", "--budget", "5", ...flags])
      expectClean(asked)
      shown += asked.stdout + asked.stderr
    }
    expect(shown).toContain("seen")
  })
})

describe("a store that was written to", () => {
  const folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const store = ["--store", `sqlite:${file}`]
  const named: Record<string, string> = {}

  beforeAll(async () => {
    const server = await serve(file)
    const client = await register(server.url, { client_name: "Marker", software_id: "Marker" })
    const tokens = await login(server.url, client)
    named["CLIENT"] = client.client_id
    named["GRANT"] = tokens.access_token.slice(4, 26)
    named["TOKEN"] = tokens.access_token
    await grantlog(["user", "add", "Marker", ...store])
    await server.stop()
    const database = new DatabaseSync(file)
    const tables = database.prepare("select name from sqlite_schema where type = 'table'").all() as { name: string }[]
    const escaped = JSON.stringify(HOSTILE).slice(1, -1)
    for (const { name } of tables) {
      const columns = database.prepare(`pragma table_info("${name}")`).all() as { name: string; type: string }[]
      for (const column of columns.filter(({ type }) => type === "TEXT")) {
        const isJson = `"${column.name}" like '%{%Marker%'`
        const replaced = `replace("${column.name}", 'Marker', case when ${isJson} then ? else ? end)`
        database
          .prepare(`update "${name}" set "${column.name}" = ${replaced} where "${column.name}" like '%Marker%'`)
          .run(escaped, HOSTILE)
      }
    }
    database.close()
  })
  afterAll(() => folder[Symbol.dispose]())

  /** For people and for programs. */
  const answering: ReadonlyArray<readonly [args: ReadonlyArray<string>, input?: string]> = [
    [["client", "list"]],
    [["client", "show", "CLIENT"]],
    [["grant", "list"]],
    [["grant", "show", "GRANT"]],
    [["user", "list"]],
    [["history"]],
    [["explain"], "TOKEN"],
    [["blast-radius", "CLIENT"]],
    [["verify"]],
    [["rebuild"]],
  ]
  const others: ReadonlyArray<ReadonlyArray<string>> = [
    ["client", "show", HOSTILE],
    ["grant", "revoke", HOSTILE],
    ["user", "disable", "Marker"],
    ["explain", "GRANT", "--html"],
    ["explain", HOSTILE],
    ["at", HOSTILE, "explain", "CLIENT"],
    ["forget", HOSTILE],
    ["verify", "--from", `${HOSTILE}.checkpoint`],
    ["checkpoint"],
    ["prove", "1"],
    ["prove", HOSTILE],
    ["export"],
    ["export", "--format", "cloudevents"],
    ["export", "--out", folder.at(`folder${HOSTILE}/missing`)],
    ["serve", "--port", "0", "--issuer", HOSTILE],
    ["client", "list", `--${HOSTILE}`],
  ]
  const withoutStore: ReadonlyArray<ReadonlyArray<string>> = [
    ["verify-proof", HOSTILE, "--key", HOSTILE],
    ["verify-export", HOSTILE, "--key", HOSTILE],
    ["spec", HOSTILE],
    ["check", HOSTILE],
    ["check", `http://localhost:9/${HOSTILE}`],
    ["login", HOSTILE],
    ["token", `http://localhost:9/${HOSTILE}`, "--credentials", folder.at("none")],
    ["logout", `http://localhost:9/${HOSTILE}`, "--credentials", folder.at("none")],
    [HOSTILE],
  ]
  const all = [
    ...answering,
    ...answering.map(([args, input]) => [[...args, "--json"], input] as const),
    ...others.map((args) => [args] as const),
  ].map(([args, input]) => ({ title: args.join(" "), args: [...args, ...store], input }))
  const bare = withoutStore.map((args) => ({ title: args.join(" "), args, input: undefined }))

  let seenCount = 0
  it.each([...all, ...bare])("gets nothing out of `$title`", async ({ args, input }) => {
    const given = args.map((word) => named[word] ?? word)
    const ran = await grantlogHere(given, input === undefined ? {} : { input: named[input]! })
    expect(typeof ran.code).toBe("number")
    expectClean(ran)
    if (`${ran.stdout}${ran.stderr}`.includes("seen")) seenCount += 1
  })

  it("is really asked: many commands say something about what they were given", () => {
    expect(seenCount).toBeGreaterThan(4)
  })

  it("gets nothing out of `watch` and `history --follow`", async () => {
    for (const args of [
      ["watch", "--after", "-1"],
      ["history", "--follow"],
      ["history", "--follow", "--json"],
    ]) {
      const child = startGrantlog([...args, ...store])
      let [stdout, stderr] = ["", ""]
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
      const isDone = new Promise<void>((resolve) => {
        child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
          stdout += chunk
          resolve()
        })
      })
      const ended = endOf(child)
      await Promise.race([isDone, ended])
      child.kill("SIGTERM")
      await ended
      expectClean({ stdout, stderr })
      expect(stdout + stderr).not.toBe("")
    }
  })
})
