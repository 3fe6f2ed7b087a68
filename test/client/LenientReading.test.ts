/** What others answered, as far as it can be read. */
import { expect, test } from "vitest"
import { isFiniteNumber, isRecordOf, isText, isTexts, readableMembers } from "../../src/client/LenientReading.ts"

interface Named {
  readonly name: string
  readonly age?: number
}
const shapes = { name: isText, age: isFiniteNumber }

test.each([
  [{ name: "a" }, true],
  [{ name: "a", age: 1, more: null }, true],
  [{ age: 1 }, false],
  [{ name: 1 }, false],
  [{ name: "a", age: "1" }, false],
  [{ name: "a", age: Infinity }, false],
  [{ name: "a", age: null }, false],
  [Object.create({ name: "a" }), false],
  [[], false],
  [null, false],
  ["name", false],
  [undefined, false],
])("%j is such a record: %s", (value: unknown, isOne) => {
  expect(isRecordOf<Named>(shapes, ["name"])(value)).toBe(isOne)
})

test("of a document the known members of the right shape are read, and nothing else", () => {
  const read = readableMembers<Named>(shapes)
  expect(read({ name: "a", age: "1", more: 2 })).toStrictEqual({ name: "a" })
  expect(read({ name: ["a"] })).toStrictEqual({})
  expect(read(JSON.parse(`{"__proto__": {"name": "a"}, "age": 0}`) as Record<string, unknown>)).toStrictEqual({
    age: 0,
  })
})

test("a list of texts has nothing but texts in it", () => {
  expect([isTexts([]), isTexts(["a", ""]), isTexts(["a", 1]), isTexts("a"), isTexts({ length: 0 })]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
