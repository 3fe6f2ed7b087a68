/** What a value from outside must look like, and what is said of the first thing that is wrong. */
import { expect, test } from "vitest"
import {
  expecting,
  listOf,
  numberBetween,
  objectWith,
  recordOf,
  text,
  textLike,
  wholeBetween,
  type Rule,
} from "../../src/protocol/Shape.ts"

const closed = objectWith({ required: { a: text }, optional: { b: listOf(text) }, isOpen: false })
const open = objectWith({ required: { a: text }, optional: {}, isOpen: true })

test.each<[string, Rule, unknown, string | undefined]>([
  ["a text", text, "", undefined],
  ["no text", text, 1, "Expected text"],
  ["a text of a form", textLike("digits", /^\d+$/), "12", undefined],
  ["a text of another form", textLike("digits", /^\d+$/), "1x", "Expected digits"],
  ["no text, though its form would do", textLike("digits", /^\d+$/), 12, "Expected digits"],
  ["what is expected", expecting("no", (value) => value === false), false, undefined],
  ["the least number", numberBetween(0, 1), 0, undefined],
  ["the largest number", numberBetween(0, 1), 1, undefined],
  ["a number between", numberBetween(0, 1), 0.5, undefined],
  ["too small a number", numberBetween(0, 1), -0.1, "Expected a number from 0 to 1"],
  ["too large a number", numberBetween(0, 1), 1.1, "Expected a number from 0 to 1"],
  ["no number", numberBetween(0, 1), "1", "Expected a number from 0 to 1"],
  ["what is not a number", numberBetween(0, 1), Number.NaN, "Expected a number from 0 to 1"],
  ["the least whole number", wholeBetween(1, 3), 1, undefined],
  ["the largest whole number", wholeBetween(1, 3), 3, undefined],
  ["a fraction", wholeBetween(1, 3), 1.5, "Expected a whole number from 1 to 3"],
  ["too small a whole number", wholeBetween(1, 3), 0, "Expected a whole number from 1 to 3"],
  ["too large a whole number", wholeBetween(1, 3), 4, "Expected a whole number from 1 to 3"],
  ["an empty list", listOf(text), [], undefined],
  ["no list", listOf(text), "a", "Expected a list"],
  ["a list whose second item is wrong", listOf(text), ["a", 1, 2], "Expected text at [1]"],
  ["an empty record", recordOf(text), {}, undefined],
  ["a record with a wrong member", recordOf(text), { a: "b", "c d": 1 }, 'Expected text at ["c d"]'],
  ["no record", recordOf(text), [], "Expected object"],
  ["no object", closed, null, "Expected object"],
  ["a list for an object", closed, [], "Expected object"],
  ["all that must be there", closed, { a: "" }, undefined],
  ["all that may be there", closed, { a: "", b: ["c"] }, undefined],
  ["a member that is missing", closed, {}, 'Expected text at ["a"]'],
  ["a member within a member", closed, { a: "", b: [1] }, 'Expected text at ["b"][0]'],
  ["an optional member that is undefined", closed, { a: "", b: undefined }, 'Expected a list at ["b"]'],
  ["a member that nobody knows", closed, { a: "", toString: 1 }, 'Unexpected member at ["toString"]'],
  ["a member that nobody knows, where others may be", open, { a: "", c: 1 }, undefined],
])("%s is judged", (_, rule, value, fault) => {
  expect(rule(value, "")).toBe(fault)
})
