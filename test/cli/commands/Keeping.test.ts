/** What is kept of a log outside of it: `backup`, `checkpoint` and `export`, and what each of them tells. */
import { existsSync, readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readKeyFile, sqliteStore } from "../../../src/provider/index.ts"
import { logins, run } from "../../audit/Logins.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { manualClock } from "../../support/ManualClock.ts"
import { serveHere } from "../ServeHere.ts"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
const here = (...args: ReadonlyArray<string>) => grantlogHere([...args, ...store])

interface Signed {
  readonly origin: string
  readonly size: number
  readonly root: string
  readonly checkpoint: string
  readonly verifierKey: string
}

/** The head of the log, which stays as it is. */
const sign = () => grantlogJsonHere<Signed>(["checkpoint", ...store])

let issuer: string

beforeAll(async () => {
  const server = await serveHere(file)
  issuer = server.url
  await server[Symbol.asyncDispose]()
  const log = sqliteStore(file)
  const keys = readKeyFile(`${file}.keys.json`)
  const { login } = await logins({ store: log, keys, clock: manualClock(Date.now()), config: { issuer } })
  await login()
  await run(log.close)
  for (const command of ["backup", "checkpoint", "export"]) await here(command, "--nothing")
})
afterAll(() => folder[Symbol.dispose]())

describe("checkpoint", () => {
  it("prints the note alone, and the verifier key beside it; JSON has both", async () => {
    const signed = await sign()
    expect(Object.keys(signed)).toEqual(["origin", "size", "root", "checkpoint", "verifierKey"])
    expect(await here("checkpoint")).toEqual({
      code: 0,
      stdout: signed.checkpoint,
      stderr: `\nverifier key, to be given to whoever is to believe it:\n${signed.verifierKey}\n`,
    })
  })
})

describe("backup", () => {
  const own = ["grantlog.db", "grantlog.db.checkpoint", "grantlog.db.checkpoint-key.json"]

  it("tells in lines what is in it, and when it was made", async () => {
    const signed = await sign()
    const made = folder.at("monday")
    const { code, stdout, stderr } = await here("backup", made)
    const { madeAt } = JSON.parse(readFileSync(`${made}/backup.json`, "utf8")) as { readonly madeAt: number }
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toBe(
      [
        `backup          ${made}`,
        `entryCount      ${signed.size}`,
        `root            ${signed.root}`,
        "hasKeyRing      true",
        "hasSubjectKeys  false",
        `files           ${[...own, "grantlog.db.keys.json"].join(" ")}`,
        `madeAt          ${new Date(madeAt).toISOString()}`,
        "",
      ].join("\n"),
    )
  })

  it("has what it is told to have, and says what it lacks", async () => {
    const signed = await sign()
    const { stdout, stderr } = await here("backup", folder.at("bare"), "--no-key-ring", "--with-subject-keys")
    expect(stdout).toMatch(/\nhasKeyRing {6}false\nhasSubjectKeys {2}true\n/)
    expect(stderr).toBe(
      "the key ring is not in it: keep a copy of the ring elsewhere, for without it nothing can be served\n",
    )
    const made = folder.at("tuesday")
    expect(await grantlogJsonHere(["backup", made, ...store])).toEqual({
      backup: made,
      entryCount: signed.size,
      root: signed.root,
      hasKeyRing: true,
      hasSubjectKeys: false,
      files: [...own, "grantlog.db.keys.json"],
      madeAt: expect.any(Number),
    })
  })
})

describe("export", () => {
  const HELD_BACK =
    "are held back but for what is left without digests of tokens and secrets: --with-digests gives them whole"
  const exported = async (...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await here("export", ...args)
    expect(code).toBe(0)
    return { lines: stdout.split("\n").slice(0, -1), stderr }
  }

  it("writes a header, an entry a line and the checkpoint, and tells how many and how many are held back", async () => {
    const signed = await sign()
    const { lines, stderr } = await exported()
    expect(lines).toHaveLength(signed.size + 2)
    expect(JSON.parse(lines[0]!)).toMatchObject({ origin: signed.origin, from: 0, size: signed.size })
    expect(JSON.parse(lines.at(-1)!)).toEqual({ checkpoint: signed.checkpoint })
    const heldBack = lines.slice(1, -1).filter((line) => !("bytes" in (JSON.parse(line) as object))).length
    expect(heldBack).toBeGreaterThan(0)
    expect(stderr).toBe(`${signed.size} entries written; ${heldBack} of them ${HELD_BACK}\n`)
  })

  it("holds nothing back with --with-digests, and begins where it is told to", async () => {
    const signed = await sign()
    const { lines, stderr } = await exported("--with-digests", "--from", "2")
    const entries = lines.slice(1, -1).map((line) => JSON.parse(line) as object)
    expect(entries.map((entry) => "bytes" in entry)).toEqual(Array.from({ length: signed.size - 2 }, () => true))
    expect(entries[0]).toMatchObject({ position: 2 })
    expect(stderr).toBe(`${signed.size - 2} entries written\n`)
    expect((await exported("--from", String(signed.size))).stderr).toBe("0 entries written\n")
  })

  it("into a file says how it is verified; as CloudEvents, which prove nothing, it does not", async () => {
    const signed = await sign()
    const path = folder.at("log.jsonl")
    const { lines, stderr } = await exported("--out", path, "--with-digests")
    expect([lines, stderr]).toEqual([
      [],
      `${signed.size} entries written\nto verify it, offline:\n  grantlog verify-export ${path} --key '${signed.verifierKey}'\n`,
    ])
    expect(readFileSync(path, "utf8")).toContain(JSON.stringify(signed.checkpoint))
    const events = folder.at("events.jsonl")
    const told = await exported("--out", events, "--format", "cloudevents", "--with-digests", "--from", "1")
    expect(told.stderr).toBe(`${signed.size - 1} entries written\n`)
    const [first, ...rest] = readFileSync(events, "utf8").trimEnd().split("\n")
    expect(rest).toHaveLength(signed.size - 2)
    expect(JSON.parse(first!)).toMatchObject({ source: issuer, specversion: "1.0" })
  })

  it("replaces a file only with --force", async () => {
    const path = folder.at("there.jsonl")
    await exported("--out", path)
    expect(await here("export", "--out", path)).toEqual({
      code: 2,
      stdout: "",
      stderr: `grantlog: \`${path}\` is there already: --force replaces it\n`,
    })
    await exported("--out", path, "--force")
  })

  it.each([
    [["--from=-1"], 2, "--from `-1` is no position: the first is 0"],
    [["--from", "999"], 1, "the log has SIZE entries, and none from position 999 on"],
    [["--from", "999", "--format", "cloudevents"], 1, "the log has SIZE entries, and none from position 999 on"],
    [["--format", "xml"], 2, "--format is `xml`: give jsonl or cloudevents (try grantlog export --help)"],
  ])("refuses %j in a sentence", async (args, code, sentence) => {
    const signed = await sign()
    const stderr = `grantlog: ${sentence.replace("SIZE", String(signed.size))}\n`
    expect(await here("export", ...args)).toEqual({ code, stdout: "", stderr })
  })

  it("has no events of a log that no server has begun", async () => {
    const path = folder.at("empty.db")
    await run(sqliteStore(path).close)
    expect(existsSync(path)).toBe(true)
    expect(await grantlogHere(["export", "--format", "cloudevents", "--store", `sqlite:${path}`])).toEqual({
      code: 1,
      stdout: "",
      stderr: "grantlog: this log has no issuer yet: start the server once\n",
    })
  })
})
