/** Turning a branch round finds the condition that an annotation stands above, changes that alone, and skips what decides nothing. */
import { expect, it } from "vitest"
import { branchesOf } from "../../spec/trace/Negation.ts"

const negatedOf = (...lines: readonly string[]) =>
  branchesOf([{ path: "src/core/Fed.ts", text: ["/** Fed. */", ...lines].join("\n") }])

it.each([
  ["if (a && // if (b)\n b) c()", "a && // if (b)\n b"],
  ['return x === ")" ? a : b', 'x === ")"'],
  ["const f = (x: string): boolean => /a(b/.test(x)".replace("a(b", "a\\(b"), "/a\\(b/.test(x)"],
  ["const f = (x: number) => x > 1 && x < 3", "x > 1 && x < 3"],
  ["return (\n  a && b\n)", "(\n  a && b\n)"],
  ["const known = list.filter((one) => isKnown(one))", "isKnown(one)"],
  ["const found = get()\nif (found === undefined) fail()", "found === undefined"],
  ["const f = () => {\n  let a = 1\n  if (first) return y\n  if (z) return\n}", "first"],
])("%j turns round %j", (code, condition) => {
  const { branches, unconditionalCount } = negatedOf("function g() {", "//= ID", code, "}")
  expect(unconditionalCount).toBe(0)
  expect(branches).toHaveLength(1)
  const [branch] = branches
  expect(branch).toMatchObject({ path: "src/core/Fed.ts", ids: ["ID"], condition })
  expect(branch?.negated).toBe(
    ["/** Fed. */", "function g() {", "//= ID", code, "}"].join("\n").replace(condition, () => `!(${condition})`),
  )
})

it.each([
  "export const table = { a: 1 }",
  "const found = get()\nif (other) fail()",
  "const f = (x: string) => x.trim()",
  "export type A = B extends C ? D : E",
])("%j decides nothing", (code) => {
  expect(negatedOf("//= ID", code)).toEqual({ branches: [], unconditionalCount: 1 })
})

it("several annotations of one condition are one branch", () => {
  const { branches } = negatedOf("//= A", "// why", "//= B", "if (x) y()", "export const z = 1")
  expect(branches.map(({ ids, line }) => [ids.join(), line])).toEqual([["A,B", 5]])
})
