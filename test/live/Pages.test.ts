/**
 * The pages, run: every shell block on every page, the walk against a real server, snippets as programs, and every
 * command and flag that a sentence names against `--help`.
 *
 * What a block needs that this cannot bring (npm itself, a browser, somebody who signs in) is run by another test, which
 * is named here.
 */
import { spawn } from "node:child_process"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readKeyFile, sqliteStore } from "../../src/provider/index.ts"
import { logins } from "../audit/Logins.ts"
import { manualClock } from "../support/ManualClock.ts"
import { blocksOf, codeSpansOf, pageAt, pages, stepsOf } from "../support/Pages.ts"
import { ISSUER } from "../support/TestServer.ts"
import { grantlog, MAIN, NODE_COMPILE_CACHE, runnable } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere } from "./support/InProcess.ts"
import { serve } from "./support/ServeProcess.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const COMMAND = `"${process.execPath}" "${MAIN}"`

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>
}

/** Runs a block as somebody would who typed it into that folder; gives what it printed, fails if a line of it did. */
const run = async (block: string, cwd: string): Promise<string> => {
  const script = block
    .replaceAll(/^(npx )?grantlog|npx grantlog/gm, COMMAND)
    .replaceAll(/^node /gm, `"${process.execPath}" `)
  const env = { ...process.env, NODE_COMPILE_CACHE }
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
  const [printed, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.once("close", resolve)),
  ])
  expect(code, printed).toBe(0)
  return printed
}

/** The block that begins like this, on the page. */
const blockOf = (path: string, beginning: string): string => {
  const found = blocksOf(pageAt(path), "sh").find((block) => block.startsWith(beginning))
  if (found === undefined) throw new Error(`${path} has no block that begins with \`${beginning}\``)
  return found
}

/** Which test runs a block, by how it begins, where no test of this file does. */
const RUN_ELSEWHERE: Readonly<Record<string, readonly [file: string, ...saying: ReadonlyArray<string>]>> = {
  "npm ci && npm start": ["test/live/Newcomer.test.ts", "scripts.start"],
  "npm ci && npm test": [".ci/run", "npm ci", "npm test"],
  "npm run app": ["test/live/Newcomer.test.ts", "scripts.app"],
  "npx grantlog check ./my-provider.ts": ["test/cli/Check.test.ts", 'grantlog(["check", example("'],
  "npx grantlog check python:my_package.auth:make_provider": [
    "test/peers/PythonProviders.test.ts",
    'grantlog(["check", "python:my_package.auth:make_provider"',
  ],
  "grantlog checkpoint --witness": [
    "test/cli/tiles/Tiles.test.ts",
    '["checkpoint", ...log.store, "--witness", witness.url',
  ],
  "grantlog serve --admin-port": ["test/live/AdminCommand.test.ts", 'toBe("grantlog serve --admin-port 4001")'],
  'curl -H "authorization: Bearer $(grantlog token': ["test/live/EndpointOrigins.test.ts", 'grantlog(["token", url'],
}

const OPERATOR = "src/cli/README.md"
/** So long ago that what ended then is archived. */
const AGE_MILLIS = 400 * 86_400_000

const WALK = "URL=http://localhost:4000"
const BACKUP = "grantlog backup "
const RESTORE = "mv grantlog.db "
const DOCTOR = "grantlog doctor --config"
const ARCHIVE = "grantlog archive --before"
const RING = "grantlog ring add"
const KEYS = "grantlog key list"
const PASSKEYS = "grantlog user passkeys"
const DASHBOARD = "grantlog dashboard"
const TYPED = [WALK, BACKUP, RESTORE, DOCTOR, ARCHIVE, RING, KEYS, PASSKEYS, DASHBOARD]

/** Typed in one sitting by `test/peers/Operations.test.ts`. */
const inOneSitting = stepsOf("src/cli/README.md", "From nothing to two instances").flatMap(({ blocks }) =>
  blocks.map(({ text: block }) => block),
)

describe("every shell block", () => {
  const blocks = pages.flatMap(({ path, text: page }) =>
    blocksOf(page, "sh").map((block) => ({ path, block, begins: block.split("\n")[0] })),
  )

  it.each(blocks)("of $path is run by a test: $begins", ({ block }) => {
    const elsewhere = Object.entries(RUN_ELSEWHERE).find(([beginning]) => block.startsWith(beginning))?.[1]
    if (elsewhere === undefined) {
      const isTyped = inOneSitting.includes(block) || TYPED.some((beginning) => block.startsWith(beginning))
      expect(isTyped).toBe(true)
      return
    }
    const [file, ...saying] = elsewhere
    const test = readFileSync(join(ROOT, file), "utf8")
    expect(saying.filter((one) => !test.includes(one))).toEqual([])
  })
})

it("the walk gives tokens, rotates, repeats a lost answer, introspects and revokes", async () => {
  using folder = temporaryFolder()
  await using server = await serve(folder.at("grantlog.db"))
  const walk = blockOf("src/http/README.md", WALK).replaceAll("http://localhost:4000", server.url)
  const printed = await run(walk, folder.at("."))
  const answers = printed.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
  const [redeemed, rotated, repeated, alive, dead] = answers as ReadonlyArray<Record<string, unknown>>

  expect(redeemed).toMatchObject({ token_type: "Bearer", scope: "read" })
  expect(rotated?.["refresh_token"]).not.toBe(redeemed?.["refresh_token"])
  expect(repeated).toMatchObject({
    access_token: rotated?.["access_token"],
    refresh_token: rotated?.["refresh_token"],
  })
  expect(alive).toMatchObject({ active: true, aud: "http://localhost:9999/mcp", scope: "read" })
  expect(dead).toEqual({ active: false })
  expect(printed).toContain("GrantOpened")
  expect(printed).toContain("RefreshTokenRetried")
  expect(printed).toContain("GrantRevoked")
})

it("a backup that is made while the server runs holds what was acknowledged, and is restored as the page says", async () => {
  using folder = temporaryFolder()
  await using server = await serve(folder.at("grantlog.db"))
  const store = `--store=sqlite:${folder.at("grantlog.db")}`
  const added = await grantlog(["client", "add", "--name", "kept", "--json", store])
  const { client_id: clientId } = JSON.parse(added.stdout) as { readonly client_id: string }
  const typed = (beginning: string) =>
    run(blockOf("src/cli/README.md", beginning).replaceAll("/mnt/backups", folder.at(".")), folder.at("."))

  expect(await typed(BACKUP)).toMatch(/^entryCount +\d+$/m)
  await grantlog(["client", "add", "--name", "lost", store])
  await server.stop()
  const restored = await typed(RESTORE)
  expect(restored).toMatch(/^hasEndedEveryGrant +true$/m)
  expect(restored).toContain("covered to the end by a checkpoint")
  const shown = await grantlog(["client", "list", store])
  expect(shown.stdout).toContain(clientId)
  expect(shown.stdout).not.toContain("lost")
})

describe("what the operator's page has for from time to time, typed beside a log of some age", () => {
  const folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const typed = (block: string): Promise<string> => run(block, folder.at("."))

  beforeAll(async () => {
    const clock = manualClock(Date.now() - AGE_MILLIS)
    const { native, store, keys, login } = await logins({ store: sqliteStore(file), clock })
    await login()
    await Effect.runPromise(native.accounts.add("alice", undefined, native.now()))
    clock.pass(AGE_MILLIS / 1000 - 60)
    await login()
    await Effect.runPromise(store.close)
    writeFileSync(`${file}.keys.json`, JSON.stringify(keys), { mode: 0o600 })
    // Made by a program, not by the command, which sees to it.
    chmodSync(file, 0o600)
    writeFileSync(folder.at("grantlog.yaml"), `issuer: ${ISSUER}\nport: 0\n`)
    await using server = await serve(file, "--issuer", ISSUER)
    expect(await server.stop()).toBe(0)
  })
  afterAll(() => folder[Symbol.dispose]())

  it("the doctor looks at all that it is said to", async () => {
    const printed = await typed(`${blockOf(OPERATOR, DOCTOR).trim()} --offline\n`)
    expect(printed).toMatch(/^ok +keys: the key ring is that of this log/m)
  })

  it("what ended is moved to an archive, and verified with it", async () => {
    const printed = await typed(blockOf(OPERATOR, ARCHIVE).replaceAll("/mnt/archives", folder.at(".")))
    expect(printed).toMatch(/^removedGrantCount +1$/m)
    expect(printed).toContain("of which")
  })

  it("a key of the ring takes the place of another", async () => {
    const [{ id: old }] = readKeyFile(`${file}.keys.json`).keys
    const [add, ...rest] = blockOf(OPERATOR, RING).split(/\n(?=grantlog)/)
    const [next = ""] = /k_\w+/.exec(await typed(add!)) ?? []
    expect(await typed(rest.join("\n").replace("k_NEW", next).replace("k_OLD", old))).toMatch(/^state +retired$/m)
    expect(readKeyFile(`${file}.keys.json`)).toMatchObject({ keys: [{ id: next }], retired: [old] })
  })

  it("a signing key is listed, handed over and ended", async () => {
    const [list, rotate, retire] = blockOf(OPERATOR, KEYS).split(/\n(?=grantlog)/)
    await typed(list!)
    let kid = "-"
    // One that begins like a flag is none that can be typed.
    while (kid.startsWith("-")) kid = /^key (\S+)/m.exec(await typed(rotate!))?.[1] ?? ""
    expect(await typed(retire!.replace("KID", kid))).toMatch(/^state +compromised$/m)
  })

  it("the dashboard is a file that Grafana can read", async () => {
    await typed(blockOf(OPERATOR, DASHBOARD))
    expect(JSON.parse(readFileSync(folder.at("dashboard.json"), "utf8"))).toMatchObject({ title: expect.any(String) })
  })

  it("somebody who has lost her devices is freed of her passkeys", async () => {
    expect(await typed(blockOf(OPERATOR, PASSKEYS))).toContain("no passkeys")
  })
})

it("README's snippet is a program that serves", async () => {
  using folder = temporaryFolder()
  const [snippet] = blocksOf(pageAt("README.md"), "ts")
  const ask = 'console.log((await handle(new Request("https://id.example.com/healthz"))).status)'
  const source = snippet!.replace('"grantlog"', JSON.stringify(runnable(join(ROOT, "src/entry/grantlog.ts"))))
  writeFileSync(folder.at("program.ts"), `${source}\n${ask}\nawait server.close()\n`)
  expect(await run("node program.ts", folder.at("."))).toBe("200\n")
})

const namedFlags = (help: string): ReadonlyArray<string> => [...help.matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag)

/** What a command can be called with, by its own help. */
const helpOf = async (...command: ReadonlyArray<string>): Promise<string> =>
  (await grantlogHere([...command, "--help"])).stdout

it("every flag of serve is in the table of settings, and every one in the table exists", async () => {
  const stdout = await helpOf("serve")
  const flags = stdout.slice(stdout.indexOf("\nFLAGS"), stdout.indexOf("GLOBAL FLAGS"))
  const lines = pageAt("src/cli/README.md")
    .split("\n")
    .filter((line) => line.startsWith("| `--"))
  const table = lines.map((line) => line.split("|")[1]).join(" ")
  expect(new Set(namedFlags(table))).toEqual(new Set(namedFlags(flags).filter((flag) => flag !== "--json")))
})

const spans = pages.flatMap(({ path, text: page }) => codeSpansOf(page).map((code) => ({ path, code })))

it("every script of npm that a page names is there", () => {
  const named = spans.flatMap(({ code }) => /^npm (?:run )?(start|test|[a-z:]+)(?: |$)/.exec(code)?.[1] ?? [])
  const scripts = named.filter((name) => !["ci", "cache"].includes(name))
  expect(scripts.length).toBeGreaterThan(10)
  expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([])
})

it("every command that a sentence names is there, with every flag that it is given there", async () => {
  const all = await helpOf()
  // Flags may be named of the program itself.
  const listed = all.slice(all.indexOf("SUBCOMMANDS")).matchAll(/^ {2}([a-z-]+) /gm)
  const commands = ["", ...Array.from(listed, ([, name]) => name!)]
  const named = spans.flatMap(({ path, code }) => {
    const [whole, command = "", rest = ""] = /^(?:npx )?grantlog(?: ([a-z][a-z-]*))?( .*|)$/.exec(code) ?? []
    return whole === undefined ? [] : [{ path, command, flags: namedFlags(rest) }]
  })
  expect(named.length).toBeGreaterThan(8)
  expect(named.filter(({ command }) => !commands.includes(command))).toEqual([])
  const flagged = named.filter(({ flags }) => flags.length > 0)
  const helps = new Map<string, string>()
  for (const { command } of flagged) {
    if (helps.has(command)) continue
    const help = await helpOf(...(command === "" ? [] : [command]))
    const below = [...help.slice(help.indexOf("SUBCOMMANDS")).matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name!)
    const more = command !== "" && help.includes("SUBCOMMANDS") ? below : []
    helps.set(command, [help, ...(await Promise.all(more.map((name) => helpOf(command, name))))].join("\n"))
  }
  const isKnown = (command: string, flag: string): boolean => namedFlags(helps.get(command)!).includes(flag)
  const unknown = flagged.flatMap(({ path, command, flags }) =>
    flags.filter((flag) => !isKnown(command, flag)).map((flag) => `${path}: ${command} ${flag}`),
  )
  expect(unknown).toEqual([])
})
