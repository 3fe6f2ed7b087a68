/** What has no canonical text is refused with the reason, and no text is taken for one that is not the only one of its value. */
import { expect, it } from "vitest"
import { canonicalText, isCanonical, readCanonical } from "../../src/log/Canonical.ts"

it.each<readonly [string, unknown]>([
  ["lone surrogate in text", { a: "\ud800" }],
  ["lone surrogate in text", { "\udc00": 1 }],
  ["not a safe integer: 1.5", [1.5]],
  ["not a safe integer: 9007199254740992", 2 ** 53],
  ["not JSON: undefined", { a: undefined }],
  ["not JSON: bigint", 1n],
  ["not JSON: an object of a class", { a: new Date(0) }],
])("says `%s`", (message, value) => {
  expect(() => canonicalText(value)).toThrow(new TypeError(message))
})

it("is the same for an object of no class as for any other", () => {
  const bare = Object.assign(Object.create(null) as object, { b: [Object.create(null)], a: 1 })
  expect(canonicalText(bare)).toBe('{"a":1,"b":[{}]}')
})

it("is none where the value has none, whoever asks", () => {
  expect([isCanonical("1", 1), isCanonical("1.5", 1.5), isCanonical("1", 1n)]).toEqual([true, false, false])
  for (const text of ["1.5", "1e400", '"\\ud800"', "{"]) expect(readCanonical(text)).toBeUndefined()
})

it("is read as deep as 512, and no deeper, however much the stack would take", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
  expect([readCanonical(nested(512)), isCanonical(nested(513), JSON.parse(nested(513)))]).toEqual([
    JSON.parse(nested(512)),
    true,
  ])
  expect([513, 60_000].map((depth) => readCanonical(nested(depth)))).toEqual([undefined, undefined])
})
