/**
 * The table of judges tells the truth: each row stands on tests that exist, nobody's package is tried outside of it, and a
 * row of which nothing ran does not hold.
 *
 * Every rule is first shown to catch a breach, then held against the repository.
 */
import { describe, expect, it } from "vitest"
import { sourceTexts, type SourceText } from "../../spec/trace/Sources.ts"
import type { RunTest } from "../../spec/trace/Verdict.ts"
import { fapi2Modules, fapi2Rows } from "../conformance/Fapi2Modules.ts"
import { rows, type Row } from "../conformance/Judges.ts"
import { judgedBy, tableOf } from "../conformance/Table.ts"

const tests = sourceTexts("test").filter(({ path }) => !path.startsWith("test/law/"))

/** What a row says it tries and no test has as its title, a line each. */
const untold = (of: ReadonlyArray<Row>, texts: ReadonlyArray<SourceText>): ReadonlyArray<string> =>
  of.flatMap(({ tried }) =>
    tried.flatMap(({ path, titles }) => {
      const text = texts.find((one) => one.path === path)?.text ?? ""
      return titles.filter((title) => !text.includes(JSON.stringify(title))).map((title) => `${path}: ${title}`)
    }),
  )

const OTHERS = /from "(?:oauth4webapi|openid-client|@modelcontextprotocol\/\w+)/

/** Test files that speak with others' packages and are in no row. */
const unjudged = (of: ReadonlyArray<Row>, texts: ReadonlyArray<SourceText>): ReadonlyArray<string> => {
  const known = new Set(of.flatMap(({ tried }) => tried.map(({ path }) => path)))
  return texts
    .filter(({ path, text }) => path.endsWith(".test.ts") && OTHERS.test(text) && !known.has(path))
    .map(({ path }) => path)
}

const row: Row = { judge: "a judge", what: "a thing", tried: [{ path: "test/A.test.ts", titles: ["%s holds"] }] }

describe("a row", () => {
  it("stands on tests that exist", () => {
    const text = 'it.each([1])("%s holds", () => {})'
    expect(untold([row], [{ path: "test/A.test.ts", text }])).toEqual([])
    expect(untold([row], [{ path: "test/B.test.ts", text }])).toEqual(["test/A.test.ts: %s holds"])
    expect(untold(rows, tests)).toEqual([])
  })

  it("has a name of its own", () => {
    const names = rows.map(({ judge, what }) => `${judge}: ${what}`)
    expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([])
  })

  it("is there for whoever tries another's package", () => {
    const text = 'import * as oauth from "oauth4webapi"'
    expect(unjudged([row], [{ path: "test/B.test.ts", text }])).toEqual(["test/B.test.ts"])
    // What an adapter of ours makes of a provider of theirs is no judgement of theirs.
    expect(unjudged(rows, tests)).toEqual(["test/provider/fromOAuthProvider.test.ts"])
  })

  it("holds when all of its tests passed, and fails when one did not or none ran", () => {
    const ran = (title: string, status: string): RunTest => ({
      path: "test/A.test.ts",
      titles: ["group", title],
      status,
    })
    const passed = [ran("one holds", "passed"), ran("two holds", "passed"), ran("other", "failed")]
    expect(judgedBy(row, passed)).toMatchObject({ verdict: "held", passedCount: 2, failed: [] })
    expect(judgedBy(row, [...passed, ran("three holds", "failed")])).toMatchObject({
      verdict: "FAILED",
      failed: ["group > three holds"],
    })
    expect(judgedBy(row, [...passed, ran("three holds", "skipped")])).toMatchObject({ verdict: "FAILED" })
    expect(judgedBy(row, [])).toMatchObject({ verdict: "FAILED", failed: ["did not run: %s holds"] })
    expect(tableOf([judgedBy(row, [])])).toContain("a judge           a thing  FAILED   0      did not run: %s holds")
  })
})

describe("the modules of the OpenID Foundation", () => {
  it("are each there once, with a test or a reason", () => {
    const names = fapi2Modules.map(({ name }) => name)
    expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([])
    expect(fapi2Modules.filter(({ tried, because }) => (tried === undefined) === (because === undefined))).toEqual([])
  })

  it("are as many as the plans have for plain FAPI with private_key_jwt and DPoP", () => {
    const counts = fapi2Rows.map(({ what }) => Number(/(\d+) modules/.exec(what)![1]))
    expect(counts).toEqual([50, 56, 14, 64])
  })
})
