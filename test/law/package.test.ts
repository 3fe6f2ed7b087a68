/** What a release stands on: the changelog speaks of this version, and whatever comes along may be passed on. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { repository } from "../../spec/trace/Sources.ts"
import { LICENCES_PAGE, licencesPage, licensed, readLock, strangers, type Lock } from "./Licences.ts"

const textOf = (path: string): string => readFileSync(join(repository, path), "utf8")

/** The newest version that a changelog speaks of, which stands first. */
const newestVersion = (changelog: string): string | undefined => /^## (\d+\.\d+\.\d+)$/m.exec(changelog)?.[1]

describe("the changelog", () => {
  it("speaks first of the version that the package has", () => {
    expect(newestVersion("# Changelog\n\n## 1.2.0\n\n- b\n\n## 1.1.9\n")).toBe("1.2.0")
    expect(newestVersion("# Changelog\n")).toBeUndefined()
    const { version } = JSON.parse(textOf("package.json")) as { readonly version: string }
    expect(newestVersion(textOf("spec/CHANGELOG.md"))).toBe(version)
  })
})

describe("the licence of a dependency", () => {
  const lock: Lock = {
    packages: {
      "": { dependencies: { a: "1", b: "1" } },
      "node_modules/a": { version: "1.0.0", license: "MIT", dependencies: { b: "2" } },
      "node_modules/a/node_modules/b": { version: "2.0.0", license: "GPL-3.0" },
      "node_modules/b": { version: "1.0.0", optionalDependencies: { c: "1" } },
      "node_modules/tested-with": { version: "1.0.0", license: "MIT" },
    },
  }

  it("is found for all that is installed, wherever npm put it, and for nothing else", () => {
    expect(licensed(lock, [])).toEqual([
      { name: "a", version: "1.0.0", licence: "MIT", how: "installed" },
      { name: "b", version: "1.0.0", licence: "none named", how: "installed" },
      { name: "b", version: "2.0.0", licence: "GPL-3.0", how: "installed" },
    ])
    expect(licensed(lock, ["tested-with", "a"]).map(({ name, how }) => `${name} ${how}`)).toEqual([
      "a installed",
      "b installed",
      "b installed",
      "tested-with joined",
    ])
  })

  it("is one that asks for nothing but its own text to be kept", () => {
    expect(strangers(licensed(lock, []))).toEqual(["b 1.0.0: none named", "b 2.0.0: GPL-3.0"])
    expect(licensed(readLock()).length).toBeGreaterThan(20)
    expect(strangers(licensed(readLock()))).toEqual([])
  })

  it("stands on a page that is as `npm run licences` writes it", () => {
    expect(textOf(LICENCES_PAGE)).toBe(licencesPage(licensed(readLock())))
  })
})
