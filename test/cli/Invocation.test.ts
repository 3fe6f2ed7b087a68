/** What is wrong with a call: what was given, and what would do, in the words of whoever types. */
import * as CliError from "effect/cli/CliError"
import { describe, expect, it } from "vitest"
import { invocationFault, shownValue, wanted } from "../../src/cli/Invocation.ts"

describe("what would do", () => {
  it.each([
    ["Schema validation failed: Expected a value between 1 and 5", "a value between 1 and 5"],
    ["Expected: integer", "a whole number"],
    ["Expected an integer", "a whole number"],
    ["a string representing a finite number", "a whole number"],
    ["an integer or so", "an integer or so"],
    ["not an integer", "not an integer"],
    ["Schema validation failed: an integer", "Schema validation failed: an integer"],
    ["is Expected: integer", "is Expected: integer"],
    ['"true" | "false" | "yes"', "true or false"],
    ['a "true" | "b"', "a true or b"],
    ["string", "text"],
    ["a string", "a string"],
    ["string of words", "string of words"],
    ["a string matching the RegExp ^a\nb$", "text of another form"],
    ["not a string matching the RegExp x", "not a string matching the RegExp x"],
    ['"a" | "b" | "c"', "a or b or c"],
  ])("%j is %j", (expected, words) => expect(wanted(expected)).toBe(words))
})

it("a value is shown up to 64 characters", () => {
  expect(shownValue("x".repeat(64))).toBe("x".repeat(64))
  expect(shownValue("x".repeat(65))).toBe(`${"x".repeat(63)}…`)
})

describe("a fault", () => {
  const value = (kind: "flag" | "argument", given: string) =>
    new CliError.InvalidValue({ option: "port", value: given, expected: "integer", kind })
  const option = (name: string) => new CliError.UnrecognizedOption({ option: name, suggestions: [] })
  const HYPHEN =
    "a word with a hyphen in front is read as flags of a letter each: an id that has one goes last, behind `--`"

  it.each([
    [value("flag", "x"), "--port is `x`: give a whole number"],
    [value("flag", ""), "--port needs a value: give a whole number"],
    [value("argument", "x"), "<port> is `x`: give a whole number"],
    [option("-a"), HYPHEN],
    [option("-ab"), "Unrecognized flag: -ab"],
    [option("x-a"), "Unrecognized flag: x-a"],
    [option("--"), "Unrecognized flag: --"],
    [option("--port"), "Unrecognized flag: --port"],
  ])("is told: %s", (fault, told) => expect(invocationFault(fault)).toBe(told))

  it("of another kind is told as the library tells it", () => {
    const missing = new CliError.MissingOption({ option: "-a" })
    expect(invocationFault(missing)).toBe(missing.message)
  })
})
