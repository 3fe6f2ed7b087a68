/** The rules of a report that people read: nothing is left out, nothing from outside gets out of its place. */
import { stripVTControlCharacters } from "node:util"
import { describe, expect, it } from "vitest"
import type { KitReport, PromiseResult, StoryStep } from "../Report.ts"
import { renderPytestFile } from "./PytestFile.ts"
import { renderStories, renderStory } from "./Story.ts"
import { renderTable } from "./Table.ts"
import { renderTestFile } from "./TestFile.ts"

const step = (text: string, more: Partial<StoryStep> = {}): StoryStep => ({
  text,
  burst: null,
  expected: "refused, invalid_grant",
  observed: "refused, invalid_grant",
  operation: { _tag: "Verify", token: 0 },
  ...more,
})

const broken: PromiseResult = {
  promise: "CodeIsSingleUse",
  sentence: "At most one redemption yields tokens.",
  verdict: "broken",
  tries: 12,
  millis: 1234,
  reason: "code 0 yields tokens a second time",
  counterexample: {
    objection: "code 0 yields tokens a second time",
    seed: 7,
    path: "redeem at once",
    steps: [
      step("subject 0 approves", { expected: "code 0", observed: "code 0" }),
      step("client 0 redeems code 0", { burst: 1, expected: "access token 0", observed: "access token 0" }),
      step("client 0 redeems code 0", { burst: 1, observed: "access token 1" }),
      step("a resource server looks"),
    ],
  },
}
const kept: PromiseResult = {
  promise: "ReadsChangeNothing",
  sentence: "No read changes anything.",
  verdict: "kept",
  tries: 40,
  millis: 12,
}
const notTried: PromiseResult = {
  promise: "ExpiryIsExact",
  sentence: "Live until the end.",
  verdict: "not tried",
  tries: 0,
  millis: 0,
  reason: "there is no clock to turn",
}
const report: KitReport = {
  subject: "./provider.ts",
  call: ["./provider.ts"],
  results: [broken, kept, notTried],
  capabilities: { clock: "none" },
  seed: 7,
  operationCount: 99,
  millis: 2000,
}

describe("the table", () => {
  it("has a line for each promise, its verdict in a word, and the reason where it is not kept", () => {
    expect(renderTable(report).split("\n")).toEqual([
      "promise             verdict    tries   time",
      "CodeIsSingleUse     broken        12  1.2 s  code 0 yields tokens a second time",
      "ReadsChangeNothing  kept          40  12 ms",
      "ExpiryIsExact       not tried      -      -  there is no clock to turn",
      "",
      "clock  none",
      "",
      "./provider.ts: 1 kept, 1 broken, 1 not tried; 99 calls in 2.0 s, seed 7",
    ])
  })

  it("is coloured only when that is asked for, and says the same", () => {
    const colored = renderTable(report, { isColored: true })
    expect(renderTable(report)).not.toContain("\u001b")
    expect(colored).toContain("\u001b[31mbroken")
    expect(stripVTControlCharacters(colored)).toBe(renderTable(report))
  })

  it("lets nothing that came from outside move the cursor or start a line", () => {
    const reason = "bad\u001b[2J\nExpiryIsExact  kept"
    const shown = renderTable({ ...report, results: [{ ...notTried, reason }] })
    expect(shown).toContain("bad?[2J?ExpiryIsExact  kept")
    expect(shown.split("\n")).toHaveLength(6)
  })

  it("tells every reason in full: it goes on in the next line, and below its row on a narrow screen", () => {
    const capabilities = { clock: "turned: by `now`, taken for seconds and given in them" }
    const told = { ...report, results: [kept, notTried], capabilities }
    expect(renderTable(told, { width: 69 }).split("\n")).toEqual([
      "promise             verdict    tries   time",
      "ReadsChangeNothing  kept          40  12 ms",
      "ExpiryIsExact       not tried      -      -  there is no clock to",
      "                                             turn",
      "",
      "clock  turned: by `now`, taken for seconds and given in them",
      "",
      "./provider.ts: 1 kept, 0 broken, 1 not tried; 99 calls in 2.0 s, seed 7",
    ])
    expect(renderTable(told, { width: 40 }).split("\n").slice(2, 7)).toEqual([
      "ExpiryIsExact       not tried      -      -",
      "    there is no clock to turn",
      "",
      "clock  turned: by `now`, taken for",
      "       seconds and given in them",
    ])
  })

  it("says how many seeds were drawn from, and why the verdicts cannot be relied on", () => {
    const lines = renderTable({ ...report, seedCount: 3, failure: "`verifyToken` hung" }).split("\n")
    expect(lines.slice(-2)).toEqual([
      "./provider.ts: 1 kept, 1 broken, 1 not tried; 99 calls in 2.0 s, seeds 7 to 9",
      "not to be relied on: `verifyToken` hung",
    ])
  })
})

describe("the story", () => {
  it("numbers the calls, puts those of one burst together, and shows where model and reply part", () => {
    expect(renderStory(report, broken)!.split("\n")).toEqual([
      "CodeIsSingleUse is broken: code 0 yields tokens a second time",
      "  (At most one redemption yields tokens.)",
      "   1  subject 0 approves",
      "      → code 0",
      "   2  at the same time:",
      "     2.1  client 0 redeems code 0",
      "          → access token 0",
      "     2.2  client 0 redeems code 0",
      "            the model: refused, invalid_grant",
      "          ≠ observed:  access token 1",
      "   3  a resource server looks",
      "      → refused, invalid_grant",
      "  again: grantlog check ./provider.ts --seed 7 --path 'redeem at once' --only CodeIsSingleUse",
    ])
  })

  it("of a check that no command started ends with the options that tell it again", () => {
    expect(renderStory({}, broken)).toMatch(
      /\n {2}again: with \{"seed":7,"path":"redeem at once","only":\["CodeIsSingleUse"\]\}$/,
    )
  })

  it("asks again for every promise that it takes to see it", () => {
    const joint = { ...broken, counterexample: { ...broken.counterexample!, beside: ["ReplayKillsGrant"] } }
    expect(renderStory(report, joint)).toMatch(/ --only CodeIsSingleUse --only ReplayKillsGrant$/)
    const file = renderTestFile({ ...report, results: [joint] }, { _tag: "Issuer", url: "http://localhost" })
    expect(file).toContain('"only":["CodeIsSingleUse","ReplayKillsGrant"]')
  })

  it("is told of what is broken, and of nothing else", () => {
    expect(renderStories(report)).toHaveLength(1)
    expect(renderStory(report, kept)).toBeUndefined()
  })
})

describe("the test file", () => {
  const target = { _tag: "Provider", specifier: "./provider.ts", exportName: "make" } as const

  it("replays each broken promise by seed and path, on what it was found in", () => {
    const file = renderTestFile(report, target)!
    expect(file).toContain('import { make as provider } from "./provider.ts"')
    expect(file).toContain(
      'await checkProvider(provider, {"seed":7,"path":"redeem at once","only":["CodeIsSingleUse"]})',
    )
    expect(file.match(/^test\(/gm)).toHaveLength(1)
    expect(file).toContain("//      2.2  client 0 redeems code 0")
  })

  it("hands on what the module exports beside the provider, and says what loads it", () => {
    const file = renderTestFile(report, { ...target, companions: ["restart", "store"], needsLoader: true })!
    expect(file).toContain('import { make as provider, restart, store } from "./provider.ts"')
    expect(file).toContain('checkProvider(provider, { restart, store, ...{"seed":7,')
    expect(file).toContain("node --import tsx --test")
    const plain = renderTestFile(report, { ...target, exportName: "default", companions: ["approve"] })!
    expect(plain).toContain('import provider, { approve } from "./provider.ts"')
    expect(plain).toContain("Runs under vitest and under `node --test`.")
  })

  it("has nothing in it that somebody else wrote as code", () => {
    const objection = '*/ }); process.exit(0); //\n`${1}` "'
    const evil = { ...broken, sentence: objection, counterexample: { ...broken.counterexample!, objection } }
    const file = renderTestFile({ ...report, subject: objection, results: [evil] }, target)!
    const [comment, ...rest] = file.split("*/")
    expect(comment).toContain("* / }); process.exit(0)")
    const code = rest
      .join("*/")
      .replaceAll(/^ *\/\/.*$/gm, "")
      .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    expect(code).toContain("checkProvider(provider")
    expect(code).not.toMatch(/process\.exit|\*\//)
  })

  it("is not written when nothing is broken", () => {
    expect(renderTestFile({ ...report, results: [kept] }, target)).toBeUndefined()
  })
})

describe("the test file for pytest", () => {
  const call = ["python:auth:make", "--scope", "read write"]

  it("runs the command that tells each broken promise again, with the interpreter that runs the test", () => {
    const file = renderPytestFile(report, { call, folder: ".." })!
    expect(file).toContain('"check", "python:auth:make", "--scope", "read write", "--python", sys.executable, *story]')
    expect(file).toContain('folder = Path(__file__).parent / ".."')
    expect(file).toContain('def test_code_is_single_use():\n    "At most one redemption yields tokens."\n    # CodeIsS')
    expect(file).toContain('    check("--seed", "7", "--path", "redeem at once", "--only", "CodeIsSingleUse")\n')
    expect(file.match(/^def test_/gm)).toHaveLength(1)
    expect(renderPytestFile({ ...report, results: [kept] }, { call, folder: "." })).toBeUndefined()
  })

  it("has nothing in it that somebody else wrote as code", () => {
    const objection = '"""\n"); import os; os._exit(0) #\r"'
    const evil = { ...broken, sentence: objection, counterexample: { ...broken.counterexample!, objection } }
    const file = renderPytestFile(
      { ...report, subject: objection, results: [evil] },
      { call: [objection], folder: "." },
    )!
    const code = file.replaceAll(/^ *#.*$/gm, "").replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    expect(code).toContain("subprocess.run(")
    expect(code).not.toContain("_exit")
    expect(file).not.toContain("\r")
  })
})
