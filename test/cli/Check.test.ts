/**
 * `grantlog check`, run for real: what it finds in each example provider, what it prints and leaves behind, how it ends.
 *
 * What a provider earns in detail is asserted with the kit; here is that the command says it, and by its exit code.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import type { KitReport, Verdict } from "../../properties/kit/Report.ts"
import { endOf, grantlog, startGrantlog, startProgram, type Ran } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { serve } from "../live/support/ServeProcess.ts"
import { text } from "node:stream/consumers"

const PATIENCE_MILLIS = 60_000

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const example = (name: string): string => fileURLToPath(new URL(`../examples/providers/${name}.ts`, import.meta.url))

/** A module of somebody who starts with this: its path. */
const moduleOf = (name: string, source: string): string => {
  const path = folder.at(name)
  writeFileSync(path, source)
  return path
}

const reportIn = ({ stdout }: Ran): KitReport => JSON.parse(stdout) as KitReport

const named = ({ results }: KitReport, verdict: Verdict): ReadonlyArray<string> =>
  results.filter((result) => result.verdict === verdict).map(({ promise }) => promise)

const expectUsage = ({ code, stdout, stderr }: Ran, line: RegExp): void => {
  expect(stderr).toMatch(line)
  expect([code, stdout]).toEqual([2, ""])
}

describe("a provider that keeps its promises", () => {
  it(
    "is told so in a table, ends with 0, and leaves no test behind",
    async () => {
      const test = folder.at("nothing.test.ts")
      const ran = await grantlog(["check", example("correctSql"), "--write-test", test])
      expect(ran.stdout).toMatch(/^promise +verdict +tries +time\nCodeIsSingleUse +kept +\d+/)
      expect(ran.stdout).toMatch(/: \d+ kept, 0 broken, \d+ not tried; \d+ calls in [\d.]+ m?s, seed \d+\n$/)
      expect(ran.stderr).toContain(`nothing is broken: \`${test}\` was not written`)
      expect(ran.stdout).not.toContain("\u001b")
      expect(ran.code).toBe(0)
    },
    PATIENCE_MILLIS,
  )
})

describe("a provider that breaks a promise", () => {
  it.each([
    ["map", ["CodeIsSingleUse", "ReplayKillsGrant", "RotationIsLinear"]],
    ["sqlCheckThenSet", ["CodeIsSingleUse", "RotationIsLinear"]],
    ["keyValue", ["OnlyTheOwnerCanHarm", "ScopeNeverGrows", "RevocationIsFinal"]],
    ["fastmcpInMemory", ["ReplayKillsGrant", "OnlyTheOwnerCanHarm", "ReadsChangeNothing"]],
  ])(
    "%s ends with 1, and says in JSON what it was",
    async (name, broken) => {
      const ran = await grantlog(["check", example(name), "--json"])
      expect(named(reportIn(ran), "broken")).toEqual(expect.arrayContaining(broken))
      expect(ran.stderr).toMatch(/\ngrantlog: \d+ of \d+ are broken\n$/)
      expect(ran.code).toBe(1)
    },
    PATIENCE_MILLIS,
  )

  it(
    "is told as a story that ends with the command that tells it again, and that does",
    async () => {
      const path = example("map")
      const ran = await grantlog(["check", path, "--only", "ReplayKillsGrant"])
      expect(ran.stdout).toMatch(/\nReplayKillsGrant is broken: .+\n {2}\(.+\)\n {3}1 {2}client 0 registers/)
      const again = /^ {2}again: grantlog (check .+)$/m.exec(ran.stdout)![1]!.split(" ")
      expect(again).toEqual(expect.arrayContaining([path, "--seed", "--path", "--only", "ReplayKillsGrant"]))
      const rerun = await grantlog(again)
      expect(rerun.code).toBe(1)
      const story = (stdout: string) => stdout.slice(stdout.indexOf("ReplayKillsGrant is broken"))
      expect(story(rerun.stdout)).toBe(story(ran.stdout))
    },
    PATIENCE_MILLIS,
  )
})

describe("what is left behind", () => {
  it(
    "is a page that stands alone and escapes what came from the provider",
    async () => {
      const page = folder.at("report.html")
      const evil = `<script>alert("&")</script>`
      const source = `import make from ${JSON.stringify(example("map"))}
        export default async (options) => {
          const provider = await make(options)
          const verifyToken = async () => { throw new Error(${JSON.stringify(evil)}) }
          return Object.assign(Object.create(provider), provider, { verifyToken })
        }`
      const ran = await grantlog(["check", moduleOf("evil.mjs", source), "--html", page])
      expect([ran.code, ran.stdout.includes(evil)]).toEqual([1, true])
      const html = readFileSync(page, "utf8")
      expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
      expect(html).not.toContain("<script")
      expect(html).toContain("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;")
      expect(html).not.toMatch(/ (?:src|href)="(?!#)/)
      const opened = [...html.matchAll(/<(table|tbody|section|ol|ul|li|dl|tr|td|th|p|h[123]|div|main)\b/g)].map(
        ([, tag]) => tag,
      )
      const closed = [...html.matchAll(/<\/(\w+)>/g)].map(([, tag]) => tag)
      for (const tag of new Set(opened)) {
        const countIn = (tags: ReadonlyArray<string | undefined>) => tags.filter((one) => one === tag).length
        expect([tag, countIn(closed)]).toEqual([tag, countIn(opened)])
      }
    },
    PATIENCE_MILLIS,
  )

  it(
    "is a test that fails for that provider, and passes for one that keeps the promise",
    async () => {
      // The package by its name, as somebody who installed it has it.
      const installed = folder.at("node_modules", "grantlog")
      mkdirSync(installed, { recursive: true })
      const kit = new URL("../../properties/index.ts", import.meta.url).href
      const manifest = { name: "grantlog", type: "module", exports: { "./properties": "./index.js" } }
      writeFileSync(folder.at("node_modules", "grantlog", "package.json"), JSON.stringify(manifest))
      writeFileSync(folder.at("node_modules", "grantlog", "index.js"), `export * from ${JSON.stringify(kit)}\n`)

      const provider = moduleOf("provider.mjs", `export { default as make } from ${JSON.stringify(example("map"))}\n`)
      const test = folder.at("provider.test.ts")
      const only = ["--only", "ReplayKillsGrant", "--only", "CodeIsSingleUse"]
      const ran = await grantlog(["check", provider, "--export", "make", "--write-test", test, ...only])
      expect(ran.code).toBe(1)
      const source = readFileSync(test, "utf8")
      expect(source).toContain('import { make as provider } from "./provider.mjs"')

      const runTest = async () => {
        const child = startProgram(["--test", "--test-reporter=tap", test])
        const [stdout, code] = await Promise.all([text(child.stdout), endOf(child)])
        return { stdout, code }
      }
      const failed = await runTest()
      expect(failed.stdout).toMatch(/^ *not ok \d+ - CodeIsSingleUse: /m)
      expect(failed.stdout).toMatch(/^ *not ok \d+ - ReplayKillsGrant: /m)
      expect(failed.stdout).toContain("ReplayKillsGrant is broken: access token 0 is active")
      expect(failed.code).toBe(1)

      moduleOf("provider.mjs", `export { default as make } from ${JSON.stringify(example("correctSql"))}\n`)
      const passed = await runTest()
      expect(passed.stdout).toMatch(/^# pass 2$/m)
      expect(passed.code).toBe(0)
    },
    PATIENCE_MILLIS,
  )
})

describe("somebody else's code", () => {
  it(
    "prints nothing into the report, and is not waited for when the report is out",
    async () => {
      const source = `import make from ${JSON.stringify(example("correctSql"))}
        console.log("loaded")
        setInterval(() => {}, 1000)
        export default (options) => { console.log("made"); return make(options) }`
      const ran = await grantlog(["check", moduleOf("noisy.mjs", source), "--json", "--only", "CodeIsSingleUse"])
      expect(named(reportIn(ran), "kept")).toEqual(["CodeIsSingleUse"])
      expect(ran.stderr).toMatch(/^loaded\nmade\n/)
      expect(ran.code).toBe(0)
    },
    PATIENCE_MILLIS,
  )

  it(
    "that fails outside of any call ends the check with 2: nothing was seen to be broken",
    async () => {
      const source = `import make from ${JSON.stringify(example("correctSql"))}
        export default async (options) => {
          Promise.reject(new Error("lost in the woods"))
          return make(options)
        }`
      const ran = await grantlog(["check", moduleOf("stray.mjs", source)])
      expect(ran.stderr).toMatch(/grantlog: (?:something failed outside of any call: )?lost in the woods\n$/)
      expect([ran.code, ran.stdout]).toEqual([2, ""])
    },
    PATIENCE_MILLIS,
  )

  it(
    "that is stopped half-way ends with 2: nothing was seen to be kept",
    async () => {
      const source = `export default () => new Promise(() => setInterval(() => {}, 1000))`
      const child = startGrantlog(["check", moduleOf("never.mjs", source)])
      const gone = Promise.all([text(child.stderr), endOf(child)])
      // It hangs in the factory: there is nothing to wait for but that it started.
      const loaded = moduleOf("never.mjs", `process.stderr.write("here\\n")\n${source}`)
      const second = startGrantlog(["check", loaded])
      await new Promise<void>((resolve) => second.stderr.once("data", () => resolve()))
      second.kill("SIGTERM")
      child.kill("SIGKILL")
      await gone
      const [complaints, code] = await Promise.all([text(second.stderr), endOf(second)])
      expect(complaints).toContain("stopped before the check was done")
      expect(code).toBe(2)
    },
    PATIENCE_MILLIS,
  )
})

describe("what cannot be checked ends with 2 and a sentence", () => {
  it("is a target that is not there, or not a module, or no issuer", async () => {
    const runs = await Promise.all([
      grantlog(["check", folder.at("nowhere.ts")]),
      grantlog(["check", folder.at()]),
      grantlog(["check", "https://id.example"]),
      grantlog(["check", "http://localhost:4000?tenant=1"]),
      grantlog(["check"]),
    ])
    expectUsage(runs[0]!, /^grantlog: there is no file `.+nowhere.ts`: give the path of a provider, or the URL/)
    expectUsage(runs[1]!, /^grantlog: `.+` is not a file: /)
    expectUsage(runs[2]!, /^grantlog: `id.example` is not on this machine: add --i-may-test-this-host if you may\n$/)
    expectUsage(runs[3]!, /^grantlog: `http:.+` is no issuer: an issuer has no query/)
    expectUsage(runs[4]!, /^grantlog: Missing required argument: target \(try grantlog check --help\)\n$/)
  })

  it("is a module that does not load, has no such export, or makes no provider", async () => {
    const runs = await Promise.all([
      grantlog(["check", moduleOf("broken.mjs", "throw new Error('no\\nway')")]),
      grantlog(["check", moduleOf("named.mjs", "export const make = () => ({})")]),
      grantlog(["check", folder.at("named.mjs"), "--export", "nobody"]),
      grantlog(["check", folder.at("named.mjs"), "--export", "make"]),
      grantlog(["check", moduleOf("value.mjs", "export default {}")]),
      grantlog(["check", moduleOf("angry.mjs", "export default () => { throw new Error('not today') }")]),
    ])
    expectUsage(runs[0]!, /^grantlog: `.+broken.mjs` cannot be loaded: no way\n$/)
    expectUsage(runs[1]!, /^grantlog: `.+` has no default export; it exports make: name one with --export\n$/)
    expectUsage(runs[2]!, /^grantlog: `.+` has no export `nobody`; it exports make/)
    expectUsage(runs[3]!, /makes is not a provider: it has no getClient, no registerClient, /)
    expectUsage(runs[4]!, /is not a function: export \(\{ now \}\) => a provider/)
    expectUsage(runs[5]!, /threw when it was called: not today\n$/)
  })

  it("is a flag that means nothing for this target, or a file that cannot be written", async () => {
    const path = moduleOf("fine.mjs", `export { default } from ${JSON.stringify(example("correctSql"))}`)
    const runs = await Promise.all([
      grantlog(["check", path, "--auto", "--rate", "3"]),
      grantlog(["check", path, "--budget", "0"]),
      grantlog(["check", "http://localhost:4000", "--export", "make"]),
      grantlog(["check", "http://localhost:4000", "--rate", "1000"]),
      grantlog(["check", path, "--html", folder.at("no", "such", "folder.html")]),
      grantlog(["check", path, "--write-test", folder.at()]),
      grantlog(["check", path, "--only", "Nonsense"]),
    ])
    expectUsage(runs[0]!, /^grantlog: --auto, --rate: only for the URL of an issuer\n$/)
    expectUsage(runs[1]!, /^grantlog: --budget is at least one second\n$/)
    expectUsage(runs[2]!, /^grantlog: --export: only for a module\n$/)
    expectUsage(runs[3]!, /^grantlog: --rate is between 1 and 50\n$/)
    expectUsage(runs[4]!, /^grantlog: --html `.+` cannot be written: ENOENT/)
    expectUsage(runs[5]!, /^grantlog: --write-test `.+` cannot be written: it is a folder\n$/)
    expectUsage(runs[6]!, /grantlog: --only: there is nothing called `Nonsense` to try here\n$/)
  })
})

describe("an issuer", () => {
  it(
    "that approves by itself is checked with --auto, and ends with 0",
    async () => {
      await using server = await serve(folder.at("auto.db"))
      const ran = await grantlog(["check", server.url, "--auto", "--json"])
      const report = reportIn(ran)
      expect(named(report, "broken")).toEqual([])
      expect(named(report, "kept").length).toBeGreaterThan(30)
      expect([report.subject, ran.code]).toEqual([server.url, 0])
    },
    PATIENCE_MILLIS,
  )

  it(
    "that a person signs in at is checked with what that person pastes",
    async () => {
      await using server = await serve(folder.at("pasted.db"))
      const child = startGrantlog(["check", server.url, "--only", "ReplayKillsGrant", "--json"])
      const stdout = text(child.stdout)
      let pastedCount = 0
      let waiting = ""
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        waiting += chunk
        const url = /^ {2}(http:\S+)\npaste .+: $/m.exec(waiting)?.[1]
        if (url === undefined) return
        waiting = ""
        pastedCount += 1
        void fetch(url, { redirect: "manual" }).then(({ headers }) => child.stdin.write(`${headers.get("location")}\n`))
      })
      expect(await endOf(child)).toBe(0)
      expect(named(JSON.parse(await stdout) as KitReport, "kept")).toEqual(["ReplayKillsGrant"])
      expect(pastedCount).toBeGreaterThan(1)
    },
    PATIENCE_MILLIS,
  )

  it(
    "that nobody signs in at cannot be checked",
    async () => {
      await using server = await serve(folder.at("nobody.db"))
      const ran = await grantlog(["check", server.url])
      expect(ran.stderr).toMatch(/open this URL and sign in; .+\n {2}http:\S+authorize\?\S+\n/)
      expect(ran.stderr).toMatch(/grantlog: nobody signed in\n$/)
      expect([ran.code, ran.stdout]).toEqual([2, ""])
    },
    PATIENCE_MILLIS,
  )
})
