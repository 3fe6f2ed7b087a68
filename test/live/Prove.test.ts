/** Proving history: a server that signs while it serves, and whoever holds a file and a key against it afterwards. */
import { hash } from "node:crypto"
import { once } from "node:events"
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { DatabaseSync } from "node:sqlite"
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkpointFiles } from "../../src/audit/index.ts"
import { formatProof, formatVerifierKey, leafHash, signCheckpoint, signingKey } from "../../src/log/index.ts"
import { endOf, grantlog, startGrantlog } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { login, register, type Tokens } from "./support/Wire.ts"

interface Signed {
  readonly size: number
  readonly checkpoint: string
  readonly verifierKey: string
}

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const copy = folder.at("elsewhere")
const store = ["--store", `sqlite:${file}`]
let server: RunningServer
let tokens: Tokens

beforeAll(async () => {
  server = await serve(file, "--checkpoint-copy", copy)
  tokens = await login(server.url, await register(server.url))
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const run = (...args: ReadonlyArray<string>) => grantlogHere([...args, ...store])
const sign = () => grantlogJsonHere<Signed>(["checkpoint", ...store])

describe("a proof of what no log writes", () => {
  it.each([
    ["is no JSON", "nonsense"],
    ["has a number that nobody reads alike", "1e999"],
    ["is nested beyond reading", "[".repeat(60_000) + "]".repeat(60_000)],
  ])("does not hold, whoever signed it, and is told in a sentence: it %s", async (_, entry) => {
    const key = signingKey("elsewhere.example", new Uint8Array(32).fill(7))
    const checkpoint = signCheckpoint(1, leafHash(entry), key)
    const path = folder.at("odd.tlog-proof")
    writeFileSync(path, formatProof({ position: 0, hashes: [], checkpoint, entry }))
    const { code, stdout, stderr } = await grantlogHere(["verify-proof", path, "--key", formatVerifierKey(key)])
    expect([code, stdout, stderr]).toEqual([
      1,
      "",
      "grantlog: the proof does not hold: its entry is not as a log writes one\n",
    ])
  })
})

describe("while a server serves", () => {
  it("checkpoint signs the log as it is, for the key that its own file keeps to its owner", async () => {
    const { checkpoint, size, verifierKey } = await sign()
    expect(checkpoint).toMatch(new RegExp(`^localhost:\\d+\\n${size}\\n`))
    expect(verifierKey).toMatch(/^localhost:\d+\+[0-9a-f]{8}\+/)
    expect(statSync(`${file}.checkpoint-key.json`).mode & 0o777).toBe(0o600)
  })

  it("verify finds nothing wrong, and says how far checkpoints reach", async () => {
    await sign()
    const { code, stdout } = await run("verify")
    expect(stdout).toMatch(/^\d+ entries in \d+ streams, \d+ rows, \d checkpoints\nroot [\w-]{43}\ncovered to the end/)
    expect(code).toBe(0)
  })

  it("prove writes a file that holds for who has the verifier key, without a store", async () => {
    const digest = hash("sha256", tokens.access_token, "base64url")
    const path = folder.at("issued.tlog-proof")
    const proven = await run("prove", digest, "--out", path)
    expect(proven.code).toBe(0)
    const key = /--key '([^']+)'/.exec(proven.stdout)![1]!
    const held = await grantlogJsonHere<{ readonly event: { readonly type: string; readonly data: object } }>([
      "verify-proof",
      path,
      "--key",
      key,
    ])
    expect(held).toMatchObject({ holds: true, event: { type: "AccessTokenIssued", data: { digest } } })
    expect(readFileSync(path, "utf8")).not.toContain(tokens.access_token)

    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(/^index (\d+)/m, (_, at) => `index ${Number(at) + 1}`),
    )
    const broken = await grantlogHere(["verify-proof", path, "--key", key])
    expect(broken).toMatchObject({ code: 1, stdout: "" })
    expect(broken.stderr).toMatch(/^grantlog: the proof does not hold: /)
  })

  it.each([
    [["prove", "gla_not-in-argv"], 2, /a token itself belongs on no command line/],
    [["prove", hash("sha256", "never issued", "base64url")], 1, /was ever issued here/],
    [["prove", `-h${"A".repeat(41)}`], 1, /was ever issued here/],
    [["explain", `-v${"-".repeat(41)}`], 1, /was ever issued or registered here/],
    [["prove", "999999"], 1, /none at position 999999/],
    [["verify", "--from", "/nowhere/at-all"], 1, /cannot be read/],
    [["verify", "--key", "nonsense"], 2, /is no verifier key/],
    [["checkpoint", "--checkpoint-copy", "/nowhere/at-all"], 1, /cannot be kept at/],
  ])("%j ends with %i and a line", async (args, code, line) => {
    const ran = await run(...args)
    expect(ran.stderr).toMatch(/^grantlog: [^\n]+\n$/)
    expect(ran.stderr).toMatch(line)
    expect(ran.code).toBe(code)
  })
})

it("a stopped server has signed its whole log, in its own file and in the copy elsewhere", async () => {
  const own = folder.at("stopped.db")
  const other = folder.at("stopped-copy")
  const short = await serve(own, "--checkpoint-copy", other, "--checkpoint-interval", "3600")
  await register(short.url)
  await register(short.url)
  expect(await short.stop()).toBe(0)
  expect(readFileSync(other, "utf8")).toBe(readFileSync(`${own}.checkpoint`, "utf8"))
  expect(readFileSync(other, "utf8").split("\n")[1]).toBe("3")
  expect(short.complaints()).toBe("")
})

/** The first line of `grantlog watch`, which has none to say of a log that is as it was. */
const firstAlarm = async (...args: ReadonlyArray<string>): Promise<string> => {
  const watcher = startGrantlog(["watch", ...args])
  watcher.stdin.end()
  const complaints = text(watcher.stderr)
  const line = once(createInterface(watcher.stdout), "line")
  const ended = endOf(watcher)
  const early = ended.then(async (code) => Promise.reject(new Error(`watch ended with ${code}: ${await complaints}`)))
  const [alarm] = (await Promise.race([line, early])) as [string]
  early.catch(() => {})
  watcher.kill("SIGTERM")
  expect([await ended, await complaints]).toEqual([0, expect.stringMatching(/^watching [^\n]+\n$/)])
  return alarm
}

it("watch names a checkpoint kept elsewhere that the log is not the one of, and one that is signed by another", async () => {
  const { size } = await sign()
  const outside = folder.at("kept-outside")
  const ownKey = await Effect.runPromise(checkpointFiles(`${file}.checkpoint-key.json`, [`${file}.checkpoint`]).readKey)
  writeFileSync(outside, signCheckpoint(size - 1, leafHash("rewritten"), ownKey))
  expect(await firstAlarm("--checkpoint-copy", outside, ...store)).toMatch(
    /^CHECKPOINT {2}\d{4}-[\dT:.-]+Z {2}the first \d+ entries are not those of the last checkpoint: the log was rewritten;/,
  )
  writeFileSync(outside, signCheckpoint(size, leafHash("x"), signingKey(ownKey.name, Buffer.alloc(32, 3))))
  expect(await firstAlarm("--checkpoint-copy", outside, ...store)).toMatch(
    / {2}the checkpoint kept: the note is not signed/,
  )
})

it("of a log that was rewritten below a checkpoint verify names the entries, and nothing more is signed", async () => {
  const copied = folder.at("rewritten.db")
  await sign()
  new DatabaseSync(file).exec("PRAGMA wal_checkpoint(TRUNCATE)")
  for (const suffix of ["", ".keys.json", ".checkpoint", ".checkpoint-key.json"]) {
    copyFileSync(`${file}${suffix}`, `${copied}${suffix}`)
  }
  const database = new DatabaseSync(copied)
  database.exec("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)")
  database.close()
  const { code, stdout, stderr } = await grantlog(["verify", "--store", `sqlite:${copied}`])
  expect(stdout).toMatch(
    /^WRONG {2}the log has (\d+) entries, a checkpoint \d+: entry \1 and what came after it is missing/,
  )
  expect(stderr).toMatch(/grantlog: the log has/)
  expect(code).toBe(1)
  const alarm = await firstAlarm("--json", "--store", `sqlite:${copied}`)
  expect(JSON.parse(alarm)).toMatchObject({
    alarm: "checkpoint",
    reason: "inconsistent",
    sentence: expect.stringMatching(/^the log has \d+ entries, the last checkpoint \d+: it was cut/),
  })

  const signing = await grantlog(["checkpoint", "--store", `sqlite:${copied}`])
  expect(signing).toMatchObject({ code: 1, stdout: "" })
  expect(signing.stderr).toMatch(/it was cut or restored; run grantlog verify/)

  const refused = await grantlog(["serve", "--port", "0", "--store", `sqlite:${copied}`, "--issuer", server.issuer])
  expect(refused).toMatchObject({ code: 1, stdout: "" })
  expect(refused.stderr).toMatch(/^grantlog: the log has .* start with --accept-rollback\n$/)
  expect(existsSync(`${copied}.checkpoint`)).toBe(true)
})
