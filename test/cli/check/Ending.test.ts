/** How a check ends, and what it leaves behind: which reports are well, what is shown, and what is written. */
import { readFileSync } from "node:fs"
import { relative } from "node:path"
import { Effect } from "effect"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import type { KitReport, PromiseResult } from "../../../properties/kit/Report.ts"
import { renderStories } from "../../../properties/kit/render/Story.ts"
import { renderTable } from "../../../properties/kit/render/Table.ts"
import { faultOf, shown } from "../../../src/cli/check/Ending.ts"
import { testFileFor, write, writeTest } from "../../../src/cli/check/Files.ts"
import { lineOf, messageIn, recordOf, RECORD_BYTES, standingIn } from "../../../src/cli/check/Job.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { telling } from "./Telling.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const steps = [{ text: "a call", burst: null, expected: "one thing", observed: "another" }]
const result = (verdict: PromiseResult["verdict"], more: Partial<PromiseResult> = {}): PromiseResult => ({
  ...{ promise: "P", sentence: "S.", verdict, tries: 1, millis: 1 },
  ...(verdict === "broken" ? { counterexample: { objection: "it is not", seed: 1, path: "", steps } } : {}),
  ...more,
})
const reportOf = (results: ReadonlyArray<PromiseResult>, more: Partial<KitReport> = {}): KitReport => ({
  ...{ subject: "p.ts", results, capabilities: {}, seed: 1, operationCount: 1, millis: 1 },
  ...more,
})
const [kept, limited, broken, untried] = (["kept", "limited", "broken", "not tried"] as const).map((verdict) =>
  result(verdict),
) as [...[PromiseResult, PromiseResult, PromiseResult, PromiseResult]]
const cut = (promise: string) => result("not tried", { promise, isCutShort: true })

describe("a check", () => {
  it.each<[KitReport, string | undefined, string?]>([
    [reportOf([kept, untried]), undefined],
    [reportOf([limited]), undefined],
    [reportOf([broken, kept, limited, cut("A")]), "CommandFault", "1 of 3 are broken"],
    [reportOf([kept, broken], { failure: "it leaks" }), "UsageFault", "it leaks"],
    [
      reportOf([kept, cut("A"), cut("B")]),
      "UsageFault",
      "there was too little time for A, B: give it more with --budget",
    ],
    [reportOf([untried]), "UsageFault", "nothing could be tried: the report says why"],
  ])("ends well, or with a sentence (%#)", (report, tag, message) => {
    const fault = faultOf(report)
    expect([fault?._tag, fault?.message]).toEqual([tag, message])
  })

  it("is shown as a table, and behind it the story of each promise that is broken", () => {
    const own = Object.getOwnPropertyDescriptor(process.stdout, "columns")
    Object.defineProperty(process.stdout, "columns", { configurable: true, value: 40 })
    onTestFinished(() => void Object.defineProperty(process.stdout, "columns", own ?? { value: undefined }))
    const report = reportOf([broken, result("not tried", { reason: "nothing that is tried here has a clock to turn" })])
    const table = renderTable(report, { isColored: false, width: 40 })
    expect(table).not.toBe(renderTable(report, { isColored: false, width: undefined }))
    expect(shown(report)).toBe([table, ...renderStories(report)].join("\n\n"))
    expect(renderStories(report)).toHaveLength(1)
  })
})

describe("a test that is left behind", () => {
  const python = { _tag: "Python", module: "a", attribute: "b" } as const
  const issuer = { _tag: "Issuer", url: "https://id.example" } as const

  it("is written where something is broken, and else it is said that there is none", async () => {
    const told = telling()
    const file = folder.at("a.test.ts")
    await Effect.runPromise(writeTest(reportOf([kept]), issuer, file, {}))
    expect(told()).toBe(`nothing is broken: \`${file}\` was not written\n`)
    await Effect.runPromise(writeTest(reportOf([broken]), issuer, file, {}))
    expect(readFileSync(file, "utf8")).toBe(testFileFor(reportOf([broken]), issuer, file, {}))
    expect(readFileSync(file, "utf8")).toContain("https://id.example")
    const fault = await Effect.runPromise(
      Effect.flip(writeTest(reportOf([broken]), issuer, folder.at("no", "a.ts"), {})),
    )
    expect(fault.message).toMatch(/^--write-test `.*` cannot be written: ENOENT/)
    await Effect.runPromise(write("html", file, "a page"))
    expect(readFileSync(file, "utf8")).toBe("a page")
  })

  it("of Python is started where the check was, by the interpreter that runs it", () => {
    const report = reportOf([broken], { call: ["python:a:b", "--python", "/usr/bin/python3", "--only", "P"] })
    const test = testFileFor(report, python, folder.at("test_a.py"), {})
    expect(test).toContain('"check", "python:a:b", "--only", "P", "--python", sys.executable')
    expect(test).toContain(`Path(__file__).parent / "${relative(folder.at(), process.cwd()).replaceAll("\\", "/")}"`)
    expect(testFileFor(reportOf([broken]), python, "test_a.py", {})).toContain('"check", , "--python"')
    expect(testFileFor(report, python, "test_a.py", {})).toContain('Path(__file__).parent / "."')
  })
})

describe("what the command and its process say to each other", () => {
  const standing = { beat: 7, underWay: ["authorize"], last: null }

  it("is a line of JSON, and anything else is nothing", () => {
    const message = { _tag: "Fault", message: "it\nfailed" } as const
    expect(lineOf(message)).toBe('{"_tag":"Fault","message":"it\\nfailed"}\n')
    expect(messageIn(lineOf(message))).toEqual(message)
    expect(messageIn("a line of a provider's own")).toBeUndefined()
  })

  it("is where the check stands in a record of one size, or nothing", () => {
    expect(standingIn(recordOf(standing))).toEqual(standing)
    expect(recordOf(standing)).toHaveLength(RECORD_BYTES)
    const long = recordOf({ ...standing, underWay: ["x".repeat(2 * RECORD_BYTES)] })
    expect([long.length, standingIn(long)]).toEqual([RECORD_BYTES, undefined])
    expect(standingIn("")).toBeUndefined()
  })
})
