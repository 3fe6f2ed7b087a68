/** The rules of a report as a page: it stands alone, says everything, and nothing from outside becomes markup. */
import { hash } from "node:crypto"
import { expect, test } from "vitest"
import type { KitReport, PromiseResult } from "../../../properties/kit/Report.ts"
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

test("it says everything: how many, each promise with its reason, each story that went wrong, and what could be tried", async () => {
  const steps = [
    { text: "a call", exchange: "GET /", burst: null, expected: "one", observed: "one" },
    { text: "the first", burst: 1, expected: "tokens", observed: "tokens" },
    { text: "the second", burst: 1, expected: "tokens", observed: "none" },
  ]
  const [kept, untried] = report.results.slice(1) as [PromiseResult, PromiseResult]
  const counterexample = { objection: "it did", seed: 1, path: "0:1", steps }
  const broken = {
    promise: "B",
    sentence: "It breaks.",
    verdict: "broken",
    tries: 3,
    millis: 10,
    counterexample,
  } as const
  const told = { ...report, subject: "p.ts", capabilities: { clock: "turned", store: "no" } }
  const mainOf = async (one: KitReport) => /<main>\n([\s\S]*)<\/main>/.exec(await renderHtml(one))![1]
  const rows = `<tr>
<th scope="row">Kept</th>
<td class="verdict kept">kept</td>
<td class="number">9</td>
<td class="number">20 ms</td>
<td>It holds.</td>
</tr><tr>
<th scope="row">Untried</th>
<td class="verdict not-tried">not tried</td>
<td class="number">–</td>
<td class="number">–</td>
<td>It may hold.<br><span class="dim">no clock</span></td>
</tr>`
  const table = (body: string) => `<div class="scroll" role="region" aria-label="Promises" tabindex="0">
<table>
<caption>12 calls in 30 ms, seed 1</caption>
<thead><tr><th scope="col">promise</th><th scope="col">verdict</th><th scope="col">tries</th><th scope="col">time</th><th scope="col">what it says</th></tr></thead>
<tbody>${body}</tbody>
</table>
</div>
`
  const can = "<h2>What it can do</h2>\n<dl><dt>clock</dt><dd>turned</dd><dt>store</dt><dd>no</dd></dl>\n"
  expect(await mainOf({ ...told, results: [kept, untried] })).toBe(
    `<h1>grantlog check: p.ts</h1>\n<p>1 kept, 0 broken, 1 not tried.</p>\n\n${table(rows)}\n${can}`,
  )
  expect(await mainOf({ ...told, failure: "it leaks", results: [kept, untried, broken] }))
    .toBe(`<h1>grantlog check: p.ts</h1>
<p>1 kept, 1 broken, 1 not tried.</p>
<p class="broken">Not to be relied on: it leaks.</p>
${table(`${rows}<tr>
<th scope="row"><a href="#broken-2">B</a></th>
<td class="verdict broken">broken</td>
<td class="number">3</td>
<td class="number">10 ms</td>
<td>It breaks.</td>
</tr>`)}<h2>What is broken</h2><section aria-labelledby="broken-2">
<h3 id="broken-2">B</h3>
<p>it did</p>
<p class="dim">It breaks.</p>
<ol><li>a call<br><code>GET /</code>
<dl class="agreed">
<dt>expected</dt><dd>one</dd>
<dt>observed</dt><dd>one</dd>
</dl></li><li>at the same time:<ul><li>the first
<dl class="agreed">
<dt>expected</dt><dd>tokens</dd>
<dt>observed</dt><dd>tokens</dd>
</dl></li><li>the second
<dl class="surprise">
<dt>expected</dt><dd>tokens</dd>
<dt>observed</dt><dd>none</dd>
</dl></li></ul></li></ol>
<p>To see it again: <code>with {&quot;seed&quot;:1,&quot;path&quot;:&quot;0:1&quot;,&quot;only&quot;:[&quot;B&quot;]}</code></p>
</section>
${can}`)
  expect(await renderHtml(told)).toContain("\n.scroll{overflow-x:auto}\n")
})
