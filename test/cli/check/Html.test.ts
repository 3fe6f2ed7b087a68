/** The rules of a report as a page: it stands alone, says everything, and nothing from outside becomes markup. */
import { hash } from "node:crypto"
import { expect, test } from "vitest"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { renderHtml } from "../../../src/cli/check/Html.ts"

const evil = `</title></style><script>alert("&'")</script>`

const report: KitReport = {
  subject: evil,
  results: [
    {
      promise: evil,
      sentence: evil,
      verdict: "broken",
      tries: 3,
      millis: 10,
      reason: evil,
      counterexample: {
        objection: evil,
        seed: 1,
        path: evil,
        steps: [
          { text: evil, burst: null, expected: "a code", observed: "a code" },
          { text: "the first", burst: 1, expected: "tokens", observed: "tokens" },
          { text: "the second", burst: 1, expected: "refused", observed: evil },
        ],
      },
    },
    { promise: "Kept", sentence: "It holds.", verdict: "kept", tries: 9, millis: 20 },
    { promise: "Untried", sentence: "It may hold.", verdict: "not tried", tries: 0, millis: 0, reason: "no clock" },
  ],
  capabilities: { clock: evil },
  seed: 1,
  operationCount: 12,
  millis: 30,
}

test("what came from outside is text, wherever it stands", async () => {
  const page = await renderHtml(report)
  expect(page).not.toContain("<script")
  expect(page.match(/<\/title>/g)).toHaveLength(1)
  expect(page.match(/<\/style>/g)).toHaveLength(1)
  expect(page.split("&lt;script&gt;alert(&quot;&amp;&#39;&quot;)").length).toBeGreaterThan(8)
})

test("nothing is loaded: no script, no link but to itself, and a policy that allows the one style and nothing else", async () => {
  const page = await renderHtml(report)
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!
  expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri`)
  expect([...page.matchAll(/ (?:src|href)="([^"]*)"/g)].map(([, to]) => to)).toEqual(["#broken-0"])
  expect(page).not.toMatch(/@import|url\(/)
})

test("it can be read by ear: a language, a title, headings in order, a table with headings for rows and columns", async () => {
  const page = await renderHtml(report)
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
  expect([...page.matchAll(/<h([1-6])/g)].map(([, level]) => level).join("")).toBe("1232")
  expect(page.match(/<th scope="col">/g)).toHaveLength(5)
  expect(page.match(/<th scope="row">/g)).toHaveLength(3)
  expect(page).toContain("<caption>")
  for (const verdict of ["kept", "broken", "not tried"]) expect(page).toContain(`">${verdict}</td>`)
  expect(page).toContain("prefers-color-scheme:dark")
})

test("every element that is opened is closed, and calls of one burst stand together", async () => {
  const page = (await renderHtml(report)).replace(/<style>[\s\S]*?<\/style>/, "")
  const open: Array<string> = []
  for (const [, slash, tag = ""] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (["meta", "br"].includes(tag)) continue
    if (slash === "") open.push(tag)
    else expect(open.pop()).toBe(tag)
  }
  expect(open).toEqual([])
  expect(page).toMatch(/at the same time:<ul><li>the first[\s\S]+<li>the second/)
})
