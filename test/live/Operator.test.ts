/** Item 20: what the command says to an operator who is new to it: what was not done, why, and what to type next. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { text } from "node:stream/consumers"
import { once } from "node:events"
import { beforeAll, describe, expect, it } from "vitest"
import { lastRun, NO_RUN } from "../../spec/trace/Verdict.ts"
import { endOf, grantlog, startGrantlog, startProgram } from "./support/Command.ts"
import { namedStore, type NamedStore } from "./support/NamedStore.ts"

const README_SCRIPT = fileURLToPath(new URL("../../properties/readme.ts", import.meta.url))
const README = fileURLToPath(new URL("../../properties/README.md", import.meta.url))
const KEY_FILE = ".checkpoint-key.json"

let store: NamedStore

beforeAll(async () => {
  store = await namedStore()
  // A server makes the key that exports and proofs are signed with, and checkpoints on its way out.
  const served = startGrantlog(["serve", "--json", "--port", "0", "--issuer", "http://localhost:4000"], {
    GRANTLOG_STORE: `sqlite:${store.file}`,
    GRANTLOG_KEYS: store.keys,
  })
  served.stdin.end()
  await once(createInterface(served.stdout), "line")
  served.kill("SIGTERM")
  await endOf(served)
  expect(existsSync(store.file + KEY_FILE)).toBe(true)
  return () => store[Symbol.dispose]()
})

describe("item 20: user", () => {
  it("passwd of an account that is not there says so, before it asks for anything", async () => {
    const line = { code: 1, stdout: "", stderr: "grantlog: there is no account `nope`\n" }
    expect(await store.ask("user", "passwd", "nope")).toEqual(line)
    expect(await store.pipe("a long enough password\n", "user", "passwd", "nope")).toEqual(line)
  })

  it("a password or a token is read as far as one may be long, and no further", async () => {
    const endless = "x".repeat(1_000_000)
    for (const asked of [["user", "add", "frank", "--password-stdin"], ["explain"]]) {
      const { code, stdout, stderr } = await store.pipe(endless, ...asked)
      expect([code, stdout, stderr]).toEqual([
        2,
        "",
        "grantlog: standard input has more than 65536 bytes: give it the password or the token alone\n",
      ])
    }
  })

  it("add without a password says that nobody can sign in, and what sets one", async () => {
    const added = await store.ask("user", "add", "it's me")
    expect([added.code, added.stdout]).toEqual([0, expect.stringMatching(/^hasPassword +false$/m)])
    const next = `grantlog user passwd 'it'\\''s me' --store sqlite:${store.file}`
    expect(added.stderr).toBe(
      `the account has no password, so that nobody can sign in as it's me yet; to set one: ${next}\n`,
    )
    const withOne = await store.pipe("a long enough password\n", "user", "add", "eve", "--password-stdin")
    expect([withOne.code, withOne.stderr]).toEqual([0, ""])
    const taken = await store.ask("user", "add", "eve", "--password-stdin")
    expect(taken).toEqual({ code: 1, stdout: "", stderr: "grantlog: the name `eve` is taken\n" })
  })
})

describe("item 20: a file that is there", () => {
  it("is not overwritten by any command without --force, and is by force", async () => {
    const path = store.at("there.txt")
    const provider = store.at("provider.mjs")
    writeFileSync(provider, "export default () => ({})")
    const calls = [
      ["export", "--out", path],
      ["export", "--format", "cloudevents", "--out", path],
      ["prove", "1", "--out", path],
      ["check", provider, "--html", path],
      ["check", provider, "--write-test", path],
    ]
    for (const args of calls) {
      writeFileSync(path, "kept")
      const refused = await store.ask(...args)
      expect(refused, args.join(" ")).toEqual({
        code: 2,
        stdout: "",
        stderr: `grantlog: \`${path}\` is there already: --force replaces it\n`,
      })
      expect(readFileSync(path, "utf8")).toBe("kept")
    }
    for (const args of calls.slice(0, 3)) {
      writeFileSync(path, "replaced")
      expect((await store.ask(...args, "--force")).code, args.join(" ")).toBe(0)
      expect(readFileSync(path, "utf8")).not.toContain("replaced")
    }
    expect(readdirSync(store.at()).filter((name) => name.includes(".next"))).toEqual([])
  })

  it("is none where it is no plain file", async () => {
    expect((await store.ask("prove", "1", "--out", "/dev/null")).code).toBe(0)
  })
})

describe("item 20: export", () => {
  it("says how many entries it wrote, and how many of them it held back", async () => {
    const path = store.at("log.jsonl")
    const { stderr } = await store.ask("export", "--out", path)
    const lines = readFileSync(path, "utf8").trimEnd().split("\n").slice(1, -1)
    const heldBack = lines.filter((line) => line.includes('"redacted"')).length
    expect(heldBack).toBeGreaterThan(5)
    const said = `${lines.length} entries written; ${heldBack} of them are held back but for what is left without digests of tokens and secrets: --with-digests gives them whole`
    expect(stderr.split("\n")[0]).toBe(said)
    const [piped, events, whole] = await Promise.all([
      store.ask("export"),
      store.ask("export", "--format", "cloudevents"),
      store.ask("export", "--with-digests"),
    ])
    expect(piped.stderr).toBe(`${said}\n`)
    expect(events.stderr).toBe(`${said}\n`)
    expect(whole.stderr).toBe(`${lines.length} entries written\n`)
  })
})

describe("item 20: what waits", () => {
  it.each([
    [["watch"], /^watching sqlite:\S+ from entry \d+ on: a line is printed when something is wrong; Ctrl-C ends it$/],
    [["watch", "--json"], /^watching sqlite:\S+ from entry \d+ on: a line is printed when something is wrong; /],
    [["history", "--follow", "--json"], /^following: what happens is printed as it does; Ctrl-C ends it$/],
    [["history", "--follow"], /^following: what happens is printed as it does; Ctrl-C ends it$/],
  ])("%j says that it does, to people and on standard error", async (args, line) => {
    const child = startGrantlog(args, { GRANTLOG_STORE: `sqlite:${store.file}` })
    child.stdin.end()
    const [first] = (await once(createInterface(child.stderr), "line")) as [string]
    expect(first).toMatch(line)
    child.kill("SIGTERM")
    expect(await endOf(child)).toBe(0)
  })
})

describe("item 20: a command that is suggested", () => {
  it("names the store that it is about", async () => {
    const { stdout } = await store.ask("explain", store.grants.open)
    const commands = stdout.split("\n").filter((line) => line.startsWith("  grantlog "))
    expect(commands.length).toBeGreaterThan(2)
    for (const line of commands) expect(line).toMatch(new RegExp(` --store sqlite:${store.file}$`))
    const words = commands[0]!.trim().split(" ").slice(1)
    expect((await grantlog(words)).code).toBe(0)
  })

  it("is none of a store in memory, by the server, its console or a command that is asked about one", async () => {
    const served = startGrantlog(["serve", "--port", "0", "--store", "memory:"])
    served.stdin.end()
    const printed = text(served.stdout)
    await once(createInterface(served.stdout), "line")
    served.kill("SIGTERM")
    await endOf(served)
    expect(await printed).toMatch(/Try:\n {2}curl /)
    expect(await printed).not.toMatch(/npx grantlog|grantlog grant/)
    for (const args of [
      ["grant", "list"],
      ["client", "list", "--issuer", "http://localhost:4000"],
      ["explain", "x"],
    ]) {
      expect(await grantlog([...args, "--store", "memory:"]), args.join(" ")).toEqual({
        code: 2,
        stdout: "",
        stderr:
          "grantlog: `memory:` is the store of the process that serves, which no command can see: serve with --store sqlite:FILE, and name that\n",
      })
    }
  })
})

describe("item 20: npm run spec without a last run", () => {
  it("says so, and leaves the table of promises as it is", async () => {
    const nowhere = store.at("no-run")
    expect(lastRun(nowhere)).toBeUndefined()
    expect(NO_RUN).toContain("there is no last run (.last-run/ is not there or empty)")
    const before = readFileSync(README, "utf8")
    const child = startProgram([README_SCRIPT, "--runs", nowhere])
    child.stdin.end()
    const [stderr, code] = await Promise.all([text(child.stderr), endOf(child)])
    expect([code, stderr]).toEqual([
      0,
      "no engine has left a last run: properties/README.md stays as it is; run npm test first\n",
    ])
    expect(readFileSync(README, "utf8")).toBe(before)
  })
})

describe("item 20: GRANTLOG_PORT=abc", () => {
  it.each([
    [{ GRANTLOG_PORT: "abc" }, 2, "GRANTLOG_PORT is `abc`: give a whole number (try grantlog serve --help)"],
    [{ GRANTLOG_PORT: "70000" }, 2, "GRANTLOG_PORT `70000` is not between 0 and 65535"],
    [{ GRANTLOG_STORE: "abc" }, 2, "GRANTLOG_STORE `abc` is neither sqlite:FILE, postgres://… nor memory:"],
    [{ GRANTLOG_ACCESS_TOKEN_TTL: "0" }, 1, "GRANTLOG_ACCESS_TOKEN_TTL is `0`: give a value between 1 and 315360000"],
    [
      { GRANTLOG_HOST: "no-such-host.invalid" },
      1,
      "GRANTLOG_HOST `no-such-host.invalid` is no address of this machine: give one, or none for both loopbacks",
    ],
  ])("%j names the variable and says what would do", async (env, code, line) => {
    const ran = await grantlog(["serve"], {
      env: { GRANTLOG_STORE: `sqlite:${join(store.at(), "new.db")}`, GRANTLOG_PORT: "0", ...env },
    })
    expect(ran).toEqual({ code, stdout: "", stderr: `grantlog: ${line}\n` })
  })
})
