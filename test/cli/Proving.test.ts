/** Proving history offline: what `checkpoint`, `verify`, `prove` and `verify-proof` say, and what they refuse. */
import { hash } from "node:crypto"
import { copyFileSync, readFileSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { formatProof, formatVerifierKey, leafHash, signCheckpoint, signingKey } from "../../src/log/index.ts"
import { readKeyFile, sqliteStore } from "../../src/provider/index.ts"
import { logins, run as runEffect } from "../audit/Logins.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { manualClock } from "../support/ManualClock.ts"
import { serveHere } from "./ServeHere.ts"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
let accessToken: string

beforeAll(async () => {
  const server = await serveHere(file)
  const issuer = server.url
  await server[Symbol.asyncDispose]()
  const log = sqliteStore(file)
  const keys = readKeyFile(`${file}.keys.json`)
  const { login } = await logins({ store: log, keys, clock: manualClock(Date.now()), config: { issuer } })
  accessToken = (await login()).access_token
  await runEffect(log.close)
})

afterAll(() => folder[Symbol.dispose]())

const run = (...args: ReadonlyArray<string>) => grantlogHere([...args, ...store])

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

describe("of a log and its checkpoints", () => {
  it("checkpoint prints a note that names how many entries there are, and the verifier key beside it", async () => {
    const { stdout, stderr, code } = await run("checkpoint")
    expect([code, stdout.split("\n").length]).toEqual([0, 6])
    const [origin, size, root] = stdout.split("\n")
    expect(stderr).toContain(`\nverifier key, to be given to whoever is to believe it:\n${origin}+`)
    const signed = await grantlogJsonHere<{ readonly size: number; readonly root: string }>(["checkpoint", ...store])
    expect([signed.size, Buffer.from(signed.root, "base64url").toString("base64")]).toEqual([Number(size), root])
  })

  it("verify says how far they reach, and what is beside the log", async () => {
    await run("checkpoint")
    const { stdout, code } = await run("verify")
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^\d+ entries in \d+ streams, \d+ rows, \d checkpoints\nroot [\w-]{43}\ncovered to the end by a checkpoint\nnot covered, for it is beside the log: .*key ring/,
    )
    const kept = folder.at("kept")
    writeFileSync(kept, (await run("checkpoint")).stdout)
    await grantlogJsonHere(["client", "add", "--name", "later", "--redirect-uri", "http://127.0.0.1/", ...store])
    const later = await run("verify", "--from", kept)
    expect(later.stdout).toMatch(/\nuncovered: positions \d+ to \d+; no checkpoint that was kept says what they were\n/)
    writeFileSync(kept, "x".repeat(200_000))
    expect((await run("verify", "--from", kept)).stderr).toBe(`grantlog: \`${kept}\` is too long for a checkpoint\n`)
    writeFileSync(kept, "no note\n")
    expect((await run("verify", "--from", kept)).stderr).toMatch(/^grantlog: `.*kept`: the note has no blank line/)
  })

  it("prove writes a file that holds for who has the verifier key, without a store", async () => {
    const digest = hash("sha256", accessToken, "base64url")
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
    expect(readFileSync(path, "utf8")).not.toContain(accessToken)

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

  it("of which an entry is missing verify names it, and nothing more is signed", async () => {
    const copied = folder.at("rewritten.db")
    await run("checkpoint")
    using database = new DatabaseSync(file)
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
    for (const suffix of ["", ".keys.json", ".checkpoint", ".checkpoint-key.json"])
      copyFileSync(`${file}${suffix}`, `${copied}${suffix}`)
    using cut = new DatabaseSync(copied)
    cut.exec("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)")
    const { code, stdout, stderr } = await grantlogHere(["verify", "--store", `sqlite:${copied}`])
    expect(stdout).toMatch(
      /^WRONG {2}the log has (\d+) entries, a checkpoint \d+: entry \1 and what came after it is missing/,
    )
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^grantlog: the log has/)])
    expect(await grantlogHere(["checkpoint", "--store", `sqlite:${copied}`])).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/it was cut or restored; run grantlog verify/),
    })
  })
})
