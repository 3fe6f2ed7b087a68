/**
 * That a sound secret is never said to be guessable, however few samples there are, and that a weak one always is. What is
 * random is the same in every run.
 */
import { createHmac, hash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { diceFrom } from "../../simulate/Dice.ts"
import { guessable, LEAST_SAMPLES, type Sample } from "./Guessing.ts"

const AT = Date.UTC(2033, 0, 1)
const circumstances = { at: AT, clientId: "client-1" }
const TIMES = 8

const dice = diceFrom("secrets of many kinds")
const hex = (count: number) => Buffer.from(dice.bytes(count)).toString("hex")
const base64url = (count: number) => Buffer.from(dice.bytes(count)).toString("base64url")
/** As `Math.random` gives them, in the form that it is mostly used in. */
const mathRandom = () => (dice.below(2 ** 53) / 2 ** 53).toString(36).slice(2)
/** RFC 9562 section 5.4. */
const uuid = () => hex(16).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5")

const sampled = (make: (index: number) => string, count: number): ReadonlyArray<Sample> =>
  Array.from({ length: count }, (_, index) => ({ text: make(index), known: [] }))

describe.each([LEAST_SAMPLES, 24, 260])("of %i samples,", (count) => {
  it.each<readonly [string, (index: number) => string]>([
    ["UUIDs", uuid],
    ["sixteen bytes in hexadecimal", () => hex(16)],
    ["eight bytes in hexadecimal", () => hex(8)],
    ["eight bytes in base64url", () => base64url(8)],
    ["twenty digits", () => Array.from({ length: 20 }, () => dice.below(10)).join("")],
    ["letters behind a time and a counter", (index) => `${AT}-${index}-${base64url(16)}`],
    ["what is signed by a secret key", (index) => createHmac("sha256", "key").update(String(index)).digest("hex")],
  ])("%s are never said to be guessable", (_, make) => {
    for (let time = 0; time < TIMES; time += 1) expect(guessable(sampled(make, count), circumstances)).toBeUndefined()
  })

  it.each<readonly [string, (index: number) => string]>([
    ["counters", (index) => `token-${index}`],
    ["counters in twenty digits", (index) => String(index).padStart(20, "0")],
    ["times and counters", (index) => `code-${AT / 1000}-${index}`],
    ["ids of a database", (index) => `${(AT / 1000).toString(16)}7f3a9c01d2${(0x3f2a10 + index).toString(16)}`],
    ["ten letters", () => base64url(8).slice(0, 10)],
    ["times", (index) => (AT + index).toString(36)],
    ["six bytes in hexadecimal", () => hex(6)],
    ["Math.random", mathRandom],
    ["a few letters behind a time and a counter", (index) => `${AT}-${index}-${base64url(4)}`],
    ["digests of a counter", (index) => hash("sha256", String(index))],
    ["contents in clear", (index) => Buffer.from(JSON.stringify({ index, at: AT })).toString("base64url")],
  ])("%s always are", (_, make) => {
    for (let time = 0; time < TIMES; time += 1) expect(guessable(sampled(make, count), circumstances)).toBeDefined()
  })
})

it("what is known already counts for nothing", () => {
  const bodies = Array.from({ length: LEAST_SAMPLES }, () => base64url(32))
  const beside = bodies.map((body) => ({ text: `access-${body}`, known: [`code-${body}`] }))
  expect(guessable(beside, circumstances)).toMatch(/^of their 50 characters, 0 bits are all/)
  const behind = bodies.map((body) => ({ text: body.slice(0, 16) + base64url(32), known: [body] }))
  expect(guessable(behind, circumstances)).toBeUndefined()
})

it("letters that are the base64url of a text by chance say nothing of the others", () => {
  const one = "e006".repeat(3)
  expect(Buffer.from(one, "base64url").toString("latin1")).toMatch(/^[\x20-\x7e]{9}$/)
  const beside = sampled((index) => (index === 7 ? one : hex(6)), LEAST_SAMPLES)
  expect(guessable(beside, circumstances)).toMatch(/^of their 12 characters, \d+ bits are all/)
})

it("the same twice is guessable, but for JWTs that say the same", () => {
  const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from("{}").toString("base64url")}.${base64url(32)}`
  expect(
    guessable(
      sampled(() => jwt, LEAST_SAMPLES),
      circumstances,
    ),
  ).toBeUndefined()
  expect(
    guessable(
      sampled(() => "token", LEAST_SAMPLES),
      circumstances,
    ),
  ).toBe("of 20 only 1 are not the same as another")
})

it("too few samples say nothing", () => {
  expect(
    guessable(
      sampled((index) => String(index), LEAST_SAMPLES - 1),
      circumstances,
    ),
  ).toBeUndefined()
})
