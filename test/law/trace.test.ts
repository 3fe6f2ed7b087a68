/**
 * The trace tells the truth: what it reads, how it judges, and what it refuses.
 *
 * Every rule is first shown to catch a breach that it is fed, then held against the repository.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { promises } from "../../properties/invariants/index.ts"
import { requirements } from "../../spec/requirements/index.ts"
import { COVERAGE_FILE, coverageOf, fallen, toCommit, type Coverage } from "../../spec/trace/Coverage.ts"
import { materialWith } from "../../spec/trace/Material.ts"
import { repository, type SourceText } from "../../spec/trace/Sources.ts"
import { namedTests, titlePattern } from "../../spec/trace/Tests.ts"
import { traceOf, type Material, type Traced } from "../../spec/trace/Trace.ts"
import { testsOf, verdictsOf, type Run } from "../../spec/trace/Verdict.ts"

const BOUND = "OAUTH21-4.3-rt-client-binding"
const ONCE = "OAUTH21-4.1.3-code-single-use"
const MISSING = "RFC8705-2-cert-client-binding"

const text = (path: string, ...lines: readonly string[]): SourceText => ({ path, text: lines.join("\n") })
const enforcing = (...ids: readonly string[]): SourceText =>
  text("src/core/Fed.ts", "/** Fed. */", ...ids.map((id) => `//= ${id}`), "if (other) return deny()")
const trying = (...ids: readonly string[]): SourceText =>
  text("test/core/Fed.test.ts", ...ids.map((id) => `//= ${id}`), 'it("another client is refused", () => {})')

const traced = (fed: Partial<Material>): Traced =>
  traceOf({ sources: [], tests: [], exceptions: [], promises: [], ...fed })
const entryOf = ({ entries }: Traced, id: string) => entries.find((entry) => entry.id === id)

const promise = {
  name: "BoundMeansBound",
  sentence: "what is bound stays bound",
  requirements: [ONCE],
  attacks: ["A18"],
} as const

describe("a test", () => {
  it("is named by the lines above it, and by the front of its title", () => {
    const { tests, faults } = namedTests([
      text(
        "test/http/Forms.test.ts",
        `//= ${BOUND}`,
        "//= A18",
        'it("is plain", () => {})',
        'test("A13, B26: comes in parallel", () => {})',
        `  //= ${ONCE}`,
        '  test.each(["(", ")("])("of a table in a line: %s", () => {})',
        `//= ${ONCE}`,
        "test.each([",
        '  ["no title", 1],',
        "])(",
        '  "of a table below, with $name",',
        "  () => {},",
        ")",
        `//= ${ONCE}`,
        "describe.each(Object.entries(made))(`of ${kind}`, () => {})",
        `  //= ${ONCE}`,
        '  "is a rule of \\"a table\\"": () =>',
        'it("says: nothing in particular", () => {})',
        `//= ${ONCE}`,
        'it.skipIf(process.platform !== "linux")(',
        '  "runs where it can",',
      ),
    ])
    expect(faults).toEqual([])
    expect(tests.map(({ line, title, ids }) => [line, title, ids.join()])).toEqual([
      [3, "is plain", `${BOUND},A18`],
      [4, "A13, B26: comes in parallel", "A13,B26"],
      [6, "of a table in a line: %s", ONCE],
      [8, "of a table below, with $name", ONCE],
      [15, "of ${kind}", ONCE],
      [17, 'is a rule of "a table"', ONCE],
      [20, "runs where it can", ONCE],
    ])
  })

  it("has its title written out below the ids, or that is a fault", () => {
    const { faults } = namedTests([
      text(
        "test/Fed.test.ts",
        `//= ${BOUND}`,
        "it(TITLE, () => {})",
        "//= A01",
        "const x = 1",
        "//= A02",
        "",
        'it("late")',
      ),
    ])
    expect(faults.map((fault) => fault.split(" ")[0])).toEqual([
      "test/Fed.test.ts:2",
      "test/Fed.test.ts:4",
      "test/Fed.test.ts:6",
    ])
  })

  it("that stands in a table of rules is run by the test files that reach it", () => {
    const { tests } = namedTests([
      text("test/Rules.ts", `//= ${BOUND}`, '"is a rule": () => {}'),
      text("test/All.ts", 'import { rules } from "./Rules.ts"'),
      text("test/One.test.ts", 'import { all } from "./All.ts"'),
      text("test/Two.test.ts", "export {}"),
    ])
    expect(tests[0]?.runIn).toEqual(["test/One.test.ts"])
  })

  it("is recognised in a run whatever was filled into its title", () => {
    expect(titlePattern("B17: %s (a.b) of $client.name").test("B17: none (a.b) of an app\nfor you")).toBe(true)
    expect(titlePattern("a (b)").test("a b")).toBe(false)
    expect(titlePattern("a test").test("not a test")).toBe(false)
  })
})

describe("a requirement", () => {
  it("stands by who enforces it, who tries it and what excuses it", () => {
    const trace = traced({
      sources: [enforcing(BOUND, "OAUTH21-3.2.3-no-store")],
      tests: [trying(BOUND, "RFC7662-2.1-caller-auth")],
    })
    expect(entryOf(trace, BOUND)).toMatchObject({
      standing: "traced",
      enforcedAt: [{ path: "src/core/Fed.ts", line: 4 }],
    })
    expect(entryOf(trace, "OAUTH21-3.2.3-no-store")?.standing).toBe("untried")
    expect(entryOf(trace, "RFC7662-2.1-caller-auth")?.standing).toBe("unplaced")
    expect(entryOf(trace, ONCE)?.standing).toBe("open")
    expect(entryOf(trace, MISSING)).toMatchObject({ standing: "not offered", because: "mutual TLS" })
    expect(trace.faults).toEqual([])
  })

  it("is tried by a promise that names it, and by an attack that it stops once somebody tries that", () => {
    const trace = traced({ sources: [enforcing(BOUND, ONCE)], promises: [promise] })
    expect(entryOf(trace, ONCE)).toMatchObject({ standing: "traced", promises: ["BoundMeansBound"], attacks: [] })
    expect(entryOf(trace, BOUND)).toMatchObject({ standing: "traced", promises: [], attacks: ["A18"] })
    expect(entryOf(traced({ sources: [enforcing(BOUND)] }), BOUND)).toMatchObject({ standing: "untried", attacks: [] })
  })

  it("is declined by one page, with a heading and a reason, that names it", () => {
    const page = (...lines: readonly string[]) => text("spec/exceptions/fed.md", ...lines)
    const trace = traced({ exceptions: [page("# Why not", "", `Declines: ${ONCE}, ${BOUND}`, "", "Because.")] })
    expect(entryOf(trace, ONCE)).toMatchObject({ standing: "declined", because: "spec/exceptions/fed.md" })
    expect(trace.faults).toEqual([])
    expect(traced({ exceptions: [page("Because.")] }).faults).toEqual([
      "spec/exceptions/fed.md has no heading",
      "spec/exceptions/fed.md has no line `Declines: <id>`",
    ])
    const twice = [page("# A", `Declines: ${ONCE}`), page("# B", `Declines: ${ONCE}`)]
    expect(traced({ exceptions: twice }).faults).toEqual([`${ONCE} is declined twice`])
  })

  it("that is declined or not offered is not enforced all the same", () => {
    expect(traced({ sources: [enforcing(MISSING)] }).faults).toEqual([
      `${MISSING} is not offered, yet src/core/Fed.ts:3 enforces it`,
    ])
  })

  it("has to be in the catalogue, whoever names it", () => {
    const trace = traced({
      sources: [enforcing("RFC1-no-such"), enforcing("A01")],
      tests: [
        trying("A99", "RFC2-no-such", "P-NOTHING", "PKCE-B", "P-ONCE"),
        text("test/A.test.ts", 'it("B27: no row", () => {})'),
      ],
      exceptions: [text("spec/exceptions/fed.md", "# Why", "Declines: RFC3-no-such")],
    })
    const named = (at: string, id: string) => `${at} names \`${id}\`, which is not in the catalogue`
    expect(trace.faults).toEqual([
      named("src/core/Fed.ts:2", "RFC1-no-such"),
      named("src/core/Fed.ts:2", "A01"),
      named("test/core/Fed.test.ts:6", "A99"),
      named("test/core/Fed.test.ts:6", "RFC2-no-such"),
      named("test/core/Fed.test.ts:6", "P-NOTHING"),
      named("test/A.test.ts:1", "B27"),
      named("spec/exceptions/fed.md", "RFC3-no-such"),
    ])
  })
})

describe("a verdict", () => {
  const trace = traced({ sources: [enforcing(BOUND, ONCE)], tests: [trying(BOUND)], promises: [promise] })
  const refused = "another client is refused"
  const ran = (
    status: string,
    ...records: ReadonlyArray<readonly [tries: number, verdict: "kept" | "broken"]>
  ): Run => ({
    tests: [{ path: "test/core/Fed.test.ts", titles: ["group", refused], status }],
    engines: records.map(([tries, verdict]) => ({
      engine: "fed",
      promises: { BoundMeansBound: { tries, verdict } },
      numbers: {},
      notTried: [],
    })),
  })
  const verdict = (run: Run | undefined, id = BOUND) => verdictsOf(trace, run).get(id)

  it("is kept when every test and promise that names it held, broken when one did not, and else not tried", () => {
    expect(verdict(undefined)).toBe("not run")
    expect(verdict(ran("passed", [9, "kept"]))).toBe("kept")
    expect(verdict(ran("failed", [9, "kept"]))).toBe("broken")
    expect(verdict(ran("passed", [9, "broken"]))).toBe("broken")
    expect(verdict(ran("passed"))).toBe("not tried")
    expect(verdict(ran("skipped", [9, "kept"]))).toBe("not tried")
  })

  it("of a promise is that of all engines, and one that never got there has not tried it", () => {
    expect(verdict(ran("passed", [0, "kept"]), ONCE)).toBe("not tried")
    expect(verdict(ran("passed", [0, "kept"], [1, "kept"]), ONCE)).toBe("kept")
    expect(verdict(ran("passed", [5, "kept"], [1, "broken"]), ONCE)).toBe("broken")
  })

  it("comes from the file that the test stands in", () => {
    const { tests, engines } = ran("passed", [9, "kept"])
    expect(verdict({ tests: tests.map((one) => ({ ...one, path: "test/core/Other.test.ts" })), engines })).toBe(
      "not tried",
    )
  })

  it("is read from vitest's report", () => {
    const report = {
      testResults: [
        {
          name: "/repository/test/core/Fed.test.ts",
          assertionResults: [{ ancestorTitles: ["group"], title: refused, status: "passed" }],
        },
      ],
    }
    expect(testsOf(JSON.stringify(report), "/repository")).toEqual(ran("passed").tests)
  })
})

describe("coverage", () => {
  const coverageWith = (fed: Partial<Material>): Coverage => toCommit(coverageOf(traced(fed).entries))

  it("of P0 may rise and may not fall, by document", () => {
    const before = coverageWith({ sources: [enforcing(BOUND, ONCE)], tests: [trying(BOUND)] })
    expect(before["OAUTH21"]).toEqual({ enforced: 2, tried: 1 })
    expect(fallen(before, before)).toEqual([])
    expect(fallen(coverageWith({ sources: [enforcing(BOUND, ONCE)], tests: [trying(BOUND, ONCE)] }), before)).toEqual(
      [],
    )
    expect(fallen(coverageWith({ sources: [enforcing(BOUND)] }), before)).toEqual([
      "OAUTH21: 1 P0 requirements are enforced, 2 were",
      "OAUTH21: 0 P0 requirements are tried, 1 were",
    ])
    expect(fallen({}, before)).toContain("OAUTH21: 0 P0 requirements are enforced, 2 were")
  })

  it("leaves out what does not bind, and what is not P0", () => {
    const rows = coverageOf(traced({ sources: [enforcing("OAUTH21-2.1-record-client-type")] }).entries)
    const row = (named: string) => rows.find(({ document }) => document === named)!
    const totalOf = (named: string) =>
      requirements.filter(({ doc, priority }) => doc === named && priority === "P0").length
    expect(row("OAUTH21")).toMatchObject({ total: totalOf("OAUTH21"), enforced: 0, tried: 0 })
    expect(row("OAUTH21").open).toBe(row("OAUTH21").binding)
    // All that it asks is asked of who stands in front of another authorization server.
    expect(row("MCP-SBP")).toMatchObject({ total: totalOf("MCP-SBP"), binding: 0 })
    expect(totalOf("MCP-SBP")).toBeGreaterThan(0)
  })
})

describe("the repository", () => {
  const trace = traceOf(materialWith(promises))

  it("names nothing that is not in the catalogue", () => {
    expect(trace.faults).toEqual([])
  })

  it("covers no less of P0 than it did", () => {
    const committed = JSON.parse(readFileSync(join(repository, COVERAGE_FILE), "utf8")) as Coverage
    expect(fallen(toCommit(coverageOf(trace.entries)), committed)).toEqual([])
  })
})
