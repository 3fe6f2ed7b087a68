/** The rules of a target: what can be checked is told from what cannot, in a sentence that says what to do. */
import { writeFileSync } from "node:fs"
import { Effect, Result } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { loadProvider } from "../../../src/cli/check/Load.ts"
import { parseTarget } from "../../../src/cli/check/Target.ts"
import { checkWritable, testFileFor } from "../../../src/cli/check/Files.ts"
import type { UsageFault } from "../../../src/cli/Failure.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const moduleOf = (name: string, source: string): string => {
  const path = folder.at(name)
  writeFileSync(path, source)
  return path
}

/** The sentence of a refusal. */
const sentence = async (effect: Effect.Effect<unknown, UsageFault>): Promise<string> =>
  Result.match(await Effect.runPromise(Effect.result(effect)), {
    onSuccess: () => "it is fine",
    onFailure: ({ message }) => message,
  })

describe("a target", () => {
  it("is an issuer or something in Python by its scheme, and a module by its path", async () => {
    const path = moduleOf("http.mjs", "")
    const parse = (text: string) => Effect.runPromise(parseTarget(text, "default"))
    expect(await parse("http://localhost:4000")).toEqual({ _tag: "Issuer", url: "http://localhost:4000" })
    expect(await parse("https://id.example/tenant/")).toEqual({ _tag: "Issuer", url: "https://id.example/tenant/" })
    expect(await parse(path)).toEqual({ _tag: "Provider", path, exportName: "default" })
    expect(await parse("python:my_package.auth:make")).toEqual({
      _tag: "Python",
      module: "my_package.auth",
      attribute: "make",
    })
    expect(await parse("python:C:\\app\\auth.py:Provider.make")).toEqual({
      _tag: "Python",
      module: "C:\\app\\auth.py",
      attribute: "Provider.make",
    })
  })

  it.each([
    ["http://", /^`http:\/\/` is not a URL$/],
    ["http://localhost:4000?tenant=1", /is no issuer: an issuer has no query, no fragment and no user name$/],
    ["https://me:secret@id.example", /is no issuer/],
    ["./nowhere.ts", /^there is no file `.\/nowhere.ts`: give the path of a provider, or the URL of an issuer$/],
    ["python:my_package.auth", /does not say what makes the provider: as in python:my_package.auth:make_provider or /],
    ["python:./my_auth.py", /does not say what makes the provider/],
    ["python:my_auth:", /does not say what makes the provider/],
    [folder.at(), /is not a file: give the path of a module that exports a provider$/],
  ])("cannot be `%s`", async (text, expected) => {
    expect(await sentence(parseTarget(text, "default"))).toMatch(expected)
  })
})

describe("a module", () => {
  it.each([
    ["does-not-load.mjs", "throw new Error('no way')", "default", /^`.+` cannot be loaded: no way$/],
    ["empty.mjs", "", "default", /^`.+` has no default export; it exports nothing$/],
    [
      "named.mjs",
      "export const make = 1",
      "default",
      /has no default export; it exports make: name one with --export$/,
    ],
    [
      "other.mjs",
      "export const make = 1",
      "nobody",
      /has no export `nobody`; it exports make: name one with --export$/,
    ],
    ["value.mjs", "export default 1", "default", /is no provider: export \(\{ now \}\) => a provider, so that each/],
    ["object.mjs", "export default {}", "default", /is not a provider: it has no getClient, no/],
    [
      "sdk.mjs",
      "export default class { clientsStore = { getClient() {} } }",
      "default",
      /is not a provider: it has no clientsStore.registerClient, no authorize, no challengeForAuthorizationCode/,
    ],
    ["angry.mjs", "export default () => { throw new Error('no') }", "default", /threw when it was called: no$/],
    [
      "half.mjs",
      "export default () => ({ getClient() {} })",
      "default",
      /is not a provider: it has no registerClient, no/,
    ],
    [
      "restart.mjs",
      "export const restart = {}; export default () => ({})",
      "default",
      /^the export `restart` of `.+` is not a function: export \(provider\) => another provider over what that one has/,
    ],
    [
      "store.mjs",
      "export const store = 'everything'; export default () => ({})",
      "default",
      /^the export `store` of `.+` is not a function: export \(provider\) => all that it has stored$/,
    ],
    ["approve.mjs", "export const approve = 1; export default () => ({})", "default", /export \(url\) => the redirect/],
    ["nothing.mjs", "export default () => undefined", "default", /is not a provider: it has no getClient, no/],
  ])("cannot be %s", async (name, source, exportName, expected) => {
    await expect(loadProvider(moduleOf(name, source), exportName)).rejects.toThrow(expected)
  })
})

describe("a file to be written", () => {
  it("is looked at before the check: its folder is there, and it is none itself", async () => {
    expect(await sentence(checkWritable("html", folder.at("report.html"), false))).toBe("it is fine")
    writeFileSync(folder.at("there.html"), "")
    expect(await sentence(checkWritable("html", folder.at("there.html"), false))).toMatch(/ is there already: --force/)
    expect(await sentence(checkWritable("html", folder.at("there.html"), true))).toBe("it is fine")
    const missing = folder.at("no", "such", "report.html")
    expect(await sentence(checkWritable("html", missing, false))).toMatch(/^--html `.+` cannot be written: ENOENT/)
    expect(await sentence(checkWritable("write-test", folder.at(), false))).toMatch(
      / cannot be written: it is a folder$/,
    )
  })

  it("names the provider from where it lies itself", () => {
    const steps = [{ text: "a call", burst: null, expected: "one thing", observed: "another" }]
    const counterexample = { objection: "it is not as it should be", seed: 1, path: "", steps }
    const result = { promise: "P", sentence: "S.", verdict: "broken", tries: 1, millis: 1, counterexample } as const
    const report = { subject: "p.ts", results: [result], capabilities: {}, seed: 1, operationCount: 1, millis: 1 }
    const target = { _tag: "Provider", path: "/home/me/app/src/p.ts", exportName: "default" } as const
    const from = (file: string) => /^import provider from (.+)$/m.exec(testFileFor(report, target, file, {})!)![1]
    expect(from("/home/me/app/src/p.test.ts")).toBe('"./p.ts"')
    expect(from("/home/me/app/test/p.test.ts")).toBe('"../src/p.ts"')
    expect(from("/home/me/p.test.ts")).toBe('"./app/src/p.ts"')
  })
})
