/** Exporting what a server recorded, while it serves: files that hold for a stranger, and readers that go away. */
import { hash } from "node:crypto"
import { copyFileSync, readdirSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { HTTP } from "cloudevents"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkpointFiles } from "../../src/audit/proof/CheckpointFiles.ts"
import { liveRandomness } from "../../src/provider/index.ts"
import { busyLog } from "../audit/BusyLog.ts"
import { endOf, grantlog, startGrantlog } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { login, register, type Tokens } from "./support/Wire.ts"

interface Held {
  readonly holds: boolean
  readonly from: number
  readonly size: number
  readonly readableCount: number
  readonly hashedCount: number
}

const SEED = 20_261_208
/** What an operating system keeps of a pipe that nobody reads. */
const PIPE_BYTES = 65_536

const folder = temporaryFolder()
const file = folder.at("served.db")
const store = ["--store", `sqlite:${file}`]
const plain = folder.at("log.jsonl")
/** A log whose export is longer than what a pipe holds. */
let busy: string
let server: RunningServer
let tokens: Tokens
let key: string
let written: Awaited<ReturnType<typeof grantlog>>

beforeAll(async () => {
  server = await serve(file)
  tokens = await login(server.url, await register(server.url))
  busy = await busyLog(folder.at("."), SEED, 40)
  const place = checkpointFiles(`${busy}.checkpoint-key.json`, [`${busy}.checkpoint`])
  await Effect.runPromise(place.openKey("https://id.example.com", liveRandomness))
  written = await grantlog(["export", "--out", plain, ...store])
  key = /--key '([^']+)'/.exec(written.stderr)![1]!
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const verify = (path: string, input?: string) =>
  grantlogHere(["verify-export", path, "--key", key], input === undefined ? {} : { input })
/** What was written beside a file, to become it. */
const beside = () => readdirSync(folder.at(".")).filter((name) => name.endsWith(".next"))
const digest = () => hash("sha256", tokens.access_token, "base64url")

describe("jsonl", () => {
  it("is written to a file of its owner, beside which nothing is left, and holds without a store", async () => {
    expect(written).toMatchObject({ code: 0, stdout: "" })
    expect(written.stderr).toMatch(
      /^\d+ entries written; \d+ of them [^\n]+\nto verify it, offline:\n {2}grantlog verify-export .*\n$/,
    )
    expect(statSync(plain).mode & 0o777).toBe(0o600)
    expect(beside()).toEqual([])
    const { code, stdout, stderr } = await verify(plain)
    expect(stdout).toMatch(
      /^the export holds: entries 0 to \d+, of the first \d+ of localhost:\d+\n\d+ readable, as they were recorded\n\d+ only hashed: .*\nroot [\w-]{43}\n$/,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  })

  it("has a token's digest only when asked, and never the token", async () => {
    const without = readFileSync(plain, "utf8")
    const { stdout } = await grantlogHere(["export", "--with-digests", ...store])
    expect(without).not.toContain(digest())
    expect(stdout).toContain(digest())
    for (const token of [tokens.access_token, tokens.refresh_token!]) expect(without + stdout).not.toContain(token)
    expect(await verify("-", stdout)).toMatchObject({ code: 0 })
  })

  it("from a position holds as well, and says how much of it can be read", async () => {
    const path = folder.at("tail.jsonl")
    await grantlogHere(["export", "--from", "3", "--out", path, ...store])
    const held = await grantlogJsonHere<Held>(["verify-export", path, "--key", key])
    expect(held).toMatchObject({ holds: true, from: 3 })
    expect(held.readableCount + held.hashedCount).toBe(held.size - 3)
    expect(held.hashedCount).toBeGreaterThan(0)
  })

  it("that was changed does not hold: one line says where, with exit code 1", async () => {
    const path = folder.at("changed.jsonl")
    writeFileSync(path, readFileSync(plain, "utf8").replace('\\"type\\":\\"IssuerInit', '\\"type\\":\\"IssuerUnit'))
    expect(await verify(path)).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "grantlog: the export does not hold: line 2: entry 0 is not what was recorded: its bytes and its hash disagree\n",
    })
  })

  it("of a log that was edited leaves the file that was there, and nothing beside it", async () => {
    const copied = folder.at("edited.db")
    const path = folder.at("kept.jsonl")
    writeFileSync(path, "kept")
    new DatabaseSync(busy).exec("PRAGMA wal_checkpoint(TRUNCATE)")
    for (const suffix of ["", ".checkpoint-key.json"]) copyFileSync(`${busy}${suffix}`, `${copied}${suffix}`)
    const database = new DatabaseSync(copied)
    database.prepare("UPDATE subtrees SET hash = ?").run(hash("sha256", "another", "buffer"))
    database.close()
    const { code, stdout, stderr } = await grantlog(["export", "--out", path, "--force", "--store", `sqlite:${copied}`])
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/^grantlog: the entries are not those of the checkpoint: run grantlog verify\n$/)
    expect(readFileSync(path, "utf8")).toBe("kept")
    expect(beside()).toEqual([])
  })
})

describe("cloudevents", () => {
  it("are one a line, each valid by their own SDK, from the issuer, without digests", async () => {
    const { code, stdout, stderr } = await grantlog(["export", "--format", "cloudevents", ...store])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^\d+ entries written; [^\n]+\n$/) })
    const lines = stdout.trimEnd().split("\n")
    for (const body of lines) {
      const event = HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body })
      expect(event).toMatchObject({ source: server.issuer, specversion: "1.0" })
    }
    expect(stdout).toContain('"type":"dev.grantlog.AccessTokenIssued.v1"')
    expect(stdout).not.toContain(digest())
  })
})

describe.each(["jsonl", "cloudevents"])("a reader of %s that goes away", (format) => {
  const started = (path: string) => {
    const child = startGrantlog(["export", "--format", format, "--store", `sqlite:${path}`])
    let stderr = ""
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
    child.stdin.end()
    return { child, end: async () => ({ code: await endOf(child), stderr }) }
  }

  it("before the first line ends the export quietly", async () => {
    const { child, end } = started(file)
    child.stdout.destroy()
    expect(await end()).toEqual({ code: 0, stderr: "" })
  })

  it("after some lines ends the export quietly", async () => {
    const { child, end } = started(busy)
    let readCount = 0
    child.stdout.on("data", (chunk: Buffer) => {
      readCount += chunk.length
      child.stdout.destroy()
    })
    expect(await end()).toEqual({ code: 0, stderr: "" })
    const whole = await grantlog(["export", "--format", format, "--store", `sqlite:${busy}`])
    // Else it had written all it had before its reader went.
    expect(readCount).toBeLessThan(whole.stdout.length - PIPE_BYTES)
  })
})

it.each<[ReadonlyArray<string>, number, RegExp]>([
  [["export", "--from", "999999"], 1, /the log has \d+ entries, and none from position 999999 on/],
  [["export", "--format", "cloudevents", "--from", "999999"], 1, /none from position 999999 on/],
  [["export", "--from=-1"], 2, /--from `-1` is no position/],
  [["export", "--format", "xml"], 2, /--format is `xml`: give jsonl or cloudevents/],
  [["export", "--out", "/nowhere/at-all"], 1, /`\/nowhere\/at-all` cannot be written \(ENOENT\)/],
  [["export", "--checkpoint-copy", "/nowhere/at-all"], 1, /cannot be kept at/],
])("%j ends with %i and a line", async (args, code, line) => {
  const ran = await grantlogHere([...args, ...store])
  expect(ran.stderr).toMatch(/^grantlog: [^\n]+\n$/)
  expect(ran.stderr).toMatch(line)
  expect(ran).toMatchObject({ code, stdout: "" })
})

it("what is no key, no file or no export is refused with a line", async () => {
  mkdirSync(folder.at("a-folder"))
  writeFileSync(folder.at("other"), "{}\n")
  const refusals: ReadonlyArray<readonly [string, string, number, RegExp]> = [
    [plain, "nonsense", 2, /--key is no verifier key/],
    ["/nowhere/at-all", key, 1, /cannot be read/],
    [folder.at("a-folder"), key, 1, /cannot be read/],
    [folder.at("other"), key, 1, /line 1 is not the header/],
  ]
  for (const [path, given, code, line] of refusals) {
    const ran = await grantlogHere(["verify-export", path, "--key", given])
    expect(ran.stderr).toMatch(line)
    expect(ran).toMatchObject({ code, stdout: "" })
  }
})
