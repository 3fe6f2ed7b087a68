/** What a module exports for a check, loaded in this process: all of it is found, and what it is not is told whole. */
import { readFileSync, writeFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { watch } from "../../../properties/kit/provider/Watch.ts"
import { loadProvider } from "../../../src/cli/check/Load.ts"
import { loadModule } from "../../../src/cli/check/Loader.ts"
import { parseTarget } from "../../../src/cli/check/Target.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

let count = 0
const moduleOf = (source: string, end = "mjs"): string => {
  const path = folder.at(`module-${++count}.${end}`)
  writeFileSync(path, source)
  return path
}
const made = JSON.stringify(fileURLToPath(new URL("../../examples/providers/map.ts", import.meta.url)))

describe("a provider", () => {
  it("is loaded with what stands beside it, and each call of its code is under a name", async () => {
    const path = moduleOf(
      `export { default, default as make } from ${made}
export const approve = () => {}, restart = () => {}, limits = ["stateless-access-tokens"], other = 1`,
    )
    const seen = new Set<string>()
    using _ = watch((underWay) => underWay.forEach((name) => seen.add(name)))
    const { factory, companions, needsLoader } = await loadProvider(path, "make")
    expect(typeof factory).toBe("function")
    expect(Object.keys(companions)).toEqual(["approve", "restart", "limits"])
    expect(companions.limits).toEqual(["stateless-access-tokens"])
    expect(needsLoader).toBe(false)
    expect([...seen]).toEqual(["loading the module", "the factory"])
  })

  it.each<[string, (path: string) => string]>([
    [
      "export const a = 1, b = 2",
      (path) => `\`${path}\` has no default export; it exports a, b: name one with --export`,
    ],
    [
      "export default null",
      (path) =>
        `the export \`default\` of \`${path}\` is no provider: export ({ now }) => a provider, so that each try starts afresh`,
    ],
    [
      "export const limits = 'none'; export default () => ({})",
      (path) => `the export \`limits\` of \`${path}\` is not a list: export a list of "stateless-access-tokens"`,
    ],
    [
      "export const approve = []; export default () => ({})",
      (path) =>
        `the export \`approve\` of \`${path}\` is not a function: export (url) => the redirect that the login at that URL leads to`,
    ],
    [
      "export default ({ now }) => { throw new Error(typeof now()) }",
      (path) => `the export \`default\` of \`${path}\` threw when it was called: number`,
    ],
    [
      "export default () => { throw new Error('no answer at all') }",
      (path) => `the export \`default\` of \`${path}\` gave no answer at all`,
    ],
    [
      "export default () => { throw new Error('there was no answer') }",
      (path) => `the export \`default\` of \`${path}\` threw when it was called: there was no answer`,
    ],
    [
      "export default () => ({ getClient() {}, registerClient() {} })",
      (path) => `what the export \`default\` of \`${path}\` makes is not a provider: it has no authorize, no `,
    ],
  ])("is none that is %j", async (source, sentence) => {
    const path = moduleOf(source)
    const { message } = await loadProvider(path, "default").then(
      () => new Error("it is fine"),
      (fault: Error) => fault,
    )
    expect(message.slice(0, sentence(path).length)).toBe(sentence(path))
  })
})

describe("a module that Node alone does not load", () => {
  /** It fails when it is loaded for the first time, and not when it is by what knows more. */
  const failingOnce = (fault: string) => `globalThis.loads ??= {}
globalThis.loads[import.meta.filename] = (globalThis.loads[import.meta.filename] ?? 0) + 1
if (globalThis.loads[import.meta.filename] === 1) throw ${fault}
export const made = typeof Reflect.metadata`

  /** Node itself has no idea of JSX: what its author runs it with has, and may fail. */
  const asModules = (end: RegExp) => {
    const hooks = registerHooks({
      load: (url, context, next) =>
        end.test(url)
          ? { format: "module", source: readFileSync(fileURLToPath(url)), shortCircuit: true }
          : next(url, context),
    })
    onTestFinished(() => hooks.deregister())
  }

  it.each([
    ["mjs", 'Object.assign(new Error("x"), { code: "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX" })'],
    ["mjs", 'Object.assign(new Error("x"), { code: "ERR_INVALID_TYPESCRIPT_SYNTAX" })'],
    ["mjs", 'Object.assign(new Error("x"), { code: "ERR_UNKNOWN_FILE_EXTENSION" })'],
    ["mjs", 'Object.assign(new Error("x"), { code: "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING" })'],
    ["mjs", 'Object.assign(new Error("x"), { code: "ERR_MODULE_NOT_FOUND" })'],
    ["mjs", 'Object.assign(new Error("x"), { code: "ERR_UNSUPPORTED_DIR_IMPORT" })'],
    ["mts", 'new SyntaxError("x")'],
    ["ts", 'new SyntaxError("x")'],
    ["tsx", 'new Error("x")'],
    ["jsx", 'new Error("x")'],
  ])("is loaded by what knows all of TypeScript: .%s that fails with %s", async (end, fault) => {
    asModules(/\.[jt]sx$/)
    expect(await loadModule(moduleOf(failingOnce(fault), end))).toMatchObject({
      exports: { made: "function" },
      needsLoader: true,
    })
  })

  it("may have JSX, with types and without", async () => {
    const page = "const h = (tag) => tag\n/** @jsx h */\nexport const page = <p>signed in</p>"
    const [typed, plain] = [moduleOf(page, "tsx"), moduleOf(page, "jsx")]
    const path = moduleOf(
      [typed, plain].map((from, at) => `export { page as page${at} } from ${JSON.stringify(from)}`).join("\n"),
      "jsx",
    )
    expect((await loadModule(path)).exports).toMatchObject({ page0: "p", page1: "p" })
  })

  it.each([
    ["mjs", 'new SyntaxError("x")'],
    ["ts", 'new Error("x")'],
    ["ts.mjs", 'new SyntaxError("x")'],
    ["jsx.mjs", 'new Error("x")'],
    ["mjs", 'Object.assign(new Error("x"), { code: "EOTHER" })'],
  ])("is not where that is no help: .%s that fails with %s", async (end, fault) => {
    await expect(loadModule(moduleOf(failingOnce(fault), end))).rejects.toThrow("x")
  })
})

describe("an address of a target", () => {
  const refusal = (text: string) =>
    Effect.runPromise(Effect.flip(parseTarget(text, "default"))).then(({ message }) => message)

  it.each(
    ["#part", "?query"]
      .map((end) => `https://id.example/${end}`)
      .concat("https://me@id.example", "https://:x@id.example"),
  )("%s is no issuer", async (text) => {
    expect(await refusal(text)).toBe(`\`${text}\` is no issuer: an issuer has no query, no fragment and no user name`)
  })

  it("is one at its beginning; else it is a path", async () => {
    expect(await refusal("./http://id.example")).toMatch(/^there is no file `\.\/http:\/\/id\.example`: /)
    expect(await refusal("./python:a:b")).toMatch(/^there is no file /)
    expect(await refusal(folder.at())).toBe(
      `\`${folder.at()}\` is not a file: give the path of a module that exports a provider`,
    )
  })
})
