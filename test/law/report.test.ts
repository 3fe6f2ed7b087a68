/**
 * Report and page say what the trace says: what was not tried first, all of it as text, and nothing that another run,
 * another machine or a moved line would change.
 */
import { hash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { requirements } from "../../spec/requirements/index.ts"
import { pageOf } from "../../spec/trace/Page.ts"
import { reportOf, withoutRun } from "../../spec/trace/Report.ts"
import type { SourceText } from "../../spec/trace/Sources.ts"
import { traceOf, type Material, type Traced } from "../../spec/trace/Trace.ts"
import { verdictsOf, type Run } from "../../spec/trace/Verdict.ts"

const BOUND = "OAUTH21-4.3-rt-client-binding"
const ONCE = "OAUTH21-4.1.3-code-single-use"

const text = (path: string, ...lines: readonly string[]): SourceText => ({ path, text: lines.join("\n") })
const enforcing = text("src/core/Fed.ts", `//= ${BOUND}`, "if (other) return deny()")
const trying = text("test/core/Fed.test.ts", `//= ${BOUND}`, 'it("another client is refused", () => {})')

const traced = (fed: Partial<Material>): Traced =>
  traceOf({ sources: [], tests: [], exceptions: [], promises: [], ...fed })

describe("the report", () => {
  const trace = traced({ sources: [enforcing], tests: [trying] })
  const run: Run = {
    tests: [{ path: "test/core/Fed.test.ts", titles: ["another client is refused"], status: "passed" }],
    engines: [{ engine: "fed", promises: {}, numbers: {}, notTried: ["two clocks"] }],
  }
  const report = (fed: Traced, of: Run | undefined) => reportOf(fed, verdictsOf(fed, of), of)

  it("says first what was not tried", () => {
    expect(report(trace, undefined)).toContain("There was no run: nothing here was tried.")
    const binding = trace.entries.filter(({ standing }) => ["traced", "open"].includes(standing)).length
    expect(report(trace, run).split("\n## ")[0]).toContain(`kept 1, broke 0, and **did not try ${binding - 1}**`)
    expect(report(trace, run)).toContain("The engine `fed` did not try: two clocks.")
    expect(report(trace, run)).toMatch(/^\| `OAUTH21-4\.3-rt-client-binding` .* \| kept \|$/m)
  })

  it("is the same but for the run, and a line that moved is no change", () => {
    expect(report(trace, run)).not.toBe(report(trace, undefined))
    expect(withoutRun(report(trace, run))).toBe(withoutRun(report(trace, undefined)))
    const moved = traced({
      sources: [text("src/core/Fed.ts", "", "", `//= ${BOUND}`, "if (x) y()")],
      tests: [trying],
    })
    expect(report(moved, undefined)).not.toBe(report(trace, undefined))
    expect(withoutRun(report(moved, undefined))).toBe(withoutRun(report(trace, undefined)))
    const less = traced({ sources: [enforcing] })
    expect(withoutRun(report(less, undefined))).not.toBe(withoutRun(report(trace, undefined)))
  })

  it("keeps what it is told in the cells of its tables", () => {
    const page = text("spec/exceptions/a|b<i>.md", "# A", `Declines: ${ONCE}`)
    const line = report(traced({ exceptions: [page] }), undefined)
      .split("\n")
      .find((row) => row.includes(`\`${ONCE}\` |`))
    expect(line).toContain("exceptions/a\\|b&lt;i>.md")
  })
})

describe("the page", () => {
  const nasty = `"><script>alert(1)</script>'&`
  const fed = traced({ tests: [text("test/A.test.ts", `//= ${BOUND}`, `it(${JSON.stringify(nasty)}, () => {})`)] })

  it("shows what it is told as text and not as markup", async () => {
    const page = await pageOf(fed, verdictsOf(fed, undefined), undefined)
    expect(page).not.toContain("<script>alert")
    expect(page).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;")
  })

  it("loads nothing, and runs and wears only what its policy names", async () => {
    const page = await pageOf(fed, verdictsOf(fed, undefined), undefined)
    const [, style = ""] = /<style>([^]*?)<\/style>/.exec(page) ?? []
    const [, script = ""] = /<script>([^]*?)<\/script>/.exec(page) ?? []
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'")
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; script-src 'sha256-${hash("sha256", script, "base64")}'; base-uri 'none'`,
    )
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).not.toMatch(/ src=|<link|@import|url\(|href="(?!#)/)
  })

  it("folds many tests, says what the words mean, and what an attack is that nothing tries", async () => {
    const many = ["a", "b", "c"].map((title) =>
      text(`test/${title}.test.ts`, `//= ${BOUND}`, `it("${title}", () => {})`),
    )
    const trace = traced({ tests: many })
    const html = await pageOf(trace, verdictsOf(trace, undefined), undefined)
    expect(html).toContain("<details><summary>3 tests</summary>")
    expect(html).toContain("<dt>unplaced</dt><dd>tried, but no line says that it enforces it</dd>")
    expect(html).toMatch(/<tr id="A34">[^]*?nothing here<small>Documented residual risk/)
    const few = traced({ tests: many.slice(0, 2) })
    expect(await pageOf(few, verdictsOf(few, undefined), undefined)).not.toContain("tests</summary>")
  })

  it("has an anchor for every requirement and a label for every filter", async () => {
    const page = await pageOf(fed, verdictsOf(fed, undefined), undefined)
    for (const { id } of requirements) expect(page).toContain(`<tr id="${id}"`)
    const fields = page.match(/<(?:input|select) id="\w+"/g) ?? []
    expect(fields).toHaveLength(5)
    expect(page.match(/<label>[^]*?<(?:input|select) id="\w+"/g)).toHaveLength(fields.length)
  })
})
