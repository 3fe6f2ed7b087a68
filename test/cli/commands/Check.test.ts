/**
 * `grantlog check`, in this process: what it does with its flags, held against an issuer that is served here.
 *
 * What it says of providers and of servers in detail is tried elsewhere (`test/cli/Check.test.ts`, `test/kit`).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { deferredListener } from "../../../src/cli/Listen.ts"
import { httpServer, nodeListener } from "../../../src/http/index.ts"
import { ephemeralKeys, liveRandomness, makeServer, memoryStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere } from "../../live/support/InProcess.ts"
import { generousLimits } from "../../support/TestServer.ts"

const folder = temporaryFolder()
/** Rules that are soon tried. */
const [EXACT, NO_STORE] = ["OAUTH21-2.3.1-exact-redirect-match", "OAUTH21-3.2.3-no-store"]
const only = ["--only", EXACT]

/** What is said while it is got to know. */
const SAID = "looks for metadata, registers, logs in\n"

let issuer: string
/** Those of the clients `one` and `two`. */
let secrets: ReadonlyArray<string>
/** Whether it lets everybody keep what it answers, which is to be broken. */
let isFaulty = false
/** What happens meanwhile. */
let onAsked = () => {}

beforeAll(async () => {
  const deferred = deferredListener()
  const http = httpServer(deferred.listener)
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  issuer = `http://localhost:${(http.address() as AddressInfo).port}`
  const made = makeServer({
    store: memoryStore(),
    keys: ephemeralKeys(),
    randomness: liveRandomness,
    onNotice: () => {},
    config: { issuer, autoApprove: "alice", tokenRate: "off", registrationRate: "off", scopes: ["read", "write"] },
  })
  const server = await Effect.runPromise(made)
  secrets = await Promise.all(
    ["one", "two"].map(async (clientId) => {
      const metadata = {
        client_name: clientId,
        redirect_uris: ["http://127.0.0.1:7654/callback"],
        token_endpoint_auth_method: "client_secret_basic",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      }
      return String((await Effect.runPromise(server.addClient({ clientId, metadata }))).client_secret)
    }),
  )
  const sound = nodeListener(server, { limits: generousLimits })
  deferred.set((request, response) => {
    onAsked()
    if (isFaulty) {
      const writeHead = response.writeHead.bind(response)
      response.writeHead = ((status: number, headers: object) =>
        writeHead(status, { ...headers, "cache-control": "public" })) as typeof writeHead
    }
    sound(request, response)
  })
  await grantlogHere(["check"])
  return () => {
    http.closeAllConnections()
    http.close()
    folder[Symbol.dispose]()
  }
})

const check = (...args: ReadonlyArray<string>) => grantlogHere(["check", ...args])

/** The report of a check that ended with this code. */
const reportOf = async (code: number, ...args: ReadonlyArray<string>): Promise<KitReport> => {
  const ran = await check(...args, "--json")
  expect([ran.code, ran.stdout], ran.stderr).toEqual([code, expect.stringMatching(/^\{/)])
  return JSON.parse(ran.stdout) as KitReport
}

describe("an issuer that is checked", () => {
  it("is asked for what the flags say, and the call is told as it can be made again", async () => {
    const flags = [
      ...["--scope", " read ", "--resource", "https://api.example/a https://api.example/b", "--rate", "50"],
      ...["--redirect-uri", "http://127.0.0.1:7777/callback", "--resource-url", `${issuer}/userinfo`],
      ...["--token-endpoint", `${issuer}/token`, "--i-may-test-this-host"],
    ]
    const report = await reportOf(0, issuer, "--auto", ...flags, ...only, "--seed", "4", "--budget", "600")
    expect(report).toMatchObject({ subject: issuer, seed: 4, results: [{ promise: EXACT, verdict: "kept" }] })
    expect(report.capabilities).toMatchObject({
      scopes: "read",
      resources: "https://api.example/a https://api.example/b",
    })
    expect(report.call).toEqual([
      issuer,
      ...["--scope", " read ", "--resource", "https://api.example/a https://api.example/b"],
      ...["--redirect-uri", "http://127.0.0.1:7777/callback", "--resource-url", `${issuer}/userinfo`],
      ...["--rate", "50", "--token-endpoint", `${issuer}/token`, "--auto", "--i-may-test-this-host"],
    ])
  })

  it("is told of in a table otherwise, with what it is about", async () => {
    const { code, stdout, stderr } = await check(issuer, "--auto", ...only)
    expect([code, stderr]).toEqual([0, SAID])
    expect(stdout).toMatch(new RegExp(`^promise +verdict +tries +time\n${EXACT} +kept +`))
  })

  it("has nothing to try that nobody heard of", async () => {
    const { code, stdout, stderr } = await check(issuer, "--auto", "--only", "One", ...only, "--only", "Other")
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toMatch(/\ngrantlog: --only: there is nothing called `One`, `Other` to try here\n$/)
  })

  it("is acted at by the clients that are named, whose secrets are told to nobody", async () => {
    const env = { GRANTLOG_CLIENT_SECRET: secrets[0]!, GRANTLOG_OTHER_CLIENT_SECRET: secrets[1]! }
    const named = ["--client-id", "one", "--other-client-id", "two"]
    const { code, stdout } = await grantlogHere(["check", issuer, "--auto", ...named, ...only, "--json"], { env })
    const { capabilities, call } = JSON.parse(stdout) as KitReport
    expect([code, capabilities["clients"]]).toEqual([0, "confidential, confidential, confidential, public"])
    expect(call).toEqual([issuer, ...named, "--auto"])
    for (const secret of secrets) expect(stdout).not.toContain(secret)
  })

  it("is told a story again by its path, whatever it is about", async () => {
    const { results } = await reportOf(0, issuer, "--auto", "--path", "made-up")
    expect(results.map(({ promise }) => promise)).toEqual(["ConsentComesFirst"])
  })

  it("has nothing to tell again by a path that there is not", async () => {
    expect(await check(issuer, "--auto", ...only, "--path", "nonsense")).toEqual({
      code: 2,
      stdout: "",
      stderr: `${SAID}grantlog: --only: there is nothing called \`${EXACT}\` to try here\n`,
    })
  })

  it("where nobody signs in is not checked: a person is asked, or a program", async () => {
    const asked = await check(issuer, ...only)
    expect([asked.code, asked.stdout]).toEqual([2, ""])
    expect(asked.stderr).toMatch(
      /^looks for metadata, registers, logs in\n\nopen this URL and sign in; .+\n {2}http:\S+\npaste .+: grantlog: nobody signed in\n$/,
    )
    const program = await check(issuer, "--login-command", "false", ...only)
    expect([program.code, program.stderr]).toEqual([2, expect.stringContaining("the login command `false` failed: ")])
  })
})

describe("what a check leaves behind", () => {
  it("of what is broken is a page, and a test that says the same call again, but no secret", async () => {
    isFaulty = true
    const [page, test] = [folder.at("report.html"), folder.at("issuer.test.ts")]
    const flags = [
      ...["--scope", "read", "--resource", "https://api.example/a", "--resource-url", `${issuer}/userinfo`],
      ...["--redirect-uri", "http://127.0.0.1:7777/callback", "--rate", "50", "--token-endpoint", `${issuer}/token`],
      ...["--i-may-test-this-host", "--seed", "4", "--budget", "600", "--only", NO_STORE],
    ]
    const { code, stdout, stderr } = await check(issuer, "--auto", ...flags, "--html", page, "--write-test", test)
    isFaulty = false
    expect([code, stderr]).toEqual([1, SAID + "grantlog: 1 of 1 are broken\n"])
    expect(stdout).toContain(`\n${NO_STORE} is broken: `)
    expect(readFileSync(page, "utf8")).toContain(`>${NO_STORE}</h3>`)
    const [, said] = /checkIssuer\("[^"]+", (\{.+\})\)/.exec(readFileSync(test, "utf8"))!
    expect(JSON.parse(said!)).toEqual({
      budgetMillis: 600_000,
      scopes: ["read"],
      resources: ["https://api.example/a"],
      redirectUri: "http://127.0.0.1:7777/callback",
      resourceUrl: `${issuer}/userinfo`,
      ratePerSecond: 50,
      endpoints: { token: `${issuer}/token` },
      mayTestHost: true,
      seed: 4,
      path: "",
      only: [NO_STORE],
    })
    // What is there is not replaced unless that is asked for.
    for (const [flag, path] of [
      ["--html", page],
      ["--write-test", test],
    ] as const)
      expect(await check(issuer, "--auto", flag, path)).toEqual({
        code: 2,
        stdout: "",
        stderr: `grantlog: \`${path}\` is there already: --force replaces it\n`,
      })
  })

  it("is told not to be there where something else took its place meanwhile", async () => {
    const page = folder.at("taken.html")
    onAsked = () => mkdirSync(page, { recursive: true })
    const { code, stderr } = await check(issuer, "--auto", ...only, "--html", page)
    onAsked = () => {}
    expect([code, stderr]).toEqual([
      2,
      `${SAID}grantlog: --html \`${page}\` cannot be written: EISDIR: illegal operation on a directory, open '${page}'\n`,
    ])
  })

  it("of what is sound is no test", async () => {
    const test = folder.at("nothing.test.ts")
    const { code, stderr } = await check(issuer, "--auto", ...only, "--write-test", test)
    expect([code, stderr, existsSync(test)]).toEqual([
      0,
      `${SAID}nothing is broken: \`${test}\` was not written\n`,
      false,
    ])
  })
})

describe("a module that is checked", () => {
  it("is told of and left a test by what the flags say, and by how often it was tried", async () => {
    const provider = folder.at("provider.mjs")
    const map = new URL("../../examples/providers/map.ts", import.meta.url).href
    writeFileSync(provider, `export { default as make } from ${JSON.stringify(map)}\n`)
    const test = folder.at("provider.test.mjs")
    const redirect = "http://127.0.0.1:7777/a http://127.0.0.1:7777/b"
    const flags = [
      ...["--export", "make", "--scope", "read write", "--resource", "https://api.example/a"],
      ...["--redirect-uri", redirect, "--seeds", "1", "--seed", "3", "--only", "ReplayKillsGrant"],
    ]
    const report = await reportOf(1, provider, ...flags, "--budget", "600", "--write-test", test)
    expect(report).toMatchObject({
      subject: provider,
      seed: 3,
      seedCount: 1,
      results: [{ promise: "ReplayKillsGrant", verdict: "broken" }],
    })
    expect(report.call).toEqual([
      ...[provider, "--export", "make", "--scope", "read write", "--resource", "https://api.example/a"],
      ...["--redirect-uri", redirect],
    ])
    const written = readFileSync(test, "utf8")
    expect(written).toContain('import { make as provider } from "./provider.mjs"')
    const [, said] = /checkProvider\(provider, (\{.+\})\)/.exec(written)!
    expect(JSON.parse(said!)).toEqual({
      budgetMillis: 600_000,
      scopes: ["read", "write"],
      resources: ["https://api.example/a"],
      redirectUris: ["http://127.0.0.1:7777/a", "http://127.0.0.1:7777/b"],
      seed: 3,
      path: expect.any(String),
      only: ["ReplayKillsGrant"],
    })
  })
})
