/** Issue 18: the command loads what it needs for what it was told to do, as it is shipped. */
import { readFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, it } from "vitest"
import { BUNDLE_VARIABLE, endOf, grantlog, startProgram } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`, "--issuer", "http://localhost:4000"]

/** Writes down each file as it is loaded, and ends the process where a server would go on. */
const LISTING = `import { registerHooks } from "node:module"
import { appendFileSync } from "node:fs"
registerHooks({ load: (url, context, next) => { appendFileSync(process.env.LOADED, url + "\\n"); return next(url, context) } })`

beforeAll(async () => {
  const { code } = await grantlog(["client", "add", "--name", "first", ...store])
  expect(code).toBe(0)
})

afterAll(() => folder[Symbol.dispose]())

/** What writes small files whole; who only reads them does without. */
const WRITING = ["signal-exit", "write-file-atomic"]

interface Loaded {
  /** How many files of the command. */
  readonly fileCount: number
  readonly bytes: number
  /** Packages, by name. */
  readonly packages: ReadonlyArray<string>
}

const loadedBy = async (args: ReadonlyArray<string>, isServing = false): Promise<Loaded> => {
  const list = folder.at(`${args[0]}.loaded`)
  const hook = `data:text/javascript,${encodeURIComponent(LISTING)}`
  const child = startProgram(["--import", hook, process.env[BUNDLE_VARIABLE]!, ...args], { LOADED: list })
  child.stdin.end()
  if (isServing) child.stdout.once("data", () => child.kill("SIGTERM"))
  const [, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  expect([code, stderr]).toEqual([0, ""])
  const urls = readFileSync(list, "utf8").trim().split("\n")
  const own = urls.filter((url) => url.includes("/grantlog-command/"))
  const packages = urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^./][^/]*)\//.exec(url)?.[1] ?? [])
  return {
    fileCount: own.length,
    bytes: own.reduce((sum, url) => sum + readFileSync(new URL(url)).length, 0),
    packages: [...new Set(packages)].toSorted(),
  }
}

it("`--version` loads a few kilobytes, and no package", async () => {
  const { bytes, packages } = await loadedBy(["--version"])
  expect(bytes).toBeGreaterThan(500)
  expect(bytes).toBeLessThan(20_000)
  expect(packages).toEqual([])
})

it("a command of an operator loads less than half of the command, and nothing that speaks HTTP", async () => {
  const { fileCount, packages } = await loadedBy(["client", "list", ...store])
  expect(fileCount).toBeGreaterThan(5)
  expect(fileCount).toBeLessThan(40)
  expect(packages).toEqual(["ipaddr.js", "jose"])
})

it("`serve` loads what it answers with, and no other store, client or upstream provider", async () => {
  const { packages } = await loadedBy(["serve", "--port", "0", "--json", ...store], true)
  expect(packages).toEqual(["hono", "ipaddr.js", "jose", ...WRITING])
})

it("a version asked for alone is told as beside another flag", async () => {
  const [alone, short, beside] = await Promise.all(
    [["--version"], ["-v"], ["--log-level", "info", "--version"]].map((args) => grantlog(args)),
  )
  expect(alone).toEqual(beside)
  expect(short).toEqual(beside)
  expect(alone!.stdout).toMatch(/^grantlog v\d+\.\d+\.\d+\n$/)
})
