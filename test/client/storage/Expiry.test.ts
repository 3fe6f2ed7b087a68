/** When what is stored ends, and what is taken for it. */
import { expect, test } from "vitest"
import { endOf, hasEnded, readDated, writeDated } from "../../../src/client/storage/Expiry.ts"

const NOW = 1_700_000_000_000

test("a value ends after its ttl, in seconds, or never", () => {
  expect(endOf(NOW, undefined)).toBeUndefined()
  expect(endOf(NOW, 0.5)).toBe(NOW + 500)
  expect([hasEnded(undefined, NOW), hasEnded(NOW + 1, NOW), hasEnded(NOW, NOW), hasEnded(NOW - 1, NOW)]).toEqual([
    false,
    false,
    true,
    true,
  ])
})

test.each([0, -1, Number.NaN, Infinity])("a ttl of %d is refused", (ttlSeconds) => {
  expect(() => endOf(NOW, ttlSeconds)).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      message: `ttlSeconds is \`${ttlSeconds}\`: give a number above 0, or leave it out`,
    }),
  )
})

test("what was written is read, until its end", () => {
  expect(readDated(writeDated("a", "value", undefined), "a", NOW, "here")).toBe("value")
  const text = writeDated("a", "value", NOW)
  expect(readDated(text, "a", NOW - 1, "here")).toBe("value")
  expect(readDated(text, "a", NOW, "here")).toBeUndefined()
  expect(JSON.parse(writeDated("a", "value", undefined))).toStrictEqual({ key: "a", value: "value" })
})

test.each([
  "",
  "{}",
  writeDated("b", "value", undefined),
  JSON.stringify({ key: "a", value: 5 }),
  JSON.stringify({ key: "a", value: "x", more: 1 }),
  JSON.stringify({ key: "a", value: "x", expiresAt: "soon" }),
])("what is not what was stored is damage, named by its place: %s", (text) => {
  expect(() => readDated(text, "a", NOW, "`here`")).toThrow(
    expect.objectContaining({
      code: "corrupt",
      message: "`here` is not what was stored for `a`: delete it and log in again",
    }),
  )
})
