/** An operation as a value: where what is asked stands in a request, and that nothing else is taken. */
import { Effect, Schema } from "effect"
import { expect, it } from "vitest"
import { groups, namesInPath, operation, placesOf } from "../../../src/cli/admin/Operation.ts"
import { operations } from "../../../src/cli/admin/operations/index.ts"
import type { Place } from "../../../src/cli/admin/Place.ts"

const place = {} as Place

const described = {
  name: "echo",
  group: "audit",
  path: "/admin/{first}/of/{second_one}",
  summary: "Echo",
  description: "What was asked.",
  status: 200,
  refusals: [],
  fields: { first: Schema.String, second_one: Schema.Int, more: Schema.optionalKey(Schema.Boolean) },
  answer: Schema.Unknown,
  run: (at: Place, asked: object) => Effect.succeed({ isThere: at === place, asked }),
} as const

it("the names in braces of a path are in the path, the others in the query, or in the body of a POST", () => {
  const { first, second_one, more } = described.fields
  expect(namesInPath(described.path)).toEqual(["first", "second_one"])
  expect(namesInPath("/admin/clients")).toEqual([])
  for (const method of ["GET", "DELETE"] as const)
    expect(placesOf({ ...described, method })).toEqual({ params: { first, second_one }, query: { more }, body: {} })
  expect(placesOf({ ...described, method: "POST" })).toEqual({
    params: { first, second_one },
    query: {},
    body: { more },
  })
})

it("what is asked is read by the fields, and what none of them is for is refused", () => {
  const one = operation({ ...described, method: "GET" })
  const { run, ...told } = described
  expect(one).toMatchObject({ ...told, method: "GET" })
  const asked = { first: "a", second_one: 2 }
  expect(Effect.runSync(one.carryOut(place, asked))).toEqual({ isThere: true, asked })
  const message = (given: unknown) =>
    (Effect.runSync(Effect.flip(one.carryOut(place, given))) as Schema.SchemaError).message
  expect(message({ ...asked, other: 1 })).toContain('["other"]')
  expect(message({ ...asked, second_one: "2" })).toContain('["second_one"]')
  expect(message({ second_one: 2 })).toContain('["first"]')
})

it("every operation has a name of its own and belongs to a group", () => {
  expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length)
  expect(new Set(operations.map(({ group }) => group))).toEqual(new Set(Object.keys(groups)))
})
