/**
 * What users get: the entry points of the package, name by name.
 *
 * A name that is added or taken away shows as a line of `exports.txt`, and so is decided and not slipped in. After a
 * decision, `-u` writes the list anew.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { repository, sourceTexts } from "../../spec/trace/Sources.ts"
import { JOBS_PAGE, jobs } from "../support/Snippets.ts"
import { effectsShown, membersUntold } from "./PublicTypes.ts"
import { type Entry, examplesOf, listOf, readEntries, specifierOf, typeFaults } from "./Entries.ts"

const entries = readEntries()

describe("an entry point", () => {
  it("exports what the list names, and nothing else", async () => {
    await expect(listOf(entries)).toMatchFileSnapshot("exports.txt")
  })

  it("shows in the list by name and kind", () => {
    const fed: readonly Entry[] = [
      {
        specifier: "grantlog/core",
        path: "src/entry/core.ts",
        exported: [
          { name: "decide", kind: "value", documentation: "", examples: [] },
          { name: "Event", kind: "class", documentation: "", examples: [] },
        ],
      },
    ]
    expect(listOf(fed)).toBe("grantlog/core\n  value decide\n  class Event\n")
  })

  it("names each thing that it exports", () => {
    const starred = (text: string): boolean => /export (?:type )?\*/.test(text)
    expect(starred(`export * from "../core/index.ts"`)).toBe(true)
    expect(sourceTexts("src/entry").filter(({ text }) => starred(text))).toEqual([])
  })

  it("exports nothing that is not told about where it is declared", () => {
    const untold = (all: readonly Entry[]): readonly string[] =>
      all.flatMap(({ specifier, exported }) =>
        exported.filter(({ documentation }) => documentation === "").map(({ name }) => `${specifier} ${name}`),
      )
    const named = { name: "decide", kind: "value", documentation: "", examples: [] } as const
    expect(untold([{ specifier: "grantlog/core", path: "", exported: [named] }])).toEqual(["grantlog/core decide"])
    expect(untold(entries)).toEqual([])
  })

  it("tells of each member of the options and records that it names", () => {
    expect(membersUntold()).toEqual([])
  })

  it("shows nothing of effect but `grantlog/effects`, and takes no brand but `grantlog/core`, whose schemas make them", () => {
    const shown = effectsShown()
    expect(shown.filter((one) => /^grantlog\/effects makeServer: /.test(one))).not.toEqual([])
    expect(shown.filter((one) => /^grantlog\/core isLive: .* Brand$/.test(one))).not.toEqual([])
    expect(shown.filter((one) => !/^grantlog\/effects |^grantlog\/core .* Brand$/.test(one))).toEqual([])
  })

  it("stands in the manifest where its file says", () => {
    const { exports } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
      readonly exports: Readonly<Record<string, unknown>>
    }
    const stands = sourceTexts("src/entry").map(({ path }) => {
      const built = `./dist/${path.replace(/\.ts$/, "")}`
      const key = specifierOf(path).replace(/^grantlog/, ".")
      return [key, { types: `${built}.d.ts`, default: `${built}.js` }]
    })
    expect(exports).toEqual(Object.fromEntries(stands))
  })
})

describe("a program", () => {
  it("in a doc comment is one that the compiler takes, and at least thirty names have one", () => {
    expect(typeFaults(new Map([["wrong", `import { decide } from "grantlog"`]]))).toHaveLength(1)
    const examples = examplesOf(entries)
    expect(examples.size).toBeGreaterThanOrEqual(30)
    expect(typeFaults(examples)).toEqual([])
  })

  it(`of ${JOBS_PAGE} is one that the compiler takes`, () => {
    const beside = "Check a provider: Cannot find module './my-provider.ts' or its corresponding type declarations."
    expect(typeFaults(new Map(jobs().map(({ name, text }) => [name, text])))).toEqual([beside])
  })
})
