/** Resources of the core: only what is well-formed has the type. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { Resource, Resources } from "../../src/core/index.ts"

//= RFC8707-2-absolute-no-fragment
it("a resource that is none is told what one is", () => {
  const decode = Schema.decodeUnknownSync(Resource)
  expect(decode("https://files.example/mcp")).toBe("https://files.example/mcp")
  expect(() => decode("https://files.example/#x")).toThrow(
    "expected an absolute URI without fragment and user information",
  )
  expect(() => decode("https://files.example/".padEnd(2049, "a"))).toThrow("2048")
})

it("at most 16 resources stand in a list", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `https://files.example/${index}`)
  expect([16, 17].map((count) => Schema.is(Resources)(many(count)))).toEqual([true, false])
})
