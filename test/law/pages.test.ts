/** The pages that people read: how long README may be, and that whatever a page leads to is there. */
import { describe, expect, it } from "vitest"
import { deadAnchorsOf, isThere, linksOf, pageAt, pages } from "../support/Pages.ts"

const MAX_README_WORDS = 900

describe("README", () => {
  it(`has at most ${MAX_README_WORDS} words, so that somebody can decide in two minutes`, () => {
    const words = pageAt("README.md").split(/\s+/).length
    expect(words).toBeGreaterThan(100)
    expect(words).toBeLessThanOrEqual(MAX_README_WORDS)
  })

  it("leads to every other page", () => {
    const links = linksOf({ path: "README.md", text: pageAt("README.md") })
    const others = pages.map(({ path }) => path).filter((path) => path !== "README.md")
    expect(others.length).toBeGreaterThan(5)
    expect(others.filter((path) => !links.includes(path))).toEqual([])
  })
})

describe("a page", () => {
  it.each(pages.map((page) => [page.path, page] as const))("%s leads only to what is there", (_, page) => {
    expect(linksOf(page).filter((path) => !isThere(path))).toEqual([])
    expect(deadAnchorsOf(page)).toEqual([])
  })

  it("that leads to nothing is found", () => {
    const page = {
      path: "src/README.md",
      text: "[a](nowhere.md#b) [b](#no-heading) [c](https://a.example/)\n# Heading",
    }
    expect(linksOf(page)).toEqual(["src/nowhere.md"])
    expect(deadAnchorsOf(page)).toEqual(["no-heading"])
  })
})
