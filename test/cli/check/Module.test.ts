/**
 * What a module is to the command: TypeScript of every kind is loaded as its author runs it, what it exports beside the
 * provider is used, and the test that is left behind does the same.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { endOf, grantlog, runnable, startProgram } from "../../live/support/Command.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const example = (name: string): string => fileURLToPath(new URL(`../../examples/providers/${name}.ts`, import.meta.url))

const fileAt = (name: string, source: string): string => {
  const path = folder.at(name)
  writeFileSync(path, source)
  return path
}

const quick = ["--seeds", "1", "--budget", "600"]

describe("a module in TypeScript", () => {
  it("may have enums, parameter properties, decorators, JSX, types among values, paths, and names without an extension", async () => {
    mkdirSync(folder.at("src"))
    fileAt("tsconfig.json", `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] }, }, /* as people write it */ }`)
    fileAt("src/kinds.ts", `export enum Kind { Code = "code" }\nexport interface World { now: () => number }`)
    fileAt("src/log.ts", "export const log = (_: object, name: string, method: PropertyDescriptor) => method")
    fileAt("src/page.tsx", "const h = (tag: string) => tag\n/** @jsx h */\nexport const page = <p>signed in</p>")
    const path = fileAt(
      "rich.ts",
      `import { Kind, World } from "@/kinds"
         import { log } from "./src/log"
         import { page } from "./src/page"
         import make from ${JSON.stringify(example("correctSql"))}
         class Maker {
           constructor(private readonly world: World, readonly kind = Kind.Code) {}
           @log make() { return make(this.world) }
         }
         if (!page) throw new Error("no page")
         export default (world: World) => new Maker(world).make()`,
    )
    const ran = await grantlog(["check", path, "--only", "ReplayKillsGrant", ...quick])
    expect(ran.stderr).not.toContain("cannot be loaded")
    expect(ran.stdout).toMatch(/^ReplayKillsGrant +kept /m)
    expect(ran.code).toBe(0)
  })

  it("that Node cannot load is told by what is wrong with it, and its test by what loads it", async () => {
    const broken = fileAt("throws.ts", "enum Kind { Code }\nthrow new Error(`no database at ${Kind[0]}`)")
    const ran = await grantlog(["check", broken])
    expect(ran.stderr).toBe(`grantlog: \`${broken}\` cannot be loaded: no database at Code\n`)
    expect(ran.code).toBe(2)

    const source = `import make from ${JSON.stringify(example("map"))}\nenum Kind { Code }\nexport default make`
    const test = folder.at("kinds.test.ts")
    const flags = ["--only", "ReplayKillsGrant", "--write-test", test, ...quick]
    expect((await grantlog(["check", fileAt("kinds.ts", source), ...flags])).code).toBe(1)
    expect(readFileSync(test, "utf8")).toContain("under a loader of TypeScript, as in `node --import tsx --test`")
  })
})

describe("what a module exports beside its provider", () => {
  const module = example("withCompanions")

  it("is how it is logged in at, started anew and looked into", async () => {
    const ran = await grantlog(["check", module, "--only", "NoSecretIsStored", ...quick])
    expect(ran.stdout).toMatch(/^NoSecretIsStored +kept /m)
    expect(ran.stdout).toMatch(/^restart +yes\n/m)
    expect(ran.stdout).toMatch(/^store +looked into\n/m)
    expect(ran.code).toBe(0)
  })

  it("is in the test that is left behind, which fails for as long as the provider is what it was", async () => {
    mkdirSync(folder.at("node_modules", "grantlog"), { recursive: true })
    const kit = runnable(new URL("../../../properties/index.ts", import.meta.url))
    const manifest = { name: "grantlog", type: "module", exports: { "./properties": "./index.js" } }
    fileAt("node_modules/grantlog/package.json", JSON.stringify(manifest))
    fileAt("node_modules/grantlog/index.js", `export * from ${JSON.stringify(kit)}\n`)

    const test = folder.at("forgetful.test.mjs")
    const promises = ["--only", "CodeIsSingleUse", "--only", "NoSecretIsStored"]
    const flags = ["--export", "forgetful", ...promises, "--write-test", test, ...quick]
    const ran = await grantlog(["check", module, ...flags])
    expect(ran.stdout).toMatch(/^CodeIsSingleUse +broken /m)
    expect(ran.stdout).toMatch(/^NoSecretIsStored +kept /m)
    expect(ran.stdout).toContain("after a restart client 0 redeems code 0")
    const [, again] = /^ {2}again: grantlog (check .+)$/m.exec(ran.stdout)!
    expect((await grantlog(again!.split(" "))).code).toBe(1)

    const written = readFileSync(test, "utf8")
    expect(written).toMatch(/^import \{ forgetful as provider, approve, restart, store \} from "/m)
    const runTest = async () => {
      const child = startProgram(["--test", "--test-reporter=tap", test], { VITEST: "" })
      const [stdout, code] = await Promise.all([text(child.stdout), endOf(child)])
      return { stdout, code }
    }
    expect((await runTest()).stdout).toMatch(/^ *not ok \d+ - CodeIsSingleUse: /m)
    writeFileSync(test, written.replace("forgetful as provider", "sound as provider"))
    expect(await runTest()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^# pass 1$/m) })
  })
})
