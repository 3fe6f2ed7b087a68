/** Scopes of the core: only what is well-formed has the type. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { Scope, Scopes, parseScopes } from "../../src/core/index.ts"

//= RFC6749-3.3-scope-syntax
it("a scope that is none is told what one is", () => {
  expect(Schema.is(Scope)("read")).toBe(true)
  expect(() => Schema.decodeUnknownSync(Scope)("tab\tread")).toThrow(
    "a scope of printable ASCII without spaces, quotes and backslashes",
  )
})

it("at most 64 scopes stand in a list, and in a parameter", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `scope-${index}`)
  expect([64, 65].map((count) => Schema.is(Scopes)(many(count)))).toEqual([true, false])
  expect([64, 65].map((count) => parseScopes(many(count).join(" "))?.length)).toEqual([64, undefined])
})
