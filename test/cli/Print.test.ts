/** The rules of output for people: aligned, and nothing from outside can write on the terminal. */
import { expect, test } from "vitest"
import { textOf } from "../../src/cli/Print.ts"

test.each([
  ["\u001b[2Jcleared", "?[2Jcleared"],
  ["one\nstatus  deleted", "one?status  deleted"],
  ["abc\u202edef", "abc?def"],
  ["line\u2028line", "line?line"],
  [["a", "b\tc"], "a b?c"],
  ["plain é 東京", "plain é 東京"],
  [undefined, "-"],
  [[], "-"],
])("%j is shown as %j", (value, shown) => expect(textOf(value)).toBe(shown))
