/** Proving history: a server that signs while it serves, and whoever holds a file and a key against it afterwards. */
import { once } from "node:events"
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { DatabaseSync } from "node:sqlite"
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkpointFiles } from "../../src/audit/index.ts"
import { leafHash, signCheckpoint, signingKey } from "../../src/log/index.ts"
import { endOf, startGrantlog } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { login, register } from "./support/Wire.ts"

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

beforeAll(async () => {
  server = await serve(file, "--checkpoint-copy", copy)
  await login(server.url, await register(server.url))
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const run = (...args: ReadonlyArray<string>) => grantlogHere([...args, ...store])
const sign = () => grantlogJsonHere<Signed>(["checkpoint", ...store])

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

it("of a log that was rewritten below a checkpoint watch tells, and nobody is served", async () => {
  const copied = folder.at("rewritten.db")
  await sign()
  new DatabaseSync(file).exec("PRAGMA wal_checkpoint(TRUNCATE)")
  for (const suffix of ["", ".keys.json", ".checkpoint", ".checkpoint-key.json"]) {
    copyFileSync(`${file}${suffix}`, `${copied}${suffix}`)
  }
  const database = new DatabaseSync(copied)
  database.exec("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)")
  database.close()
  const alarm = await firstAlarm("--json", "--store", `sqlite:${copied}`)
  expect(JSON.parse(alarm)).toMatchObject({
    alarm: "checkpoint",
    reason: "inconsistent",
    sentence: expect.stringMatching(/^the log has \d+ entries, the last checkpoint \d+: it was cut/),
  })

  const refused = await grantlogHere(["serve", "--port", "0", "--store", `sqlite:${copied}`, "--issuer", server.issuer])
  expect(refused).toMatchObject({ code: 1, stdout: "" })
  expect(refused.stderr).toMatch(/^grantlog: the log has .* start with --accept-rollback\n$/)
  expect(existsSync(`${copied}.checkpoint`)).toBe(true)
})
