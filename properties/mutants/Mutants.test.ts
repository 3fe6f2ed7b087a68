/** A mutant that does not fit the source any more breaks nothing, and would be missed until somebody runs them all. */
import { existsSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { promises } from "../invariants/index.ts"
import { applyEdit, edit } from "./Mutant.ts"
import { mutants } from "./Mutants.ts"

const ROOT = new URL("../../", import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8")

test("every mutant fits the source as it is", () => {
  const misfits = mutants.flatMap(({ name, edits }) => {
    const texts = new Map<string, string>()
    try {
      for (const one of edits) texts.set(one.file, applyEdit(texts.get(one.file) ?? read(one.file), one))
      return []
    } catch (cause) {
      return [`${name}: ${String(cause)}`]
    }
  })
  expect(misfits).toEqual([])
})

test("an edit that fits nowhere, or in two places, is noticed", () => {
  expect(() => applyEdit("a b", edit("A.ts", "c", ""))).toThrow("A.ts no longer has: c")
  expect(() => applyEdit("a a", edit("A.ts", "a", ""))).toThrow("A.ts has more than once: a")
  expect(applyEdit("a b", edit("A.ts", "b", "c"))).toBe("a c")
})

test("the tests and the promise that must notice a mutant exist", () => {
  const names = promises.map(({ name }) => name)
  const lost = mutants.flatMap(({ name, promise, tests }) => [
    ...tests.filter((path) => !existsSync(new URL(path, ROOT))).map((path) => `${name}: ${path}`),
    ...(promise === undefined || names.includes(promise) ? [] : [`${name}: ${promise}`]),
  ])
  expect(lost).toEqual([])
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})
