/** `grantlog serve` without a process of its own: what it serves by its flags, what it says, and what it refuses. */
import { copyFileSync, readFileSync, rmSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { loginLimits, serve } from "../../src/cli/commands/Serve.ts"
import { defaultLimits } from "../../src/http/index.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { openWitness } from "../support/Witness.ts"
import { servingHere } from "./ServingHere.ts"
import { by, witnessedLogs, type WitnessedLogs } from "./witness/WitnessedLogs.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const sqlite = (path: string) => ["--store", `sqlite:${path}`]
const statusOf = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status

it("in memory there is a server on the port that it says, and somebody to sign in as", async () => {
  await using serving = await servingHere(["--store", "memory:", "--jwt-access-tokens", "all", "--json"])
  const { said } = serving
  expect(said).toEqual({
    ...{ issuer: `http://localhost:${said.port}`, port: said.port, store: "memory:", pid: process.pid },
    demo: { name: "demo", password: expect.stringMatching(/^\S{12,}$/) },
  })
  const metadata = await fetch(`${said.issuer}/.well-known/oauth-authorization-server`)
  const { jwks_uri: keys, ...others } = (await metadata.json()) as Readonly<Record<string, string>>
  expect(others).toMatchObject({ issuer: said.issuer, scopes_supported: ["read", "write"] })
  expect((await (await fetch(keys!)).json()) as object).toMatchObject({ keys: [{ alg: "ES256" }] })
  expect(await statusOf(`${said.issuer}/console`)).toBe(404)
  expect(serving.told()).toBe("")
  expect(await serving.stop()).toBe(0)
})

describe("of a store in a file", () => {
  /** One that was served before, and by whom. */
  const servedBefore = async (name: string) => {
    const file = folder.at(name)
    await using serving = await servingHere(["--json", ...sqlite(file)])
    return { file, issuer: serving.said.issuer }
  }

  it("everything that flags name is served, each on its own port, and closed again", async () => {
    const ports = ["--admin-port", "0", "--metrics-port", "0", "--tiles-port", "0"]
    const [file, log] = [folder.at("grantlog.db"), folder.at("access.log")]
    await using serving = await servingHere([
      "--json",
      "--console",
      "--accept-rollback",
      "--access-log",
      log,
      ...ports,
      ...sqlite(file),
    ])
    const { said } = serving
    const { issuer } = said
    const another = expect.any(Number) as number
    expect(said).toEqual({
      ...{ issuer, port: said.port, store: `sqlite:${file}`, pid: process.pid, demo: said["demo"] },
      ...{ metricsPort: another, tilesPort: another, adminPort: another },
      admin: { port: said["adminPort"], file: `${file}.admin-credential` },
      console: { password: expect.stringMatching(/^\S{12,}$/) },
    })
    expect(serving.told()).toBe("grantlog: note: the log is as its last checkpoint says: leave out --accept-rollback\n")
    const at = (port: string, path: string) => `http://localhost:${said[port] as number}${path}`
    const basic = (password: string) => ({ headers: { authorization: `Basic ${btoa(`x:${password}`)}` } })
    expect(await statusOf(`${issuer}/console`)).toBe(401)
    const { password } = said["console"] as { readonly password: string }
    expect(await statusOf(`${issuer}/console`, basic(password))).toBe(200)
    expect(await statusOf(at("metricsPort", "/readyz"))).toBe(200)
    const metrics = await (await fetch(at("metricsPort", "/metrics"))).text()
    expect(metrics).toMatch(/^grantlog_commit_appends_count [1-9]/m)
    expect(await (await fetch(at("tilesPort", "/checkpoint"))).text()).toContain(`localhost:${said.port}\n`)
    expect(await statusOf(at("adminPort", "/admin/clients"))).toBe(401)
    const bearer = { headers: { authorization: `Bearer ${readFileSync(`${file}.admin-credential`, "utf8").trim()}` } }
    expect(await statusOf(at("adminPort", "/admin/clients"), bearer)).toBe(200)

    const busy = `grantlog: another grantlog serves \`${file}\`: stop it, or use another --store\n`
    expect(await grantlogHere(["serve", "--port", "0", ...sqlite(file)])).toEqual({ code: 1, stdout: "", stderr: busy })
    const restored = await grantlogHere(["restore", folder.at("none"), "--nothing-since", ...sqlite(file)])
    expect([restored.code, restored.stderr]).toEqual([1, busy])
    expect(await serving.stop()).toBe(0)
    await expect(fetch(`${issuer}/console`)).rejects.toThrow("fetch failed")
    expect(readFileSync(log, "utf8")).toContain("/console")
  })

  it("nobody new signs in once there is an account, and text says the rest", async () => {
    const { file, issuer } = await servedBefore("before.db")
    await using serving = await servingHere(["--issuer", issuer, ...sqlite(file)])
    expect(serving.printed).toMatch(new RegExp(`^grantlog is serving ${issuer} on port \\d+\n  store  ${file}\n`))
    expect(serving.printed).not.toContain("Sign in at")
    expect(serving.told()).toBe("")
  })

  it("an old copy that was put back is refused, or served under a new key without what was opened before", async () => {
    const { file, issuer } = await servedBefore("current.db")
    const [old, place] = [folder.at("old.db"), sqlite(file)]
    copyFileSync(file, old)
    await grantlogJsonHere(["client", "add", "--name", "app", "--redirect-uri", "http://127.0.0.1/", ...place])
    const { size, verifierKey } = await grantlogJsonHere<{ readonly size: number; readonly verifierKey: string }>([
      ...["checkpoint", ...place],
    ])
    for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true })
    copyFileSync(old, file)
    const args = ["--issuer", issuer, ...place]
    expect(await grantlogHere(["serve", "--port", "0", ...args])).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: the log has ${size - 1} entries, the last checkpoint ${size}: it was cut or restored; run grantlog verify; to serve it as it is, and to end every grant that was opened in it, start with --accept-rollback\n`,
    })
    await using serving = await servingHere(["--accept-rollback", "--json", ...args])
    expect(serving.told()).toBe(
      "grantlog: note: every grant that was opened in the old copy has ended; checkpoints go on under a new key\n",
    )
    expect(await serving.stop()).toBe(0)
    const { stdout } = await grantlogHere(["history", "--type", "IssuerEpochRaised", ...place])
    expect(stdout).toContain("an old copy of the log was put back")
    const signed = await grantlogJsonHere<{ readonly verifierKey: string }>(["checkpoint", ...place])
    expect(signed.verifierKey).not.toBe(verifierKey)
  })
})

it("a store that breaks is told to who asks and to the operator", async () => {
  const file = folder.at("broken.db")
  await using serving = await servingHere(["--json", ...sqlite(file)])
  using database = new DatabaseSync(file)
  database.exec("DROP TABLE entries")
  const app = { redirect_uris: ["http://127.0.0.1/"], token_endpoint_auth_method: "none" }
  const headers = { "content-type": "application/json" }
  const init = { method: "POST", headers, body: JSON.stringify(app) }
  expect(await statusOf(`${serving.said.issuer}/register`, init)).toBe(503)
  const sentence = "the database refused, nothing was written: please report it"
  await serving.until(`grantlog: answered 503: ${sentence}: no such table: entries\n`)
})

describe("where there are witnesses", () => {
  let logs: WitnessedLogs
  beforeAll(async () => {
    logs = await witnessedLogs()
  })
  afterAll(() => logs[Symbol.dispose]())

  it("they cosign from the start on, and what one refuses is told", async () => {
    const { store } = logs.newLog()
    const [willing, strange] = [await logs.witnessed("willing.example"), await openWitness("strange.example")]
    onTestFinished(() => strange[Symbol.asyncDispose]())
    const issuer = `http://${logs.logKey.split("+")[0]}`
    await using serving = await servingHere(["--json", "--issuer", issuer, ...by(willing, strange), ...store])
    expect(await serving.until("no cosignature")).toBe(
      `grantlog: no cosignature: \`${strange.url}\` does not know this log (404): whoever runs it has to add the log \`${logs.logKey.split("+")[0]}\` with the verifier key ${logs.logKey}
`,
    )
    expect(willing.asked.length).toBeGreaterThan(0)
  })

  it("whom they contradict is not served, or without what was opened before", async () => {
    const log = logs.newLog()
    const witness = await logs.witnessed("demanded.example")
    const back = await logs.back(log)
    await logs.grow(log)
    await logs.cosign(log, witness)
    back()
    const issuer = `http://${logs.logKey.split("+")[0]}`
    const args = ["--issuer", issuer, ...by(witness), "--witness-quorum", "1", ...log.store]
    const refused = await log.run("serve", "--port", "0", ...args.slice(0, -2))
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `grantlog: \`${witness.url}\` has seen 2 entries of this log, which has 1: it was cut or restored; to serve it as it is, and to end every grant that was opened in it, start with --accept-rollback\n`,
    ])
    await using serving = await servingHere([...args, "--accept-rollback"])
    expect(serving.told()).toContain(
      "grantlog: note: every grant that was opened in the old copy has ended; checkpoints go on under a new key\n",
    )
  })
})

describe("nobody to sign in as is made", () => {
  it.each([
    ["where every request is approved", ["--auto-approve", "alice"], /^!!! AUTO-APPROVAL IS ON: /],
    [
      "for an issuer elsewhere",
      ["--issuer", "https://id.example"],
      /^grantlog is serving https:\/\/id\.example on port/,
    ],
  ])("%s", async (_, args, printed) => {
    await using serving = await servingHere(["--store", "memory:", ...args])
    expect(serving.printed).toMatch(printed)
    expect(serving.printed).not.toContain("Sign in at")
  })
})

it("somebody who is there already signs in, and nobody else is made", async () => {
  const store = sqlite(folder.at("known.db"))
  const issuer = ["--issuer", "http://localhost:4000"]
  await grantlogJsonHere(["user", "add", "ann", ...issuer, ...store])
  await using serving = await servingHere([...issuer, "--json", ...store])
  expect(serving.said["demo"]).toBeUndefined()
  expect((await grantlogHere(["user", "list", ...store])).stdout).not.toContain("demo")
})

it("the help shows how it is begun, in development and behind a proxy", () => {
  expect(serve.examples).toEqual([
    { command: "grantlog serve --auto-approve alice", description: "Development: every loopback request is approved" },
    { command: "grantlog serve --issuer https://id.example.com --port 8080", description: "Behind a TLS proxy" },
  ])
})

describe("what is not started", () => {
  it("is a console elsewhere without a password, which the environment may have", async () => {
    const args = ["--store", "memory:", "--console", "--issuer", "https://id.example"]
    expect(await grantlogHere(["serve", "--port", "0", ...args])).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: --console needs a password: set GRANTLOG_CONSOLE_PASSWORD to at least 16 characters\n",
    })
    const env = { GRANTLOG_CONSOLE_PASSWORD: "sixteen characters" }
    await using serving = await servingHere([...args, "--json"], env)
    expect(serving.said["console"]).toEqual({})
  })

  it("is a port that is taken", async () => {
    await using serving = await servingHere(["--store", "memory:", "--json"])
    const taken = await grantlogHere(["serve", "--store", "memory:", "--port", String(serving.said.port)])
    expect([taken.code, taken.stdout]).toEqual([1, ""])
    expect(taken.stderr).toMatch(
      new RegExp(`^grantlog: port ${serving.said.port} is taken on \\S+: choose another with --port\n$`),
    )
  })
})

it("a network may try to sign in as much more often than one source of it as by default", () => {
  const { sourceLoginsPerMinute, networkLoginsPerMinute } = defaultLimits
  expect(loginLimits(sourceLoginsPerMinute)).toEqual({ sourceLoginsPerMinute, networkLoginsPerMinute })
  expect(loginLimits(3 * sourceLoginsPerMinute)).toEqual({
    sourceLoginsPerMinute: 3 * sourceLoginsPerMinute,
    networkLoginsPerMinute: 3 * networkLoginsPerMinute,
  })
})
