/**
 * `grantlog check`, run for real: what it says of providers, what it prints and leaves behind, how it ends.
 *
 * What a provider earns in detail is asserted with the kit; here is that the command says it, and by its exit code.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import type { KitReport, Verdict } from "../../properties/kit/Report.ts"
import { endOf, grantlog, runnable, startGrantlog, startProgram, type Ran } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere } from "../live/support/InProcess.ts"
import { serve } from "../live/support/ServeProcess.ts"

/** More than any check takes, also on a machine that is busy with other things. */
const UNHURRIED = ["--budget", "600"]

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

const onlyThese = (names: ReadonlyArray<string>): ReadonlyArray<string> => names.flatMap((name) => ["--only", name])

describe("a provider that keeps its promises", () => {
  it("is told so in a table, ends with 0, and leaves no test behind", async () => {
    const test = folder.at("nothing.test.ts")
    const only = onlyThese(["CodeIsSingleUse", "RetryIsIdempotent"])
    const flags = ["--seeds", "2", "--write-test", test, ...only, ...UNHURRIED]
    const ran = await grantlog(["check", example("correctSql"), ...flags])
    expect(ran.stdout).toMatch(/^promise +verdict +tries +time\nCodeIsSingleUse +kept +\d+/)
    expect(ran.stdout).toMatch(/: 1 kept, 0 broken, 1 not tried; \d+ calls in [\d.]+ m?s, seeds 1 to 2\n$/)
    expect(ran.stdout).toMatch(/\nclock +turned: by `now` or by `Date`\n/)
    expect(ran.stdout).not.toContain("\u001b")
    expect(ran.stderr).toContain(`nothing is broken: \`${test}\` was not written`)
    expect(ran.code).toBe(0)
  })
})

describe("a provider of the MCP SDK", () => {
  const kit = new URL("../kit/SdkProviders.ts", import.meta.url).href
  it.each([
    ["an object", "byItself", []],
    ["a class", "SdkProviderClass", ["--export", "SdkProviderClass"]],
  ])("is taken as it is, as %s, and ends with 0 although it relies on its handler", async (_, name, flags) => {
    const source = `export { ${name} as default, SdkProviderClass } from ${JSON.stringify(kit)}`
    const only = onlyThese(["CodeIsSingleUse", "BoundMeansBound", "RetryIsIdempotent"])
    const ran = await grantlog([
      "check",
      moduleOf(`${name}.mjs`, source),
      "--seeds",
      "1",
      ...flags,
      ...only,
      ...UNHURRIED,
    ])
    expect(ran.stdout).toMatch(/^BoundMeansBound +limited .+ relies on its handler: the secret of the client and the/m)
    expect(ran.stdout).toMatch(/: 1 kept, 1 limited, 0 broken, 1 not tried;/)
    expect(ran.code).toBe(0)
  })
})

describe("a provider that breaks promises", () => {
  it.each([
    ["map", ["CodeIsSingleUse", "ReplayKillsGrant", "RotationIsLinear"]],
    ["mcpSdkDemo", ["ReplayKillsGrant", "ExpiryIsExact", "BoundMeansBound"]],
  ])("%s ends with 1, and says in JSON and on a page what it was", async (name, broken) => {
    const page = folder.at(`${name}.html`)
    const ran = await grantlog(["check", example(name), "--json", "--html", page, ...onlyThese(broken), ...UNHURRIED])
    expect(named(reportIn(ran), "broken").toSorted()).toEqual(broken.toSorted())
    expect(ran.stderr).toContain(`\ngrantlog: ${broken.length} of ${broken.length} are broken\n`)
    expect(ran.code).toBe(1)
    const html = readFileSync(page, "utf8")
    for (const promise of broken) expect(html).toContain(`>${promise}</h3>`)
  })

  it("is told the story of one, which ends with the command that tells it again", async () => {
    const ran = await grantlog(["check", example("map"), "--only", "ReplayKillsGrant", ...UNHURRIED])
    expect(ran.stdout).toMatch(/\nReplayKillsGrant is broken: .+\n {2}\(.+\)\n {3}1 {2}client 0 registers/)
    const again = /^ {2}again: grantlog (check .+)$/m.exec(ran.stdout)![1]!.split(" ")
    expect(again.slice(1)).toEqual([
      example("map"),
      ...["--seed", expect.any(String), "--path", expect.any(String), "--only", "ReplayKillsGrant"],
    ])
    const rerun = await grantlog([...again, ...UNHURRIED])
    expect(rerun.code).toBe(1)
    const story = (stdout: string) => stdout.slice(stdout.indexOf("ReplayKillsGrant is broken"))
    expect(story(rerun.stdout)).toBe(story(ran.stdout))
  })

  it("is left a test in JavaScript that fails, names the file that was given, and passes once the promises are kept", async () => {
    // The package by its name, as somebody who installed it has it.
    mkdirSync(folder.at("node_modules", "grantlog"), { recursive: true })
    const kit = runnable(new URL("../../properties/index.ts", import.meta.url))
    const manifest = { name: "grantlog", type: "module", exports: { "./properties": "./index.js" } }
    writeFileSync(folder.at("node_modules", "grantlog", "package.json"), JSON.stringify(manifest))
    writeFileSync(folder.at("node_modules", "grantlog", "index.js"), `export * from ${JSON.stringify(kit)}\n`)

    const made = (name: string) => `export { default as make } from ${JSON.stringify(example(name))}\n`
    const provider = moduleOf("provider.mjs", made("map"))
    const test = folder.at("provider.test.mjs")
    const promises = ["ReplayKillsGrant", "CodeIsSingleUse"]
    const flags = ["--export", "make", "--write-test", test, ...onlyThese(promises), ...UNHURRIED]
    expect((await grantlog(["check", provider, ...flags])).code).toBe(1)
    const written = readFileSync(test, "utf8")
    expect(written).toContain('import { make as provider } from "./provider.mjs"')
    expect(written).toContain(`  //   again: grantlog check ${provider} --export make --seed `)

    const runTest = async () => {
      const child = startProgram(["--test", "--test-reporter=tap", test], { VITEST: "" })
      const [stdout, code] = await Promise.all([text(child.stdout), endOf(child)])
      return { stdout, code }
    }
    const failed = await runTest()
    for (const promise of promises) expect(failed.stdout).toMatch(new RegExp(`^ *not ok \\d+ - ${promise}: `, "m"))
    expect(failed.stdout).toContain("ReplayKillsGrant is broken: access token 0 is active")
    expect(failed.code).toBe(1)

    moduleOf("provider.mjs", made("correctSql"))
    const passed = await runTest()
    expect(passed.stdout).toMatch(/^# pass 2$/m)
    expect(passed.code).toBe(0)
  })
})

describe("a check that is short of time", () => {
  it("calls nothing kept that it did not try as it meant to, and ends with 2", async () => {
    const source = `import make from ${JSON.stringify(example("correctSql"))}
        let callCount = 0
        const now = performance.now.bind(performance)
        // The whole budget passes while one call runs.
        performance.now = () => now() + (callCount < 400 ? 0 : 600_001)
        export default async (options) => {
          const provider = await make(options)
          return { ...provider, verifyToken: (token) => { callCount++; return provider.verifyToken(token) } }
        }`
    const ran = await grantlog(["check", moduleOf("slow.mjs", source), ...UNHURRIED])
    expect(ran.stderr).toMatch(
      /\ngrantlog: there was too little time for .*RevocationIsFinal.*: give it more with --budget\n$/,
    )
    expect(ran.stdout).toMatch(
      /\nRevocationIsFinal +not tried +- +- +the time was up: tried \d+ times?, \d+ trials left out\n/,
    )
    expect(ran.code).toBe(2)
  })
})

describe("what cannot be meant", () => {
  it.each([
    ["no target", [], /^grantlog: Missing required argument: target \(try grantlog check --help\)\n$/],
    ["a host without leave", ["https://id.example"], /^grantlog: `id.example` is not on this machine: add --i-may-/],
    ["a flag for servers", [example("map"), "--auto", "--rate", "3"], /^grantlog: --auto, --rate: only for the URL of/],
    [
      "an interpreter for a module",
      [example("map"), "--python", "python3"],
      /^grantlog: --python: only for a provider i/,
    ],
    [
      "an export of Python",
      ["python:a:b", "--export", "c"],
      /^grantlog: --export: what makes a provider in Python is /,
    ],
    [
      "a test that pytest does not know",
      ["python:a:b", "--write-test", "a.test.ts"],
      /name a file that ends in .py\n$/,
    ],
    [
      "no Python at all",
      ["python:a:b", "--python", "./nowhere"],
      /Python cannot be run: spawn .+; name an interpreter/,
    ],
    ["a flag for modules", ["http://localhost:1", "--export", "make"], /^grantlog: --export: only for a module\n$/],
    [
      "a test in CommonJS",
      [example("map"), "--write-test", "a.test.cjs"],
      /^grantlog: --write-test: the test is an ES/,
    ],
    ["no seed at all", [example("map"), "--seeds", "0"], /^grantlog: --seeds is at least one\n$/],
    ["seeds for a server", ["http://localhost:1", "--seeds", "2"], /^grantlog: --seeds: only for a module\n$/],
    ["an immodest rate", ["http://localhost:1", "--rate", "1000"], /^grantlog: --rate is between 1 and 50\n$/],
    ["no time at all", [example("map"), "--budget", "0"], /^grantlog: --budget is at least one second\n$/],
    ["a promise that nobody made", [example("map"), "--only", "Nonsense"], /there is nothing called `Nonsense` to try/],
  ])("ends with 2 and a sentence: %s", async (_, args, line) => {
    const { code, stdout, stderr } = await grantlogHere(["check", ...args])
    expect(stderr).toMatch(line)
    expect([code, stdout]).toEqual([2, ""])
  })
})

describe("an issuer", () => {
  it("that approves by itself is checked with --auto, and ends with 0", async () => {
    await using server = await serve(folder.at("auto.db"))
    const ran = await grantlog(["check", server.url, "--auto", "--json"])
    expect(ran.stderr).toMatch(/^looks for metadata, registers, logs in\n/)
    const report = reportIn(ran)
    expect(named(report, "broken")).toEqual([])
    expect(named(report, "kept").length).toBeGreaterThan(30)
    expect([report.subject, ran.code]).toEqual([server.url, 0])
  })

  it("that a person signs in at is checked with what that person pastes", async () => {
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
  })

  it("that nobody signs in at cannot be checked", async () => {
    await using server = await serve(folder.at("nobody.db"))
    const ran = await grantlog(["check", server.url])
    expect(ran.stderr).toMatch(/open this URL and sign in; .+\n {2}http:\S+authorize\?\S+\n/)
    expect(ran.stderr).toMatch(/grantlog: nobody signed in\n$/)
    expect([ran.code, ran.stdout]).toEqual([2, ""])
  })
})
