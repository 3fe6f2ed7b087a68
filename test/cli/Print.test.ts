/** The rules of output for people: aligned, and nothing from outside can write on the terminal. */
import { Effect } from "effect"
import { describe, expect, it, test } from "vitest"
import { printFields, printJson, printLine, printTable, textOf, time } from "../../src/cli/Print.ts"
import { keptStream, saidIn, withStreams } from "./SaidHere.ts"

test.each([
  ["\u001b[2Jcleared", "?[2Jcleared"],
  ["one\nstatus  deleted", "one?status  deleted"],
  ["abc\u202edef", "abc?def"],
  ["line\u2028line", "line?line"],
  [["a", "b\tc"], "a b?c"],
  ["plain é 東京", "plain é 東京"],
  [undefined, "-"],
  [null, "-"],
  ["", "-"],
  [[], "-"],
  [{ a: ["b"] }, '{"a":["b"]}'],
  [0, "0"],
  [false, "false"],
])("%j is shown as %j", (value, shown) => expect(textOf(value)).toBe(shown))

const printed = async (effect: Effect.Effect<void, unknown>): Promise<string> => (await saidIn(effect)).stdout

describe("what is printed", () => {
  it("is one line, a time in UTC, or JSON over lines", async () => {
    expect(await printed(printLine("a\u0007"))).toBe("a?\n")
    expect(time(0)).toBe("1970-01-01T00:00:00.000Z")
    expect(await printed(printJson({ a: ["\u0007"] }))).toBe('{\n  "a": [\n    "\\u0007"\n  ]\n}\n')
  })

  it("is fields, aligned, without those that say nothing", async () => {
    const fields = { id: "x", muchLonger: undefined, name: "", longer: null, since: 0 }
    expect(await printed(printFields(fields))).toBe("id     x\nname   -\nsince  0\n")
  })

  it("is a table under the headings of its first row, or a word where it is empty", async () => {
    const rows = [
      { id: "a", scope: ["one", "two"], note: "" },
      { id: "longer", note: "z" },
    ]
    expect(await printed(printTable(rows, "none"))).toBe(
      "id      scope    note\na       one two  -\nlonger  -        z\n",
    )
    expect(
      await printed(
        printTable(
          [
            { id: "a", state: "longer" },
            { id: "b", state: "x" },
          ],
          "none",
        ),
      ),
    ).toBe("id  state\na   longer\nb   x\n")
    expect(await printed(printTable([], "nobody"))).toBe("nobody\n")
  })
})

describe("what did not get out", () => {
  const failing = (code: string, effect: Effect.Effect<void, unknown>) =>
    withStreams({ stdout: keptStream({}, Object.assign(new Error("no space left"), { code })).stream }, () =>
      Effect.runPromise(Effect.match(effect, { onSuccess: () => "fine", onFailure: (fault) => fault })),
    )

  it("is a failure, unless the reader went away", async () => {
    expect(await failing("ENOSPC", printLine("shown once"))).toMatchObject({
      _tag: "CommandFault",
      message: "standard output cannot be written: no space left",
    })
    expect(await failing("EPIPE", printLine("a"))).toBe("fine")
  })

  it("because it is nested too deeply is told so", async () => {
    const endless: Array<unknown> = []
    endless.push(endless)
    expect(await failing("EPIPE", printJson(endless))).toMatchObject({
      _tag: "CommandFault",
      message: "the answer is nested too deeply to be shown as JSON",
    })
  })
})
