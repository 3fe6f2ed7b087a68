/** `grantlog doctor`: what it finds of settings, files, keys, clock and the way to the issuer, each made wrong once. */
import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type RequestListener, type Server } from "node:http"
import { createServer as createSecureServer } from "node:https"
import type { AddressInfo } from "node:net"
import { DatabaseSync } from "node:sqlite"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { Clock, Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { reachedFindings } from "../../../src/cli/doctor/Reached.ts"
import { selfSigned } from "../../browser/Certificate.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { serveHere, type ServedHere } from "../ServeHere.ts"

interface Finding {
  readonly about: string
  readonly verdict: string
  readonly message: string
}

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
let server: ServedHere

beforeAll(async () => {
  server = await serveHere(file)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** What it finds, and how it ends. */
const examine = async (...args: ReadonlyArray<string>) => {
  const { code, stdout } = await grantlogHere(["doctor", "--json", ...args])
  return { code, findings: (JSON.parse(stdout) as { readonly findings: ReadonlyArray<Finding> }).findings }
}

const ofKind = (findings: ReadonlyArray<Finding>, verdict: string) =>
  findings.filter((finding) => finding.verdict === verdict).map(({ about, message }) => `${about}: ${message}`)

/** The faults of a call, one sentence each. */
const faults = async (...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const { code, findings } = await examine(...args)
  const found = ofKind(findings, "fault")
  expect(code).toBe(found.length > 0 ? 1 : 0)
  return found
}

const here = () => ["--store", `sqlite:${file}`, "--issuer", server.url]

describe("a server that is well", () => {
  it("has no fault and no advice, and is told line by line", async () => {
    const { code, findings } = await examine(...here())
    expect([code, ofKind(findings, "fault"), ofKind(findings, "advice")]).toEqual([0, [], []])
    expect(findings.map(({ about }) => about)).toEqual([
      ...["versions", "settings", "files", "disk", "store", "keys", "checkpoints", "clock", "issuer", "clock"],
    ])
    const { stdout } = await grantlogHere(["doctor", ...here()])
    expect(stdout).toContain("ok      issuer: it answers with its own metadata\n")
  })

  it("that was never started has settings, and is told what the first start makes", async () => {
    const store = folder.at("first.db")
    const { code, findings } = await examine("--offline", "--store", `sqlite:${store}`)
    expect([code, ofKind(findings, "advice")]).toEqual([
      0,
      [`store: \`${store}\` is not there yet: \`grantlog serve\` makes it, and its keys`],
    ])
  })
})

describe("what is wrong", () => {
  it("with the settings is told as `serve` tells it, by flag, variable or file, and nothing else is looked at", async () => {
    expect(await faults("--port", "70000")).toEqual(["settings: --port `70000` is not between 0 and 65535"])
    expect(await faults("--profile", "fapi2", "--code-ttl", "90")).toEqual([
      expect.stringMatching(/^settings: .*--code-ttl/),
    ])
    expect(await faults("--auto-approve", "alice", "--host", "0.0.0.0")).toEqual([
      "settings: --auto-approve is for this machine: leave out --host",
    ])
    const config = folder.at("bad.yaml")
    writeFileSync(config, "issuer: ftp://id.example.com")
    const { code, stderr, stdout } = await grantlogHere(["doctor", "--config", config])
    expect([code, stderr]).toEqual([1, "grantlog: there is a fault\n"])
    expect(stdout).toContain("FAULT   settings: --issuer `ftp://id.example.com` is not https")
  })

  it("with the files is that others can read them", async () => {
    chmodSync(`${file}.keys.json`, 0o640)
    expect(await faults(...here())).toEqual([
      `files: other users can reach \`${file}.keys.json\` (mode 640): chmod 600 it`,
    ])
    chmodSync(`${file}.keys.json`, 0o600)
  })

  it("with the admin API is that there is no place for its credential, that it is none, or that others can read it", async () => {
    const admin = [...here(), "--admin-port", "4001"]
    const credential = folder.at("admin-credential")
    const named = [...admin, "--admin-credential-file", credential]
    expect(await faults(...named)).toEqual([])
    writeFileSync(credential, "short\n", { mode: 0o600 })
    expect(await faults(...named)).toEqual([
      `admin API: \`${credential}\` is no credential: give at least 32 characters out of A-Z a-z 0-9 - . _ ~ + /`,
    ])
    writeFileSync(credential, "x".repeat(43))
    expect(ofKind((await examine(...named)).findings, "good")).toContain(
      "admin API: its credential is there, for its owner alone",
    )
    chmodSync(credential, 0o644)
    expect(await faults(...named)).toEqual([
      `admin API: other users can read the admin credential \`${credential}\`: chmod 600 it, or delete it for a new one if they may have`,
    ])
    // One that lies beside the store is told of once.
    const beside = `${file}.admin-credential`
    writeFileSync(beside, "x".repeat(43), { mode: 0o644 })
    expect(await faults(...admin)).toEqual([
      expect.stringContaining(`admin API: other users can read the admin credential \`${beside}\``),
    ])
    expect(await faults(...here())).toEqual([`files: other users can reach \`${beside}\` (mode 644): chmod 600 it`])
    rmSync(beside)
    expect(await faults("--offline", "--store", "memory:", "--admin-port", "4001")).toEqual([
      "settings: --admin-port needs --admin-credential-file with this store, a file that is made at the first start, or GRANTLOG_ADMIN_CREDENTIAL",
    ])
    const { findings } = await examine(...admin, "--admin-host", "0.0.0.0")
    expect(ofKind(findings, "advice")).toEqual([
      expect.stringMatching(/^admin API: --admin-host is open to the network/),
    ])
  })

  it("with the keys is another issuer, another ring, or none", async () => {
    expect(await faults("--offline", "--store", `sqlite:${file}`, "--issuer", "http://localhost:1")).toEqual([
      `keys: this log belongs to the issuer \`${server.url}\`, not \`http://localhost:1\`: use another store, or that issuer`,
    ])
    const other = folder.at("other.json")
    writeFileSync(other, JSON.stringify({ keys: [{ id: "k2", secret: "A".repeat(43) }] }), { mode: 0o600 })
    expect(await faults("--offline", ...here(), "--keys-file", other)).toEqual([
      expect.stringContaining("which the key ring lacks: bring the ring that this log was written with"),
    ])
    expect(await faults("--offline", ...here(), "--keys-file", folder.at("none.json"))).toEqual([
      expect.stringContaining("is missing: put it back"),
    ])
  })

  it("with the store is that it is none, or that its keys are there without it", async () => {
    const none = folder.at("text.db")
    writeFileSync(none, "x".repeat(5000), { mode: 0o600 })
    expect(await faults("--offline", "--store", `sqlite:${none}`)).toEqual([expect.stringMatching(/^store: /)])
    copyFileSync(`${file}.keys.json`, folder.at("lost.db.keys.json"))
    expect(await faults("--offline", "--store", `sqlite:${folder.at("lost.db")}`)).toEqual([
      expect.stringContaining("put the store back"),
    ])
  })

  it("with the checkpoints is that the log contradicts them, or that there are none", async () => {
    const added = ["client", "add", "--name", "App", "--redirect-uri", "http://127.0.0.1:1/cb"]
    const before = folder.at("before.db")
    using live = new DatabaseSync(file)
    live.exec(`VACUUM INTO '${before}'`)
    chmodSync(before, 0o600)
    copyFileSync(`${file}.keys.json`, `${before}.keys.json`)
    const kept = ["--offline", "--store", `sqlite:${before}`, "--issuer", server.url]
    expect(ofKind((await examine(...kept)).findings, "advice")).toEqual([
      "checkpoints: none is kept: `serve` signs one, and so does `grantlog checkpoint`",
    ])
    await grantlogJsonHere([...added, "--store", `sqlite:${file}`])
    await grantlogJsonHere(["checkpoint", "--store", `sqlite:${file}`])
    for (const name of [".checkpoint", ".checkpoint-key.json"]) copyFileSync(`${file}${name}`, `${before}${name}`)
    expect(await faults(...kept)).toEqual([
      expect.stringMatching(/^checkpoints: the log has \d+ entries, the last checkpoint \d+: it was cut or restored/),
    ])
  })
})

describe("what an operator may have decided", () => {
  it("is advice, and no fault: it ends with 0", async () => {
    const given = ["--issuer", "https://id.example.com/", "--host", "0.0.0.0", "--store", "memory:"]
    const { code, findings } = await examine("--offline", ...given)
    expect([code, ofKind(findings, "fault")]).toEqual([0, []])
    expect(ofKind(findings, "advice").map((line) => line.split(":")[0])).toEqual([
      ...["store", "proxy", "proxy", "issuer", "registration"],
    ])
    const settled = await examine(
      "--offline",
      ...given.slice(0, 1),
      "https://id.example.com",
      ...given.slice(4),
      ...[...["--trusted-proxy", "127.0.0.1", "--registration", "off"]],
    )
    expect(ofKind(settled.findings, "advice").map((line) => line.split(":")[0])).toEqual(["store"])
    const { findings: approving } = await examine("--offline", "--auto-approve", "alice", "--store", "memory:")
    expect(ofKind(approving, "advice")).toContain("auto-approval: --auto-approve is for development: nobody is asked")
  })
})

describe("the way to the issuer", () => {
  let standing: Server
  let answer: RequestListener
  let address: string

  beforeAll(async () => {
    standing = createServer((request, response) => answer(request, response))
    await new Promise<void>((resolve) => standing.listen(0, "127.0.0.1", resolve))
    address = `http://127.0.0.1:${(standing.address() as AddressInfo).port}`
  })
  afterAll(() => standing.close())

  const told = async (listener: RequestListener): Promise<ReadonlyArray<string>> => {
    answer = listener
    return faults("--store", "memory:", "--issuer", address)
  }
  const metadata =
    (issuer: unknown, headers: Readonly<Record<string, string>> = {}): RequestListener =>
    (_, response) =>
      response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify({ issuer }))

  it("is no redirect, no error, no page and no other server", async () => {
    expect(await told(metadata(address))).toEqual([])
    expect(await told((_, response) => response.writeHead(301, { location: "https://x.example/" }).end())).toEqual([
      "issuer: its metadata is elsewhere (301 to `https://x.example/`): clients follow no redirect; answer it there",
    ])
    expect(await told((_, response) => response.writeHead(404).end())).toEqual([
      "issuer: its metadata is answered with 404: let the proxy pass /.well-known on",
    ])
    for (const page of ["<html>", "[]", "null", `{"issuer":1}`, "x".repeat(300_000)])
      expect(await told((_, response) => response.end(page))).toEqual([
        "issuer: what answers there is no authorization server: look at the proxy",
      ])
    expect(await told(metadata("https://other.example"))).toEqual([
      "issuer: it calls itself `https://other.example`: another server answers there",
    ])
  })

  it("has no slash at its end that the issuer has not", async () => {
    expect(await told(metadata(`${address}/`))).toEqual([
      `issuer: it calls itself \`${address}/\`: a slash at the end makes another issuer; write one of them everywhere`,
    ])
  })

  it("shows a clock that differs, and none where no date is told, or where the answer takes its time", async () => {
    answer = metadata(address, { date: "Mon, 30 Nov 2026 10:00:10 GMT" })
    const seenAt = async (asked: string, answered: string) => {
      const times = [asked, answered].map((time) => Date.parse(`2026-11-30T${time}Z`))
      const clock = { currentTimeMillis: Effect.sync(() => times.shift()!) } as Clock.Clock
      const findings = await Effect.runPromise(Effect.provideService(reachedFindings(address), Clock.Clock, clock))
      return ofKind(findings, "fault")
    }
    const differs = (seconds: number) => [
      `clock: it and who answers for the issuer differ by ${seconds} s: set them right`,
    ]
    expect(await seenAt("10:01:10", "10:01:11")).toEqual(differs(60))
    expect(await seenAt("10:00:00", "10:00:07")).toEqual(differs(3))
    for (const [asked, answered] of [
      ["10:00:12", "10:00:12"],
      ["10:00:01", "10:00:09"],
      ["10:00:01", "10:00:30"],
    ] as const)
      expect(await seenAt(asked, answered), answered).toEqual([])
    expect(await told(metadata(address, { date: "Mon, 30 Nov 2026 10:00:10 GMT" }))).toEqual([
      expect.stringMatching(/^clock: it and who answers for the issuer differ by \d+ s/),
    ])
    expect(await told(metadata(address, { date: "yesterday" }))).toEqual([])
  })

  it("is told as not reached where nothing answers, or what answers breaks off", async () => {
    expect(await told((request) => request.socket.destroy())).toEqual([
      expect.stringMatching(/^issuer: nothing answers at `http:\/\/127\.0\.0\.1:\d+` \(\w+\): start the server/),
    ])
    expect(await faults("--store", "memory:", "--issuer", "http://127.0.0.1:1")).toEqual([
      expect.stringContaining("(bad port)"),
    ])
  })

  it("has a certificate that is vouched for, and that is renewed before it ends", async () => {
    const pair = selfSigned()
    const secure = createSecureServer(pair, (request, response) => answer(request, response))
    await new Promise<void>((resolve) => secure.listen(0, "localhost", resolve))
    onTestFinished(() => void secure.close())
    const issuer = `https://localhost:${(secure.address() as AddressInfo).port}`
    answer = metadata(issuer)
    expect(await faults("--store", "memory:", "--issuer", issuer)).toEqual([
      expect.stringContaining("(DEPTH_ZERO_SELF_SIGNED_CERT): start the server, or look at the proxy, its certificate"),
    ])
    const trusted = getCACertificates("default")
    setDefaultCACertificates([...trusted, pair.cert])
    onTestFinished(() => setDefaultCACertificates(trusted))
    const seenAt = async (now: string) => {
      const clock = { currentTimeMillis: Effect.succeed(Date.parse(now)) } as Clock.Clock
      const findings = await Effect.runPromise(Effect.provideService(reachedFindings(issuer), Clock.Clock, clock))
      return findings.filter(({ about }) => about === "certificate")
    }
    expect(await seenAt("2049-12-01T00:00:00Z")).toEqual([
      { about: "certificate", verdict: "good", message: "it is good for 30 days" },
    ])
    expect(await seenAt("2049-12-20T00:00:00Z")).toEqual([
      { about: "certificate", verdict: "advice", message: "it ends in 11 days: renew it" },
    ])
  })
})
