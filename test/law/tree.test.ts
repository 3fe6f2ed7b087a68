/**
 * The tree keeps its shape: a known top level, files of one concept each, names that say what is inside.
 *
 * Every rule is first shown to catch a breach, then held against the repository.
 */
import { describe, expect, it } from "vitest"
import { sourceTexts } from "../../spec/trace/Sources.ts"
import { maxLineCount, overlongFiles, strayEntries, trackedPaths, undocumentedFiles, vagueNames } from "./Tree.ts"

const lines = (count: number): string => "x\n".repeat(count)

describe("the repository", () => {
  it("has nothing at its top level but what belongs there, and dotfiles", () => {
    expect(strayEntries(["src/a.ts", "README.md", ".npmrc", "docs/a.md", "vitest.config.ts", "docs/b.md"])).toEqual([
      "docs",
      "vitest.config.ts",
    ])
    expect(strayEntries(trackedPaths())).toEqual([])
  })

  it("names no file after utilities, helpers, managers, bases or other miscellanea", () => {
    const poor = ["src/log/utils.ts", "src/TokenHelpers.ts", "test/common/A.ts", "src/GrantManager.ts", "spec/base.md"]
    const fine = ["src/http/Based.ts", "src/log/Database.ts", "src/core/Base64Url.ts", "src/http/Metadata.ts"]
    expect(vagueNames([...poor, ...fine])).toEqual(poor)
    expect(vagueNames(trackedPaths())).toEqual([])
  })
})

describe("a file in src", () => {
  const sources = sourceTexts("src")

  it(`has at most ${maxLineCount} lines`, () => {
    const fed = [
      { path: "src/Long.ts", text: lines(maxLineCount + 1) },
      { path: "src/Full.ts", text: lines(maxLineCount) },
    ]
    expect(overlongFiles(fed)).toEqual(["src/Long.ts"])
    expect(overlongFiles(sources)).toEqual([])
  })

  it("opens with a doc comment", () => {
    const fed = [
      { path: "src/Bare.ts", text: "export {}\n/** late */\n" },
      { path: "src/Line.ts", text: "// not a doc comment\n" },
      { path: "src/Good.ts", text: "/** What it is. */\n" },
      { path: "src/cli/main.ts", text: "#!/usr/bin/env node\n/** What it is. */\n" },
    ]
    expect(undocumentedFiles(fed)).toEqual(["src/Bare.ts", "src/Line.ts"])
    expect(undocumentedFiles(sources)).toEqual([])
  })
})
